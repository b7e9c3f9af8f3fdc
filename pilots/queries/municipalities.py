"""Municipalities: the rows of their list, and everything that one municipality's page shows."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from pilots.choices import EmploymentAuthorityForm, OrganisationKind
from pilots.models import AreaMembership, Municipality, MunicipalityRegion, Organisation, Region, Unit
from pilots.models.base import sort_field
from pilots.queries.network import Body, grouped, shown_as_members, with_areas

OF_MEMBERSHIP = ("participation", "through", "organisation__municipality", "area__number", "area__slug", "area__name_fi", "area__name_sv")
NOT_LISTED = tuple(f"{path}{name}" for path in ("", "successor__") for name in ("loaded", "search_words", "source", "change_note"))


def municipalities() -> QuerySet[Municipality]:
    """With `region`: the id of the region of today, or of the last one when the municipality has ended."""
    begun = Q(starts_on=None) | Q(starts_on__lte=timezone.localdate())
    periods = MunicipalityRegion.objects.filter(begun, municipality=OuterRef("pk")).order_by(F("starts_on").desc(nulls_last=True))
    return Municipality.objects.select_related("successor").defer(*NOT_LISTED).annotate(region=Subquery(periods.values("region")[:1]))


def memberships_of(municipalities: Iterable[Municipality]) -> dict[int | None, list[AreaMembership]]:
    """The areas that each municipality takes part in, and how; one query."""
    rows = AreaMembership.objects.filter(
        shown_as_members(), organisation__municipality__in=list(municipalities), organisation__kind=OrganisationKind.MUNICIPALITY
    )
    found: dict[int | None, list[AreaMembership]] = {}
    for row in rows.select_related("area", "organisation").only(*OF_MEMBERSHIP).order_by("area__number"):
        found.setdefault(row.organisation.municipality_id, []).append(row)
    return found


@dataclass(frozen=True)
class RegionPeriod:
    region: Region
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class Served:
    """By which employment authority, and when."""

    authority: Organisation
    form: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class MunicipalityFacts:
    municipality: Municipality
    predecessors: list[Municipality]
    regions: list[RegionPeriod]
    own: Body | None
    located: list[Body]
    units: list[Body]
    employment: list[Served]

    @property
    def area_ids(self) -> set[int]:
        return {row.area.pk for row in self.own.areas} if self.own else set()


def municipality_facts(code: str) -> MunicipalityFacts | None:
    """Everything on a municipality's page but the contacts, in three queries; None when the code is not known."""
    rows = list(_with_regions(Municipality.objects.filter(Q(code=code) | Q(successor__code=code))))
    own_rows = [row for row in rows if row.code == code]
    if not own_rows:
        return None
    municipality = own_rows[0]
    organisations = list(_organisations_of(municipality))
    here = grouped(row for row in organisations if row.municipality_id == municipality.pk)
    own = next((one for one in here if one.body.kind == OrganisationKind.MUNICIPALITY), None)
    units = with_areas(Unit.objects.filter(municipality=municipality).select_related("owner")).order_by(sort_field(), "pk")
    return MunicipalityFacts(
        municipality=municipality,
        predecessors=list({row.pk: row for row in rows if row.code != code}.values()),
        regions=list({row.region_period: _region_period(row) for row in own_rows if row.region_period}.values()),
        own=own,
        located=[one for one in here if one is not own],
        units=grouped(units),
        employment=_served(organisations),
    )


def _with_regions(municipalities: QuerySet[Municipality]) -> QuerySet[Municipality]:
    """One row for each region period, so that names, mergers and regions are one query."""
    region = {f"region_{name}": F(f"region_periods__region__{name}") for name in ("code", "name_fi", "name_sv")}
    period = {"region_period": F("region_periods"), "region_from": F("region_periods__starts_on"), "region_until": F("region_periods__ends_on")}
    rows = municipalities.select_related("successor").annotate(**region, **period)
    return rows.order_by(sort_field(), F("region_from").asc(nulls_first=True))


def _region_period(row: Municipality) -> RegionPeriod:
    region = Region(code=row.region_code, name_fi=row.region_name_fi, name_sv=row.region_name_sv)
    return RegionPeriod(region, row.region_from, row.region_until)


def _organisations_of(municipality: Municipality) -> QuerySet[Organisation]:
    """Bodies whose home is here, and the employment authorities that serve it; one row for each area and period."""
    serving = FilteredRelation("employment_areas", condition=Q(employment_areas__municipality=municipality))
    found = Organisation.objects.annotate(serving=serving).filter(Q(municipality=municipality) | Q(serving__isnull=False))
    return (
        with_areas(found)
        .annotate(served_form=F("serving__form"), served_from=F("serving__starts_on"), served_until=F("serving__ends_on"))
        .order_by(sort_field(), "pk", "served_from")
    )


def _served(rows: list[Organisation]) -> list[Served]:
    periods = {(row.pk, row.served_from): row for row in rows if row.served_from}
    served = [Served(row, str(EmploymentAuthorityForm(row.served_form).label), row.served_from, row.served_until) for row in periods.values()]
    return sorted(served, key=lambda one: one.starts_on)
