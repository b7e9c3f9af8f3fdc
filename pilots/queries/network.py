"""Areas with their members: what the list of areas, an area's page, the maps and the totals all read."""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import get_language

from pilots.choices import OrganisationKind, Participation
from pilots.map import MapArea, MapMember
from pilots.models import AreaMembership, EducationForm, Goal, Municipality, Organisation, PilotArea, Region, Round, Unit

# The order in which the kinds of member stand on an area's page; units come last.
UNIT = "unit"
KIND_ORDER = {kind: place for place, kind in enumerate([*OrganisationKind.values, UNIT])}
MEMBER_BODIES = ("organisation__municipality", "unit__municipality", "unit__owner", "through")
# Long columns that no list of members shows.
NOT_SHOWN = (
    *("loaded", "organisation__loaded", "unit__loaded"),
    *(
        f"{body}__{field}"
        for body in ("organisation", "organisation__municipality", "unit", "unit__municipality", "unit__owner", "through")
        for field in ("search_words", "sort_key_fi", "sort_key_sv", "source")
    ),
    *(f"{body}__note_{language}" for body in ("organisation", "unit", "unit__owner", "through") for language in ("fi", "sv", "en")),
)


def areas_in_order() -> QuerySet[PilotArea]:
    """Areas of the latest round, by number."""
    latest = Round.objects.order_by("-starts_on").values("pk")[:1]
    return PilotArea.objects.filter(round__in=latest).select_related("round").order_by("number")


def shown_as_members(path: str = "") -> Q:
    """Memberships that are open, or ended only because their round did; the rest have left. `path` leads to them."""
    ends_on = f"{path}ends_on"
    return Q(**{ends_on: None}) | Q(**{f"{ends_on}__gt": timezone.localdate()}) | Q(**{ends_on: F(f"{path}area__round__ends_on")})


def members_with_bodies() -> QuerySet[AreaMembership]:
    """Every membership, left ones too (`is_shown` tells), with all that a page or map says of the body; one query."""
    shown = ExpressionWrapper(shown_as_members(), BooleanField())
    rows = AreaMembership.objects.select_related(*MEMBER_BODIES).annotate(is_shown=shown).order_by("area_id", "position", "id")
    return rows.defer(*NOT_SHOWN)


@dataclass(frozen=True)
class Members:
    """Memberships of several areas, read once."""

    rows: tuple[AreaMembership, ...]
    left_rows: tuple[AreaMembership, ...] = ()

    def of(self, area: PilotArea) -> list[AreaMembership]:
        return self._by_area.get(area.pk, [])

    def who_left(self, area: PilotArea) -> list[AreaMembership]:
        return [row for row in self.left_rows if row.area_id == area.pk]

    def elsewhere(self, member: AreaMembership) -> set[int]:
        """Ids of the other areas that the same body belongs to."""
        return {row.area_id for row in self.bodies.get(body_id(member), ())} - {member.area_id}

    @cached_property
    def bodies(self) -> dict[str, list[AreaMembership]]:
        """The memberships of each body."""
        return _gathered(self.rows, body_id)

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Of each body's page; the list and the map both lead there, and an address takes longer to make than a row to read."""
        return {body: shown_body(rows[0]).get_absolute_url() for body, rows in self.bodies.items()}

    @cached_property
    def _by_area(self) -> dict[int, list[AreaMembership]]:
        return _gathered(self.rows, lambda row: row.area_id)


def _gathered(rows: Iterable[AreaMembership], key: Callable) -> dict:
    found: dict = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def members_of(areas: Iterable[PilotArea]) -> Members:
    return _split(list(members_with_bodies().filter(area__in=list(areas))))


def _split(rows: list[AreaMembership]) -> Members:
    return Members(tuple(row for row in rows if row.is_shown), tuple(row for row in rows if not row.is_shown))


@dataclass(frozen=True)
class AreaWithMembers:
    """An area among the others of its round, which its map shows too and whose members it may share."""

    area: PilotArea
    areas: list[PilotArea]
    members: Members


def area_with_members(slug: str) -> AreaWithMembers | None:
    """In one query, or two when the area has no member; None when there is no such area."""
    same_round = PilotArea.objects.filter(slug=slug).values("round")[:1]
    rows = list(members_with_bodies().filter(area__round=Subquery(same_round)).select_related("area__round", *MEMBER_BODIES))
    areas = {row.area_id: row.area for row in rows}
    area = next((area for area in areas.values() if area.slug == slug), None)
    if area is None:
        area = PilotArea.objects.filter(slug=slug).select_related("round").first()
        if area is None:
            return None
        areas[area.pk] = area
    return AreaWithMembers(area, sorted(areas.values(), key=lambda area: area.number), _split(rows))


