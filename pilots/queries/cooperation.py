"""Cooperation models: who sees which, all of one, and what was written compared with what was written before or elsewhere."""
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from pilots.choices import Permission, PublicationState
from pilots.models import AreaMembership, Contact, CooperationModel, ModelGoal, ModelPartner, ModelStatusPeriod, Municipality
from pilots.models.base import sort_field
from pilots.permissions import Acting, may, may_keep
from pilots.queries.network import shown_as_members

# What is written in the model's own row; the rest of its content is in PARTS.
FIELDS = (
    *("name_fi", "name_sv", "summary_fi", "summary_sv", "body_fi", "body_sv", "cost", "cost_fi", "cost_sv"),
    *("lessons_fi", "lessons_sv", "contact", "check_by"),
)
PARTS = ("education_forms", "municipalities", "partners", "goals", "status", "results", "links")
PARTNER_FIELDS = ("actions_fi", "actions_sv", "euros", "contribution_fi", "contribution_sv")
RESULT_FIELDS = ("tag", "text_fi", "text_sv", "figure", "unit", "measured_on", "how_fi", "how_sv")
LINK_FIELDS = ("title", "url")


def visible_models(acting: Acting) -> QuerySet[CooperationModel]:
    """Drafts are for those who keep them; what is archived can still be read."""
    seen = ~Q(state=PublicationState.DRAFT)
    if may(acting, Permission.EDIT_OWN_AREA):
        seen |= Q(area=acting.area_id) | Q(area=None, organisation=acting.organisation_id)
    if may(acting, Permission.MODERATE):
        seen |= Q(area=None)
    return CooperationModel.objects.filter(seen)


def own_models(acting: Acting) -> QuerySet[CooperationModel]:
    """All that `acting` keeps, drafts and archived ones too."""
    mine = Q(pk__in=[])
    if may(acting, Permission.EDIT_OWN_AREA):
        mine |= Q(area=acting.area_id) | Q(area=None, organisation=acting.organisation_id)
    if may(acting, Permission.MODERATE):
        mine |= Q(area=None)
    return for_rows(CooperationModel.objects.filter(mine))


def listed_models() -> QuerySet[CooperationModel]:
    return for_rows(CooperationModel.objects.filter(state=PublicationState.PUBLIC))


def touching(places: QuerySet[Municipality]) -> Q:
    """Condition on models: they name one of the municipalities, or an organisation or unit whose home it is keeps them or is a partner in them."""
    keys = places.values("pk")
    named = CooperationModel.municipalities.through.objects.filter(municipality__in=keys).values("cooperationmodel")
    partners = ModelPartner.objects.filter(Q(organisation__municipality__in=keys) | Q(unit__municipality__in=keys)).values("model")
    return Q(organisation__municipality__in=keys) | Q(pk__in=named) | Q(pk__in=partners)


def for_rows(models: QuerySet[CooperationModel]) -> QuerySet[CooperationModel]:
    """With what a row of a list shows: owner, status of today, goals. Two queries more."""
    today = ModelStatusPeriod.objects.filter(ends_on=None)
    goals = ModelGoal.objects.select_related("goal")
    long = ("body_fi", "body_sv", "lessons_fi", "lessons_sv", "parts", "search_words", "cost_fi", "cost_sv")
    found = models.select_related("area", "organisation").defer(*long)
    return found.prefetch_related(Prefetch("statuses", today, to_attr="open_statuses"), Prefetch("served_goals", goals, to_attr="goals")).order_by(sort_field(), "pk")


def get_model(acting: Acting, pk: int) -> CooperationModel:
    """Raises Http404, for another's draft as for a missing model."""
    model = visible_models(acting).select_related("area__round", "organisation", "contact", "copied_from").filter(pk=pk).first()
    if model is None:
        raise Http404
    return model


def get_model_to_edit(acting: Acting, pk: int) -> CooperationModel:
    """Raises Http404 as `get_model`, PermissionDenied for those who may read it only."""
    model = get_model(acting, pk)
    if not may_keep(acting, model):
        raise PermissionDenied
    return model


