"""What the maps and the lists of areas beside them are made from: one query and plain rows.

Some sixty members stand on such a page; as models they took a third of its time.
"""
from collections.abc import Sequence
from functools import cache

from django.db.models import BigIntegerField, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts.addresses import address
from pilots.choices import OrganisationKind, Participation
from pilots.map import MapArea, MapMember
from pilots.models import AreaMembership, PilotArea
from pilots.queries.network import TODAY, shown_as_members
from pilots.queries.prepared import Given, Prepared

OF_AREA = ("number", "slug", "name_fi", "name_sv")
OF_BODY = ("slug", "name_fi", "name_sv", "name_en", "short_name", "municipality__latitude", "municipality__longitude")
OF_MUNICIPALITY = ("code", "name_fi", "name_sv")
COLUMNS = (
    *("area", "organisation", "unit", "participation", "through", "organisation__kind"),
    *(f"organisation__{name}" for name in OF_BODY),
    *(f"unit__{name}" for name in OF_BODY),
    *(f"organisation__municipality__{name}" for name in OF_MUNICIPALITY),
)


def map_areas(areas: Sequence[PilotArea]) -> list[MapArea]:
    """The areas with their members, in the reader's language."""
    rows = _members().filter(area__in=areas).values(*COLUMNS)
    return _with_members(areas, rows)


def map_areas_of_round(round_id: int) -> list[MapArea]:
    """The areas of a round that have members, by number."""
    rows = _round_query().ask(round=round_id, today=timezone.localdate())
    areas = {row["area"]: PilotArea(pk=row["area"], **{name: row[f"area__{name}"] for name in OF_AREA}) for row in rows}
    return _with_members(sorted(areas.values(), key=lambda area: area.number), rows)


@cache
def _round_query() -> Prepared:
    return Prepared(_members(TODAY).filter(area__round=Given("round", BigIntegerField())).values(*COLUMNS, *(f"area__{name}" for name in OF_AREA)))


def _members(today: Given | None = None) -> QuerySet[AreaMembership]:
    return AreaMembership.objects.filter(shown_as_members(today=today)).order_by("area_id", "position", "pk")


def _with_members(areas: Sequence[PilotArea], rows: QuerySet | list[dict]) -> list[MapArea]:
    language = (get_language() or "fi")[:2]
    members: dict[int, list[MapMember]] = {}
    for row in rows:
        members.setdefault(row["area"], []).append(_member(row, language))
    return [
        MapArea(area.number, area.name, area.get_absolute_url(), tuple(members.get(area.pk, ())), _foreign(area.name_language, language), area.slug)
        for area in areas
    ]


def _member(row: dict, language: str) -> MapMember:
    """A municipality as such, not as an organisation; as pilots.queries.network.shown_body has it."""
    body = "unit" if row["unit"] else "organisation"
    is_municipality = not row["unit"] and row["organisation__kind"] == OrganisationKind.MUNICIPALITY
    if is_municipality and row["organisation__municipality__code"]:
        shown, url = "organisation__municipality", address("pilots:municipality_detail", row["organisation__municipality__code"])
    else:
        shown, url = body, address(f"pilots:{body}_detail", row[f"{body}__slug"])
    own = row.get(f"{shown}__name_{language}")
    return MapMember(
        body_id=f"{body}-{row[body]}",
        label=own or row[f"{shown}__name_fi"],
        url=url,
        kind="municipality" if is_municipality else body,
        participation=row["participation"],
        lat=row[f"{body}__municipality__latitude"],
        lon=row[f"{body}__municipality__longitude"],
        short_label=row[f"{body}__short_name"],
        through_id=f"organisation-{row['through']}" if row["participation"] == Participation.THROUGH else "",
        lang=_foreign(language if own else "fi", language),
    )


def _foreign(name_language: str, language: str) -> str:
    return "" if name_language == language else name_language
