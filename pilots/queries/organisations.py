"""Organisations and units: the rows of their list, and everything on a page of one."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from pilots.models import AreaMembership, EducationForm, EmploymentArea, Municipality, Organisation, PilotArea, Unit
from pilots.models.base import sort_field
from pilots.queries.network import Body, grouped, shown_as_members, with_areas


def organisations() -> QuerySet[Organisation]:
    return Organisation.objects.select_related("municipality", "part_of")


def units_of(owners: Iterable[Organisation]) -> dict[int, list[Unit]]:
    found: dict[int, list[Unit]] = {}
    for unit in Unit.objects.filter(owner__in=list(owners)).order_by(sort_field(), "pk"):
        found.setdefault(unit.owner_id, []).append(unit)
    return found


def membership_areas() -> list[AreaMembership]:
    """Who is in which area, in the areas' order: for a list of bodies and for the choice of an area."""
    rows = AreaMembership.objects.filter(shown_as_members()).select_related("area", "unit")
    rows = rows.only("organisation", "area__number", "area__slug", "area__name_fi", "area__name_sv", "unit__owner")
    return list(rows.order_by("area__number", "position", "pk"))


def areas_among(rows: Sequence[AreaMembership]) -> list[PilotArea]:
    return list({row.area_id: row.area for row in rows}.values())


def areas_by_organisation(rows: Sequence[AreaMembership]) -> dict[int, list[PilotArea]]:
    """An organisation is in an area itself or through a unit of its own."""
    found: dict[int, dict[int, PilotArea]] = {}
    for row in rows:
        found.setdefault(row.organisation_id or row.unit.owner_id, {})[row.area_id] = row.area
    return {organisation: list(areas.values()) for organisation, areas in found.items()}


@dataclass(frozen=True)
class OrganisationFacts:
    organisation: Organisation
    parts: list[Organisation]
    memberships: list[AreaMembership]
    channelled: list[AreaMembership]
    units: list[Body]
    co_hosted: list[Body]
    education_forms: list[EducationForm]
    employment_areas: list[EmploymentArea]

    @property
    def area_ids(self) -> set[int]:
        of_units = {row.area.pk for one in self.units for row in one.areas}
        return of_units | {row.area_id for row in self.memberships}


def organisation_facts(slug: str) -> OrganisationFacts | None:
    """Everything on an organisation's page but the contacts, in three queries; None when there is no such organisation."""
    rows = list(_with_forms_and_served(organisations().filter(Q(slug=slug) | Q(part_of__slug=slug))))
    own_rows = [row for row in rows if row.slug == slug]
    if not own_rows:
        return None
    organisation = own_rows[0]
    memberships = _memberships(Q(organisation=organisation) | Q(through=organisation))
    units = grouped(with_areas(_units_with(organisation)))
    return OrganisationFacts(
        organisation=organisation,
        parts=list({row.pk: row for row in rows if row.pk != organisation.pk}.values()),
        memberships=[row for row in memberships if row.organisation_id == organisation.pk],
        channelled=[row for row in memberships if row.through_id == organisation.pk],
        units=[one for one in units if one.body.owner_id == organisation.pk],
        co_hosted=[one for one in units if one.body.owner_id != organisation.pk],
        education_forms=list({row.form_code: _education_form(row) for row in own_rows if row.form_code}.values()),
        employment_areas=list({row.served: _employment_area(row) for row in own_rows if row.served}.values()),
    )


def _with_forms(bodies: QuerySet) -> QuerySet:
    """Organisations or units, one row for each form of education they give."""
    forms = {f"form_{name}": F(f"education_forms__{name}") for name in ("code", "position", "name_fi", "name_sv", "name_en")}
    return bodies.annotate(**forms).order_by("form_position")


def _with_forms_and_served(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """One row for each form of education and municipality served, so that all of it is one query; who serves many gives little education."""
    served = {f"served_{name}": F(f"employment_areas__{name}") for name in ("form", "starts_on", "ends_on")}
    place = {f"served_{name}": F(f"employment_areas__municipality__{name}") for name in ("code", "name_fi", "name_sv")}
    rows = _with_forms(organisations).annotate(**served, **place, served=F("employment_areas"))
    return rows.order_by(sort_field(), "pk", "form_position", f"employment_areas__municipality__{sort_field()}", "served_starts_on")


def _education_form(row: Organisation | Unit) -> EducationForm:
    names = {f"name_{code}": getattr(row, f"form_name_{code}") for code in ("fi", "sv", "en")}
    return EducationForm(code=row.form_code, position=row.form_position, **names)


def _employment_area(row: Organisation) -> EmploymentArea:
    municipality = Municipality(code=row.served_code, name_fi=row.served_name_fi, name_sv=row.served_name_sv)
    return EmploymentArea(municipality=municipality, form=row.served_form, starts_on=row.served_starts_on, ends_on=row.served_ends_on)


def _memberships(condition: Q) -> list[AreaMembership]:
    rows = AreaMembership.objects.filter(shown_as_members(), condition).order_by("area__number", "position", "pk")
    return list(rows.select_related("area__round", "organisation__municipality", "unit", "through"))


def _units_with(organisation: Organisation) -> QuerySet[Unit]:
    hosted = Unit.co_hosts.through.objects.filter(organisation=organisation).values("unit")
    units = Unit.objects.filter(Q(owner=organisation) | Q(pk__in=hosted))
    return units.select_related("owner", "municipality").order_by(sort_field(), "pk")


@dataclass(frozen=True)
class UnitFacts:
    unit: Unit
    co_hosts: list[Organisation]
    memberships: list[AreaMembership]
    education_forms: list[EducationForm]

    @property
    def area_ids(self) -> set[int]:
        return {row.area_id for row in self.memberships}


def unit_facts(slug: str) -> UnitFacts | None:
    """Everything on a unit's page but the contacts, in three queries; None when there is no such unit."""
    rows = list(_with_forms(Unit.objects.filter(slug=slug).select_related("owner__part_of", "municipality")))
    if not rows:
        return None
    unit = rows[0]
    return UnitFacts(
        unit=unit,
        co_hosts=list(unit.co_hosts.order_by(sort_field(), "pk")),
        memberships=_memberships(Q(unit=unit)),
        education_forms=[_education_form(row) for row in rows if row.form_code],
    )
