"""Which services an organisation sees and may use."""
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.utils import timezone
from django.utils.translation import get_language

from pilots.models import AreaMembership, Membership, Municipality
from pilots.models.base import sort_field
from pilots.permissions import Acting
from pilots.queries.network import areas_in_order, education_forms, shown_as_members
from pilots.queries.prepared import Given, Prepared
from services.choices import Audience, Publication
from services.models import Booking, Enrolment, SharedService
from services.queries.fitting import line_km

AREA, FORM, MUNICIPALITY = 1, 2, 3
LISTED = ("name_fi", "name_sv", "kind", "delivery", "languages", "check_by", "is_demo", "photo__service", "photo__stored_as", "photo__alt_fi", "photo__alt_sv")
NAMES = {"provider_fi": "organisation__name_fi", "provider_sv": "organisation__name_sv", "provider_en": "organisation__name_en", "where_fi": "place__municipality__name_fi", "where_sv": "place__municipality__name_sv"}
SHOWN_WITH = ("organisation", "unit", "place__municipality", "resource", "photo")


def may_use(acting: Acting) -> Q:
    """Condition on services: the acting organisation is one of those that the owner offers it to, or the owner itself.

    An organisation belongs to an area itself or by a unit of its own. Someone without an organisation may use nothing.
    """
    return open_to(acting.organisation_id) if acting else Q(pk__in=[])


def open_to(organisation: int | Given, model: type[Model] = SharedService, today: Given | None = None) -> Q:
    """The same condition for an organisation, on services or on another model with `audience` and the three lists.

    The keys of what is offered to the chosen are read once, not for each service. A membership's end is looked at on the day `today`.
    """
    of_areas = AreaMembership.objects.filter(shown_as_members(today=today), Q(organisation=organisation) | Q(unit__owner=organisation)).values("area")
    named: dict[str, dict] = {"for_areas": {"pilotarea__in": of_areas}, "for_municipalities": {"municipality__organisations": organisation}, "for_organisations": {"organisation": organisation}}
    lists = [model._meta.get_field(name).remote_field.through.objects.filter(**who).values(str(model._meta.model_name)) for name, who in named.items()]
    chosen = reduce(or_, (Q(pk__in=rows) for rows in lists))
    return Q(organisation=organisation) | Q(audience=Audience.NETWORK) | (Q(audience=Audience.CHOSEN) & chosen)


def visible_services(acting: Acting, usable_ones: Q | None = None) -> QuerySet[SharedService]:
    """Public services that the reader may use or may know of; `usable` tells which. Drafts and archived ones are the owner's alone.

    `usable_ones`: what `may_use` says, when it has been read already.
    """
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    return _with_usable(acting, usable_ones).filter(own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True)))


def known_services(acting: Acting) -> QuerySet[SharedService]:
    """What is visible, and what the organisation has ever booked or had seats in: what one has borrowed keeps its page, whatever has become of it."""
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    seen: Any = own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True))
    if acting:
        seen |= Exists(Booking.objects.filter(service=OuterRef("pk"), organisation=acting.organisation_id))
        seen |= Exists(Enrolment.objects.filter(run__service=OuterRef("pk"), organisation=acting.organisation_id))
    return _with_usable(acting).filter(seen)


def _with_usable(acting: Acting, usable_ones: Q | None = None) -> QuerySet[SharedService]:
    usable = ExpressionWrapper(usable_ones or may_use(acting), output_field=BooleanField()) if acting else Value(False, output_field=BooleanField())
    return SharedService.objects.annotate(usable=usable)


def listed_services(acting: Acting) -> QuerySet[SharedService]:
    """The public ones for a list that is narrowed in many ways: the keys of what is offered to the chosen are read beforehand, as each way of narrowing asks who may use a service."""
    usable = None
    if acting:
        chosen = _chosen_for().ask(organisation=acting.organisation_id, today=timezone.localdate())
        usable = Q(organisation=acting.organisation_id) | Q(audience=Audience.NETWORK) | Q(pk__in=chosen)
    return visible_services(acting, usable).filter(state=Publication.PUBLIC)


def as_rows(services: QuerySet[SharedService]) -> QuerySet[SharedService]:
    """Only what a row of a list shows: the photo, and names of the provider and the municipality."""
    return services.select_related("photo").annotate(**{name: F(path) for name, path in NAMES.items()}).only(*LISTED)


