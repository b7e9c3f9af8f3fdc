"""Areas with their members: what the list of areas, an area's page, the maps and the totals all read."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import groupby

from django.db.models import BooleanField, CharField, DateField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from pilots.choices import OrganisationKind, Participation
from pilots.models import AreaMembership, EducationForm, Goal, Municipality, Organisation, PilotArea, Region, Round, Unit
from pilots.queries.prepared import Given, Prepared

# The order in which the kinds of member stand on an area's page; units come last.
UNIT = "unit"
TODAY = Given("today", DateField())
KIND_ORDER = {kind: place for place, kind in enumerate([*OrganisationKind.values, UNIT])}
MEMBER_BODIES = ("organisation__municipality", "unit__municipality", "unit__owner", "through")
OF_ROUND = tuple(f"round__{name}" for name in ("slug", "name_fi", "name_sv", "name_en", "starts_on", "ends_on"))
IN_LISTS = ("number", "slug", "name_fi", "name_sv", "quote", *OF_ROUND)
# What the page of one area says of its members, of itself and of its round.
NAMES = ("slug", "name_fi", "name_sv", "name_en")
ON_AREA_PAGE = (
    *("source", "area", "position", "organisation", "unit", "participation", "through", "quoted_name", "starts_on", "ends_on"),
    *(f"area__{field.name}" for field in PilotArea._meta.concrete_fields if field.name not in ("loaded", "search_words", "sort_key_fi", "sort_key_sv")),
    *(f"area__{name}" for name in OF_ROUND),
    *(f"{body}__{name}" for body in ("organisation", "unit") for name in (*NAMES, "short_name", "kind", "municipality")),
    *(f"{body}__municipality__{name}" for body in ("organisation", "unit") for name in ("code", "name_fi", "name_sv", "latitude")),
    *(f"{body}__{name}" for body in ("unit__owner", "through") for name in NAMES),
    "unit__owner",
)
OF_FORM = ("id", "code", "position", "name_fi", "name_sv", "name_en")
# Long columns that no list of members shows.
NOT_SHOWN = (
    "loaded",
    *(
        f"{body}__{field}"
        for body in ("organisation", "organisation__municipality", "unit", "unit__municipality", "unit__owner", "through")
        for field in ("loaded", "search_words", "sort_key_fi", "sort_key_sv", "source")
    ),
    *(f"{body}__note_{language}" for body in ("organisation", "unit", "unit__owner", "through") for language in ("fi", "sv", "en")),
)


def areas_in_order() -> QuerySet[PilotArea]:
    """Areas of the latest round, by number, with what lists and totals say of them; their long texts are read when asked for."""
    latest = Round.objects.order_by("-starts_on").values("pk")[:1]
    return PilotArea.objects.filter(round__in=latest).select_related("round").only(*IN_LISTS).order_by("number")


def shown_as_members(path: str = "", today: date | Given | None = None) -> Q:
    """Memberships that are open, or ended only because their round did; the rest have left. `path` leads to them."""
    ends_on = f"{path}ends_on"
    return Q(**{ends_on: None}) | Q(**{f"{ends_on}__gt": today or timezone.localdate()}) | Q(**{ends_on: F(f"{path}area__round__ends_on")})


def members_with_bodies(today: Given | None = None) -> QuerySet[AreaMembership]:
    """Every membership, left ones too (`is_shown` tells), with all that a page or map says of the body; one query."""
    shown = ExpressionWrapper(shown_as_members(today=today), BooleanField())
    rows = AreaMembership.objects.select_related(*MEMBER_BODIES).annotate(is_shown=shown).order_by("area_id", "position", "id")
    return rows.defer(*NOT_SHOWN)


@dataclass(frozen=True)
class Members:
    """Memberships of several areas, read once."""

    rows: tuple[AreaMembership, ...]

    @cached_property
    def bodies(self) -> dict[str, list[AreaMembership]]:
        """The memberships of each body."""
        return _gathered(self.rows, body_id)


def _gathered(rows: Iterable[AreaMembership], key: Callable) -> dict:
    found: dict = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def members_of(areas: Iterable[PilotArea]) -> Members:
    rows = members_with_bodies().filter(area__in=list(areas))
    return Members(tuple(row for row in rows if row.is_shown))


@dataclass(frozen=True)
class AreaWithMembers:
    """An area with its members, those that have left, and the forms of education that its members give: all, and each membership's by its key."""

    area: PilotArea
    members: list[AreaMembership]
    left: list[AreaMembership]
    education_forms: list[EducationForm]
    forms_of: dict[int, list[EducationForm]]


def area_with_members(slug: str) -> AreaWithMembers | None:
    """In one query, or two when the area has no member; None when there is no such area."""
    rows = _area_query().ask(slug=slug, today=timezone.localdate())
    area = rows[0].area if rows else PilotArea.objects.filter(slug=slug).select_related("round").first()
    if area is None:
        return None
    members = list({row.pk: row for row in rows}.values())
    forms_of: dict[int, list[EducationForm]] = {}
    for row in rows:
        if row.is_shown and (form := _form_given(row)).pk:
            forms_of.setdefault(row.pk, []).append(form)
    for forms_given in forms_of.values():
        forms_given.sort(key=_place_of)
    given = {form.pk: form for forms_given in forms_of.values() for form in forms_given}
    return AreaWithMembers(
        area,
        [row for row in members if row.is_shown],
        [row for row in members if not row.is_shown],
        sorted(given.values(), key=_place_of),
        forms_of,
    )


@cache
def _area_query() -> Prepared:
    """One row for each form of education that a member gives: they are few, and a query more is not."""
    forms = {f"{body}_form_{name}": F(f"{body}__education_forms__{name}") for body in ("organisation", "unit") for name in OF_FORM}
    rows = members_with_bodies(TODAY).filter(area__slug=Given("slug", CharField()))
    return Prepared(rows.select_related("area__round", *MEMBER_BODIES).only(*ON_AREA_PAGE).annotate(**forms))


def _place_of(form: EducationForm) -> int:
    return form.position


def _form_given(row: AreaMembership) -> EducationForm:
    body = "unit" if row.unit_id else "organisation"
    return EducationForm(**{name: getattr(row, f"{body}_form_{name}") for name in OF_FORM})


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


def goals() -> QuerySet[Goal]:
    return Goal.objects.order_by("number")


def education_forms() -> QuerySet[EducationForm]:
    return EducationForm.objects.order_by("position")


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
