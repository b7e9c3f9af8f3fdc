"""From rows to what is drawn of them: one mark for each body, bridges and a line pattern for each area."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .layout import bridge, spanning_tree
from .members import CHANNEL, THROUGH, MapArea, MapMember
from .projection import Point, project


@dataclass(frozen=True)
class Body:
    """One body with every membership it has, in the order of the areas."""

    body_id: str
    memberships: tuple[tuple[MapArea, MapMember], ...]

    @property
    def member(self) -> MapMember:
        return self.memberships[0][1]

    @property
    def is_shared(self) -> bool:
        return len(self.memberships) > 1

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude, when recorded."""
        lat, lon = self.member.lat, self.member.lon
        return None if lat is None or lon is None else (lat, lon)


@dataclass(frozen=True)
class Mark:
    """One body's link on the map, at `x`, `y` of the picture."""

    body_id: str
    url: str
    title: str
    x: int
    y: int
    kind: str
    is_direct: bool
    is_shared: bool
    has_place: bool


@dataclass(frozen=True)
class Bridges:
    """Path data: the bridges between members that take part themselves, those from a channel to who takes part through it,
    and the straight lines of the soft ground that both stand on."""

    own: str
    through: str
    ground: str


def bodies_of(areas: Sequence[MapArea]) -> list[Body]:
    memberships: dict[str, list[tuple[MapArea, MapMember]]] = {}
    for area in sorted(areas, key=lambda area: area.number):
        for member in area.members:
            memberships.setdefault(member.body_id, []).append((area, member))
    return [Body(body_id, tuple(pairs)) for body_id, pairs in memberships.items()]


def places_of(bodies: Sequence[Body]) -> dict[str, Point]:
    """Each body's place on the sheet; one without a recorded place stands in the middle of its first area's members.

    A body is left out when nobody in its area has a place.
    """
    places = {}
    for body in bodies:
        if body.place:
            places[body.body_id] = project(*body.place)
    known = dict(places)
    for body in bodies:
        if body.body_id not in known:
            beside = [known[m.body_id] for m in body.memberships[0][0].members if m.body_id in known]
            if beside:
                places[body.body_id] = (
                    sum(x for x, _y in beside) / len(beside),
                    sum(y for _x, y in beside) / len(beside),
                )
    return places


def patterns(areas: Sequence[MapArea]) -> list[int]:
    """A line pattern for each area, such that areas with a body in common differ."""
    chosen: list[int] = []
    members = [{member.body_id for member in area.members} for area in areas]
    for here in range(len(areas)):
        taken = {chosen[other] for other in range(here) if members[other] & members[here]}
        chosen.append(min(number for number in range(1, len(areas) + 2) if number not in taken))
    return chosen


def mark_of(body: Body, point: Point, member: MapMember | None = None) -> Mark:
    """The body's mark; drawn as its membership `member` says, or the first one."""
    member = member or body.member
    return Mark(
        body_id=body.body_id,
        url=member.url,
        title=title_of(body),
        x=round(point[0]),
        y=round(point[1]),
        kind=member.kind,
        is_direct=member.participation not in (THROUGH, CHANNEL),
        is_shared=body.is_shared,
        has_place=body.place is not None,
    )


def signs_of(marks: Iterable[Mark]) -> frozenset[str]:
    """What the key of a picture has to explain: the kinds of bodies in it, and what else a mark can say."""
    signs = set()
    for mark in marks:
        signs |= {mark.kind, "shared" if mark.is_shared else "", "placeless" if not mark.has_place else "" if mark.is_direct else "through"}
    return frozenset(signs - {""})


def title_of(body: Body) -> str:
    member, numbers = body.member, [str(area.number) for area, _member in body.memberships]
    name = member.label
    if member.short_label and member.short_label not in name:
        name = f"{name} ({member.short_label})"
    words = {"name": name, "numbers": ", ".join(numbers)}
    if member.participation == THROUGH:
        return _("%(name)s, pilot area %(numbers)s through another body") % words
    if body.place is None:
        return _("%(name)s, pilot area %(numbers)s, home municipality not on the map") % words
    return ngettext("%(name)s, pilot area %(numbers)s", "%(name)s, pilot areas %(numbers)s", len(numbers)) % words


def bridges_of(area: MapArea, at: dict[str, Point], pattern: int) -> Bridges:
    """The bridges of the area's members that are in `at`.

    Where two areas have the same two places, patterns that differ rise and hang by turns, so that both bridges are seen.
    """
    members = [member for member in area.members if member.body_id in at]
    own = [member.body_id for member in members if member.participation != THROUGH]
    lines = [(at[own[a]], at[own[b]]) for a, b in spanning_tree([at[body_id] for body_id in own])]
    through = []
    for member in members:
        if member.participation == THROUGH and own:
            hub = member.through_id if member.through_id in own else own[0]
            through.append((at[hub], at[member.body_id]))
    straight = [f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" for (x1, y1), (x2, y2) in lines + through]
    alone = [f"M{x:.0f} {y:.0f}h0" for x, y in [at[members[0].body_id]]] if len(members) == 1 else []
    return Bridges(
        own="".join(bridge(start, end, hangs=pattern % 2 == 0) for start, end in lines),
        through="".join(bridge(start, end) for start, end in through),
        ground="".join(straight or alone),
    )


def area_title(area: MapArea) -> str:
    return _("Pilot area %(number)d: %(name)s") % {"number": area.number, "name": area.name}