@cache
def _chosen_for() -> Prepared:
    organisation = Given("organisation", BigIntegerField())
    rows = SharedService.objects.filter(open_to(organisation, today=Given("today", DateField())), audience=Audience.CHOSEN, state=Publication.PUBLIC)
    return Prepared(rows.order_by().values_list("pk", flat=True))


def find_usable(acting: Membership, pk: int) -> SharedService | None:
    """A service of a resource that the organisation may use, with what its calendar shows; the owner's own in every state."""
    found = _usable_of_resource().ask(organisation=acting.organisation_id, today=timezone.localdate(), service=pk)
    return found[0] if found else None


@cache
def _usable_of_resource() -> Prepared:
    organisation, today, service = Given("organisation", BigIntegerField()), Given("today", DateField()), Given("service", BigIntegerField())
    rows = SharedService.objects.filter(open_to(organisation, today=today), Q(organisation=organisation) | Q(state=Publication.PUBLIC), pk=service, resource__isnull=False)
    shown = [f"resource__{path}{field}" for path in ("", "whole__") for field in ("id", "mode", "kind", "buffer_before", "buffer_after", "start_interval", "whole", "owner")]
    return Prepared(rows.select_related("resource__whole").only("name_fi", "name_sv", "state", "resource", *shown).order_by())


class Choice(NamedTuple):
    """An area, a form of education or a municipality that a filter offers."""

    kind: int
    pk: int
    code: str
    name_fi: str
    name_sv: str
    name_en: str
    latitude: float | None
    longitude: float | None
    position: int
    sort_key_fi: str
    sort_key_sv: str

    @property
    def name(self) -> str:
        language = (get_language() or "fi")[:2]
        return {"sv": self.name_sv, "en": self.name_en}.get(language) or self.name_fi


@dataclass(frozen=True)
class Choices:
    areas: list[Choice]
    forms: list[Choice]
    municipalities: list[Choice]


def choices_of_catalogue() -> Choices:
    """What the filters of the catalogue offer, each in its order; one query."""
    rows = [Choice(*row) for row in _choices().ask(today=timezone.localdate())]
    by_name = sort_field()
    areas, forms = (sorted((row for row in rows if row.kind == kind), key=lambda row: row.position) for kind in (AREA, FORM))
    return Choices(areas, forms, sorted((row for row in rows if row.kind == MUNICIPALITY), key=lambda row: getattr(row, by_name)))


@cache
def _choices() -> Prepared:
    nowhere, empty = Value(None, FloatField()), Value("", CharField())

    def rows(queryset: QuerySet, kind: int, *columns: str | Value | F) -> QuerySet:
        named = [F(column) if isinstance(column, str) else column for column in columns]
        return queryset.order_by().values_list(Value(kind, IntegerField()), *named)

    today = Given("today", DateField())
    municipalities = Municipality.objects.filter(Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_to=None) | Q(valid_to__gt=today))
    # The municipalities first: by them PostgreSQL knows the kind of what the others have not.
    return Prepared(
        rows(municipalities, MUNICIPALITY, "pk", "code", "name_fi", "name_sv", empty, "latitude", "longitude", Value(0, IntegerField()), "sort_key_fi", "sort_key_sv").union(
            rows(areas_in_order(), AREA, "pk", "slug", "name_fi", "name_sv", empty, nowhere, nowhere, "number", empty, empty),
            rows(education_forms(), FORM, "pk", "code", "name_fi", "name_sv", "name_en", nowhere, nowhere, "position", empty, empty),
            all=True,
        )
    )


def municipalities_to_choose() -> QuerySet[Municipality]:
    """Today's municipalities by name, with what a distance is counted from."""
    return Municipality.objects.on(timezone.localdate()).order_by(sort_field()).only("code", "name_fi", "name_sv", "latitude", "longitude")


def municipalities_within(municipalities: Iterable[Municipality | Choice], code: str, km: int) -> list[str]:
    """Codes of the municipalities whose midpoints lie within that many kilometres of the named one's, itself among them."""
    midpoints = {one.code: (one.latitude, one.longitude) for one in municipalities if one.latitude is not None and one.longitude is not None}
    here = midpoints.get(code)
    return [other for other, there in midpoints.items() if line_km(here, there) <= km] if here and km else [code]