def body_id(member: AreaMembership) -> str:
    """The same for the same body in every area."""
    return f"unit-{member.unit_id}" if member.unit_id else f"organisation-{member.organisation_id}"


def kind_of(member: AreaMembership) -> str:
    return UNIT if member.unit_id else member.organisation.kind


def is_municipality(member: AreaMembership) -> bool:
    return kind_of(member) == OrganisationKind.MUNICIPALITY


def shown_body(member: AreaMembership) -> Municipality | Organisation | Unit:
    """A municipality as such, not as an organisation: its name is shorter and its page says more."""
    return (member.organisation.municipality if is_municipality(member) else None) or member.body


def has_place(member: AreaMembership) -> bool:
    """Whether it can be drawn on a map."""
    place = member.body.municipality
    return place is not None and place.latitude is not None


def by_kind(members: Iterable[AreaMembership]) -> list[tuple[str, list[AreaMembership]]]:
    """Grouped by kind of body, municipalities first; within a kind in the source's order."""
    ordered = sorted(members, key=lambda member: (KIND_ORDER[kind_of(member)], member.position, member.pk))
    return [(kind, list(rows)) for kind, rows in groupby(ordered, kind_of)]


def map_areas(areas: Sequence[PilotArea], members: Members) -> list[MapArea]:
    """What the maps are drawn from, in the reader's language."""
    language = (get_language() or "fi")[:2]

    def foreign(thing) -> str:
        return "" if thing.name_language == language else thing.name_language

    def as_member(row: AreaMembership) -> MapMember:
        body, place = shown_body(row), row.body.municipality
        return MapMember(
            body_id=body_id(row),
            label=body.name,
            url=members.addresses[body_id(row)],
            kind="unit" if row.unit_id else "municipality" if is_municipality(row) else "organisation",
            participation=row.participation,
            lat=place.latitude if place else None,
            lon=place.longitude if place else None,
            short_label=row.body.short_name,
            through_id=f"organisation-{row.through_id}" if row.participation == Participation.THROUGH else "",
            lang=foreign(body),
        )

    return [MapArea(area.number, area.name, area.get_absolute_url(), tuple(map(as_member, members.of(area))), foreign(area), area.slug) for area in areas]


def goals() -> QuerySet[Goal]:
    return Goal.objects.order_by("number")


def education_forms() -> QuerySet[EducationForm]:
    return EducationForm.objects.order_by("position")


def education_forms_in(area: PilotArea) -> QuerySet[EducationForm]:
    """Forms of education that members of the area give."""
    open_rows = AreaMembership.objects.filter(shown_as_members(), area=area)
    return education_forms().filter(
        Q(organisations__in=open_rows.values("organisation")) | Q(units__in=open_rows.values("unit")),
    ).distinct()


def regions() -> QuerySet[Region]:
    return Region.objects.order_by("code")


@dataclass(frozen=True)
class InArea:
    """An area that a body takes part in, and how."""

    area: PilotArea
    participation: str

    @property
    def is_through(self) -> bool:
        return self.participation == Participation.THROUGH

    @property
    def is_channel(self) -> bool:
        return self.participation == Participation.CHANNEL


@dataclass(frozen=True)
class Body:
    """An organisation or unit with the areas that it takes part in."""

    body: Organisation | Unit
    areas: list[InArea] = field(default_factory=list)


def with_areas(bodies: QuerySet) -> QuerySet:
    """Organisations or units, joined with their areas: one row for each area, read by `grouped`; no query more."""
    area = "area_memberships__area__"
    return bodies.annotate(
        in_area=F("area_memberships__area"),
        in_area_slug=F(f"{area}slug"),
        in_area_number=F(f"{area}number"),
        in_area_name_fi=F(f"{area}name_fi"),
        in_area_name_sv=F(f"{area}name_sv"),
        in_area_participation=F("area_memberships__participation"),
        in_area_shown=ExpressionWrapper(shown_as_members("area_memberships__"), BooleanField()),
    )


def grouped(rows: Iterable) -> list[Body]:
    """The rows of `with_areas`, each body once, in the order of the rows."""
    bodies: dict[int, Body] = {}
    for row in rows:
        body = bodies.setdefault(row.pk, Body(row))
        if row.in_area and row.in_area_shown and all(known.area.pk != row.in_area for known in body.areas):
            area = PilotArea(
                pk=row.in_area, slug=row.in_area_slug, number=row.in_area_number, name_fi=row.in_area_name_fi, name_sv=row.in_area_name_sv
            )
            body.areas.append(InArea(area, row.in_area_participation))
    return list(bodies.values())
