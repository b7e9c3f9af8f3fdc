"""Whom to call."""
from collections.abc import Iterable
from functools import cache

from django.db.models import BigIntegerField, Case, Count, F, IntegerField, Q, QuerySet, When

from pilots.choices import ContactTask
from pilots.models import Contact, Municipality, Organisation, PilotArea, Unit
from pilots.queries.prepared import Given, Prepared

# Tasks in the order of their list, not of their codes.
TASK_ORDER = Case(*(When(task=task, then=place) for place, task in enumerate(ContactTask.values)), output_field=IntegerField())
BY_TASK = (TASK_ORDER, "name", "pk")
PLACES = ("area", "organisation", "unit")
SHOWN = (
    *(field.name for field in Contact._meta.concrete_fields),
    *(f"{place}__{name}" for place in PLACES for name in ("slug", "name_fi", "name_sv")),
    *("organisation__name_en", "unit__name_en"),
)
OWN_FIRST = (F("area_id").asc(nulls_first=True), *BY_TASK)


def current() -> QuerySet[Contact]:
    """People who may be called today, by task and name, with the place each belongs to."""
    return Contact.objects.filter(ended_on=None).select_related(*PLACES).only(*SHOWN).order_by(*BY_TASK)


def of_area(area: PilotArea) -> list[Contact]:
    """Each says nothing of the area: it stands on the area's own page."""
    return _of_area().ask(area=area.pk)


@cache
def _of_area() -> Prepared:
    return Prepared(current().select_related(None).only(*(field.name for field in Contact._meta.concrete_fields)).filter(area=Given("area", BigIntegerField())))


def of_organisation(organisation: Organisation, area_ids: Iterable[int]) -> QuerySet[Contact]:
    """The organisation's own people first, then those of its areas."""
    return current().filter(Q(organisation=organisation) | Q(area__in=list(area_ids))).order_by(*OWN_FIRST)


def of_unit(unit: Unit, area_ids: Iterable[int]) -> QuerySet[Contact]:
    return current().filter(Q(unit=unit) | Q(area__in=list(area_ids))).order_by(*OWN_FIRST)


def of_municipality(municipality: Municipality, area_ids: Iterable[int]) -> QuerySet[Contact]:
    """Those of the areas that the municipality takes part in, and of the municipality as an organisation."""
    own = Q(organisation__municipality=municipality, organisation__kind="municipality")
    return current().filter(own | Q(area__in=list(area_ids))).order_by(*OWN_FIRST)


def count_by_task() -> dict[str, int]:
    return dict(Contact.objects.filter(ended_on=None).order_by().values_list("task").annotate(Count("pk")))
