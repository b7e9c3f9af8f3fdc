"""The map of one area, drawn near, every member by name; other areas' bridges and numbers stand faintly behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .bodies import Bridges, Mark, area_title, bodies_of, bridges_of, mark_of, patterns, places_of, signs_of
from .labels import Name, Placed, place_names
from .layout import along_tree, around, box_around, gap, spread, wrap
from .members import MUNICIPALITY, MapArea
from .outline import outline_path
from .projection import Box, Panel, Point

WIDTH = 340
LOWEST, HIGHEST = 240.0, 400.0
# Room for names at the sides and for marks above and below.
SIDE, END = 84.0, 58.0
# Units to a kilometre at most: nearer, the outline shows its corners.
NEAREST = 4.0
# 24 CSS pixels in a column of 288, the narrowest there is. A name may lie over the rim of another mark's target all the same: the
# list of members on the same page leads to the same pages by links of 44 pixels, the equal that WCAG 2.2 (2.5.8) asks for.
MARKS_APART = 34.0
NUMBERS_APART = 30.0
NAME_SIZE = 15.0


@dataclass(frozen=True)
class NamedMark:
    mark: Mark
    lang: str
    name: Placed


@dataclass(frozen=True)
class Neighbour:
    """Another area in sight: its bridges, and its number as a link when there is a clear spot for it."""

    number: int
    url: str
    title: str
    bridges: str
    dots: tuple[tuple[int, int], ...]
    spot: tuple[int, int] | None


@dataclass(frozen=True)
class AreaMap:
    view_box: str
    title: str
    description: str
    land: str
    pattern: int
    bridges: Bridges
    marks: tuple[NamedMark, ...]
    neighbours: tuple[Neighbour, ...]

    @property
    def signs(self) -> frozenset[str]:
        return signs_of(named.mark for named in self.marks)


def area_map(areas: Sequence[MapArea], number: int) -> AreaMap:
    """The picture of area `number` among all `areas`. KeyError when it is not among them or none of its members has a place."""
    areas = sorted(areas, key=lambda area: area.number)
    area = {area.number: area for area in areas}[number]
    bodies = bodies_of(areas)
    places = places_of(bodies)
    mine = {member.body_id for member in area.members}
    drawn = [body for body in bodies if body.body_id in mine and body.body_id in places]
    if not drawn:
        raise KeyError(number)
    panel = _window(tuple(places[body.body_id] for body in drawn))
    moved = spread([(panel.place(places[body.body_id]), body.member.kind == MUNICIPALITY) for body in drawn], MARKS_APART)
    at = {body.body_id: point for body, point in zip(drawn, moved, strict=True)}
    own_members = {member.body_id: member for member in area.members}
    span = along_tree(list(at.values()))
    frame = panel.box.grown(-3)
    names = place_names(
        tuple(Name(at[body.body_id], _breaks(body.member.short_label or body.member.label), 17 if body.is_shared else 12) for body in drawn),
        NAME_SIZE,
        tuple(box_around(point, 8) for point in at.values()),
        tuple(span),
        frame,
    )
    line_patterns = dict(zip([area.number for area in areas], patterns(areas), strict=True))
    clear_of = [name.box for name, _is_clear in names]
    return AreaMap(
        view_box=f"0 0 {WIDTH} {panel.height:.0f}",
        title=area_title(area),
        description=_describe(len(drawn), sum(body.is_shared for body in drawn)),
        land=outline_path(panel),
        pattern=line_patterns[number],
        bridges=bridges_of(area, at, line_patterns[number]),
        marks=tuple(
            NamedMark(mark_of(body, at[body.body_id], own_members[body.body_id]), own_members[body.body_id].lang, name)
            for body, (name, _is_clear) in zip(drawn, names, strict=True)
        ),
        neighbours=_neighbours([other for other in areas if other is not area], places, at, panel, clear_of, line_patterns),
    )


def _describe(count: int, shared: int) -> str:
    members = ngettext("%(count)d member, joined by lines.", "%(count)d members, joined by lines.", count) % {"count": count}
    if not shared:
        return members
    also = ngettext(
        "%(count)d of them belongs to another pilot area too.",
        "%(count)d of them belong to another pilot area too.",
        shared,
    ) % {"count": shared}
    return _("%(first)s %(second)s") % {"first": members, "second": also}


def _breaks(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tuple(wrap(text, longest)) for longest in (18, 12, 26)))


@lru_cache(maxsize=64)
def _window(places: tuple[Point, ...]) -> Panel:
    west, east = min(x for x, _y in places), max(x for x, _y in places)
    south, north = min(y for _x, y in places), max(y for _x, y in places)
    scale = min(NEAREST, (WIDTH - 2 * SIDE) / max(east - west, 1), (HIGHEST - 2 * END) / max(north - south, 1))
    high = min(HIGHEST, max(LOWEST, (north - south) * scale + 2 * END))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    half_x, half_y = WIDTH / scale / 2, high / scale / 2
    return Panel(middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y, 0, 0, scale)


def _neighbours(
    others: Sequence[MapArea],
    places: dict[str, Point],
    own: dict[str, Point],
    panel: Panel,
    names: Sequence[Box],
    line_patterns: dict[int, int],
) -> tuple[Neighbour, ...]:
    neighbours = []
    spots: list[Point] = []
    span = along_tree(list(own.values()))
    for area in others:
        at = {member.body_id: own.get(member.body_id) or panel.place(places[member.body_id]) for member in area.members if member.body_id in places}
        seen = [point for point in at.values() if panel.box.grown(-4).holds(point)]
        if not seen:
            continue
        bridges = bridges_of(area, at, line_patterns[area.number])
        spot = _number_spot([*seen, *along_tree(list(at.values()))], panel, list(own.values()), names, spots, span)
        if spot:
            spots.append(spot)
        neighbours.append(
            Neighbour(
                number=area.number,
                url=area.url,
                title=area_title(area),
                bridges=bridges.own + bridges.through,
                dots=tuple((round(x), round(y)) for body_id, (x, y) in at.items() if body_id not in own and panel.box.holds((x, y))),
                spot=(round(spot[0]), round(spot[1])) if spot else None,
            )
        )
    return tuple(neighbours)


def _number_spot(
    beside: Sequence[Point],
    panel: Panel,
    marks: Sequence[Point],
    names: Sequence[Box],
    numbers: Sequence[Point],
    span: Sequence[Point],
) -> Point | None:
    """A spot for a neighbour's number that touches no mark, name or other number; None when there is none."""
    clear = [
        spot
        for spot in around(beside, (0, 22, 32))
        if panel.box.grown(-18).holds(spot)
        and all(gap(spot, mark) >= NUMBERS_APART for mark in marks)
        and all(gap(spot, other) >= NUMBERS_APART for other in numbers)
        and not any(box_around(spot, 15).overlap(name) for name in names)
    ]

    def cost(spot: Point) -> tuple[float, Point]:
        from_span = min((gap(spot, other) for other in span), default=40.0)
        return max(0.0, 24 - from_span) + min(gap(spot, near) for near in beside) * 0.1, spot

    return min(clear, key=cost, default=None)