def partners_of(model: CooperationModel) -> list[ModelPartner]:
    places = ("organisation__municipality", "unit__municipality", "unit__owner__municipality")
    return list(model.partners.select_related(*places))


def crossed_municipalities(model: CooperationModel, partners: Iterable[ModelPartner]) -> tuple[list[Municipality], bool]:
    """The municipalities whose borders the model crosses, and whether they were stated; else they are the partners' home municipalities."""
    if stated := list(model.municipalities.order_by(sort_field())):
        return stated, True
    homes = {}
    for partner in partners:
        home = partner.organisation.municipality if partner.organisation else (partner.unit.municipality or partner.unit.owner.municipality) if partner.unit else None
        if home:
            homes[home.pk] = home
    return sorted(homes.values(), key=lambda home: getattr(home, sort_field())), False


def contacts_for(model_or_acting: Any) -> QuerySet[Contact]:
    """People who can be named as the contact: those of the owner."""
    place = Q(area=model_or_acting.area_id) if model_or_acting.area_id else Q(organisation=model_or_acting.organisation_id)
    return Contact.objects.filter(place, ended_on=None)


def names_near(area_id: int | None) -> list[str]:
    """Bodies that are offered while a partner's name is typed: those of the area. Any other can be written."""
    members = AreaMembership.objects.filter(shown_as_members(), area=area_id).select_related("organisation", "unit") if area_id else []
    return sorted({row.body.name for row in members}, key=str.casefold)


# What is written, as values -------------------------------------------------------------------


def values_of(model: CooperationModel) -> dict[str, Any]:
    """All that the form asks for, as the actions take it."""
    status = model.statuses.filter(ends_on=None).first()
    return {name: getattr(model, name) for name in FIELDS} | {
        "education_forms": list(model.education_forms.all()),
        "municipalities": list(model.municipalities.order_by(sort_field())),
        "partners": [{name: getattr(row, name) for name in ("organisation", "unit", "outside", *PARTNER_FIELDS)} for row in model.partners.select_related("organisation", "unit")],
        "goals": [{"goal": row.goal, "how_fi": row.how_fi, "how_sv": row.how_sv} for row in model.served_goals.select_related("goal")],
        "status": {"status": status.status, "starts_on": status.starts_on} if status else {},
        "results": [{name: getattr(row, name) for name in RESULT_FIELDS} for row in model.results.all()],
        "links": [{name: getattr(row, name) for name in LINK_FIELDS} for row in model.links.all()],
    }


def parts_of(values: dict[str, Any]) -> dict[str, Any]:
    """What stands in other tables, plain enough for JSON and the same whichever language it is read in."""
    return {
        "education_forms": sorted(form.code for form in values["education_forms"]),
        "municipalities": sorted(municipality.code for municipality in values["municipalities"]),
        "partners": [{"body": _code_of(row), "name": _name_of(row)} | {name: _plain(row[name]) for name in PARTNER_FIELDS} for row in values["partners"]],
        "goals": sorted(({"number": row["goal"].number, "how_fi": row["how_fi"], "how_sv": row["how_sv"]} for row in values["goals"]), key=lambda row: row["number"]),
        "status": {name: _plain(value) for name, value in values["status"].items()},
        "results": [{name: _plain(row[name]) for name in RESULT_FIELDS} for row in values["results"]],
        "links": [{name: row[name] for name in LINK_FIELDS} for row in values["links"]],
    }


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal("0.01")))
    return "" if value is None else str(value)


def _code_of(row: dict[str, Any]) -> str:
    return f"organisation-{row['organisation'].pk}" if row["organisation"] else f"unit-{row['unit'].pk}" if row["unit"] else ""


def _name_of(row: dict[str, Any]) -> str:
    body = row["organisation"] or row["unit"]
    return body.name_fi if body else row["outside"]
