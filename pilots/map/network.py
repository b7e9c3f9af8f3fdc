"""The map of the whole network: southern Finland where nearly all members are, what lies north of it in a window of its
own, and a small Finland that shows where the two are.

Drawn whole, Finland leaves a member 10 units at the size of a page and 5 on a phone: too little to point at. So the picture
is cut where the members end.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .bodies import Body, Bridges, Mark, area_title, bodies_of, bridges_of, mark_of, patterns, places_of, signs_of
from .labels import Name, Placed, clear_spot
from .layout import along_tree, around, box_around, gap, spread, wrap
from .members import MUNICIPALITY, MapArea
from .outline import outline_path
from .projection import Box, Panel, Point

WIDTH = 660
# Units between the middles of two marks: 24 CSS pixels in a column of 550, from which on marks are links (map.css).
MARKS_APART = 29.0
# A number is a link in the narrowest column too: 24 CSS pixels in one of 288.
NUMBERS_APART = 56.0
# Clear of marks and bridges as large as a number is there.
NUMBER_FROM_MARK = 33.0
NUMBER_FROM_BRIDGE = 30.0
# Where a number is tried: so far from its area's marks and bridges; the farther ones only when the near ones are taken.
NUMBER_RINGS = ((36.0, 46.0, 58.0), (84.0, 112.0), (140.0, 170.0, 200.0))
NAME_SIZE = 14.0
# How much worse a spot for the number may be when its name has room there, and how many spots are tried.
DEAREST_NAME = 45.0
CANDIDATES = 40
NAME_REACH = 19.0

SOUTH = Panel(west=50, south=6655, east=668, north=7158, left=0, top=0, scale=WIDTH / 618)
NORTH_BOX = Box(10, 10, 152, 182)
WHOLE = Panel(west=62, south=6650, east=756, north=7850, left=10, top=194, scale=0.15)
LETTERBOX = Box(0, 0, WIDTH, SOUTH.height).grown(-8)


@dataclass(frozen=True)
class AreaShape:
    """One area's link: the bridges that join its members, the dotted ones to members through another body, its number."""

    number: int
    url: str
    title: str
    lang: str
    bridges: Bridges
    pattern: int
    x: int
    y: int
    name: Placed | None


@dataclass(frozen=True)
class Land:
    """A window of the picture, cut at its edges, with the land seen in it and the frames of the other windows."""

    left: int
    top: int
    width: int
    height: int
    path: str
    frames: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True)
class NetworkMap:
    """`lands` has the southern window first, the small Finland last."""

    view_box: str
    description: str
    lands: tuple[Land, ...]
    areas: tuple[AreaShape, ...]
    marks: tuple[Mark, ...]

    @property
    def signs(self) -> frozenset[str]:
        return signs_of(self.marks)


def network_map(areas: Sequence[MapArea], shown: Collection[int] | None = None) -> NetworkMap:
    """The picture of all `areas`, or of those whose numbers are in `shown`; the others keep their places free.

    An area none of whose members has a place is not on the picture.
    """
    bodies = bodies_of(areas)
    places = places_of(bodies)
    drawn = [body for body in bodies if body.body_id in places]
    north = _north_panel([places[body.body_id] for body in drawn])
    positions = _positions(tuple((body.body_id, places[body.body_id], body.member.kind == MUNICIPALITY) for body in drawn), north)
    at = dict(positions)
    areas = [area for area in sorted(areas, key=lambda area: area.number) if any(m.body_id in at for m in area.members)]
    spots = _number_spots(tuple((area.name, tuple(member.body_id for member in area.members)) for area in areas), positions, north)
    shown_areas = [area for area in areas if shown is None or area.number in shown]
    shown_bodies = [body for body in drawn if any(area in shown_areas for area, _member in body.memberships)]
    return NetworkMap(
        view_box=f"0 0 {WIDTH} {SOUTH.height:.0f}",
        description=_describe(shown_areas, shown_bodies),
        lands=_lands(north),
        areas=tuple(
            _shape(area, at, pattern, spot, name) for area, pattern, (spot, name) in zip(areas, patterns(areas), spots, strict=True) if area in shown_areas
        ),
        marks=tuple(mark_of(body, at[body.body_id]) for body in shown_bodies),
    )


def _describe(areas: Sequence[MapArea], bodies: Sequence[Body]) -> str:
    shared = sum(body.is_shared for body in bodies)
    return _("%(areas)s, %(bodies)s, %(shared)s. Each number leads to its pilot area and each mark to its body.") % {
        "areas": ngettext("%(count)d pilot area", "%(count)d pilot areas", len(areas)) % {"count": len(areas)},
        "bodies": ngettext("%(count)d body", "%(count)d bodies", len(bodies)) % {"count": len(bodies)},
        "shared": ngettext("%(count)d of them in more than one area", "%(count)d of them in more than one area", shared) % {"count": shared},
    }


def _shape(area: MapArea, at: dict[str, Point], pattern: int, spot: Point, name: Placed | None) -> AreaShape:
    return AreaShape(
        number=area.number,
        url=area.url,
        title=area_title(area),
        lang=area.lang,
        bridges=bridges_of(area, at, pattern),
        pattern=pattern,
        x=round(spot[0]),
        y=round(spot[1]),
        name=name,
    )


def _north_panel(places: Sequence[Point]) -> Panel | None:
    """A window for what lies outside the southern one, as large as its box allows."""
    outside = [place for place in places if not SOUTH.shows(place)]
    if not outside:
        return None
    box, share = NORTH_BOX, 0.52
    width, height = box.right - box.left, box.bottom - box.top
    west, east = min(x for x, _y in outside), max(x for x, _y in outside)
    south, north = min(y for _x, y in outside), max(y for _x, y in outside)
    scale = min(SOUTH.scale, width * share / max(east - west, 1), height * share / max(north - south, 1))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    half_x, half_y = width / scale / 2, height / scale / 2
    return Panel(middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y, box.left, box.top, scale)


@lru_cache(maxsize=16)
def _positions(bodies: tuple[tuple[str, Point, bool], ...], north: Panel | None) -> tuple[tuple[str, Point], ...]:
    """Places on the picture, from (body, place on the sheet, whether it is a place itself and should stay)."""
    positions: dict[str, Point] = {}
    for panel in [SOUTH, north] if north else [SOUTH]:
        mine = [body for body in bodies if SOUTH.shows(body[1]) == (panel is SOUTH)]
        moved = spread([(panel.place(place), stays) for _id, place, stays in mine], MARKS_APART)
        positions |= {body_id: point for (body_id, _place, _stays), point in zip(mine, moved, strict=True)}
    return tuple((body_id, positions[body_id]) for body_id, _place, _stays in bodies)


@lru_cache(maxsize=16)
def _number_spots(
    areas: tuple[tuple[str, tuple[str, ...]], ...], positions: tuple[tuple[str, Point], ...], north: Panel | None
) -> tuple[tuple[Point, Placed | None], ...]:
    """Where each area's number stands, and its name beside it.

    The number is near its own bridges, clear of every mark, of other numbers and, if it can, of bridges; among spots nearly as
    good the first that has room for the name is taken. A name without room is left to the list beside the map.
    """
    at = dict(positions)
    drawn = [[at[body_id] for body_id in ids if body_id in at] for _name, ids in areas]
    spans = [along_tree(points) for points in drawn]
    lines = tuple(spot for span in spans for spot in span)
    taken = [box_around(mark, 12) for mark in at.values()]
    chosen: list[tuple[Point, Placed | None]] = []
    for (text, _ids), points, span in zip(areas, drawn, spans, strict=True):
        middle = (sum(x for x, _y in points) / len(points), sum(y for _x, y in points) / len(points))
        numbers, names = [spot for spot, _name in chosen], [name.box for _spot, name in chosen if name]
        free = _free_spots([*points, *span[::3]], tuple(at.values()), numbers, names, north)
        ranked = sorted((_cost(spot, middle, lines), spot) for spot in free)
        others = [point for point in [*at.values(), *numbers] if point not in points]
        best: tuple[Point, Placed | None]
        best, lowest = (ranked[0][1], None), ranked[0][0] + DEAREST_NAME
        for cost, spot in ranked[:CANDIDATES]:
            name = _name_beside(spot, text, taken, lines, others, north)
            if name and cost + name.cost < lowest:
                best, lowest = (spot, name), cost + name.cost
        chosen.append(best)
        taken += [box_around(best[0], 15), *([best[1].box.grown(6)] if best[1] else [])]
    return tuple(chosen)


def _free_spots(beside: Sequence[Point], marks: Sequence[Point], numbers: Sequence[Point], names: Sequence[Box], north: Panel | None) -> list[Point]:
    """Spots where a number touches nothing, near its area if there are any; every spot tried when the picture is full."""
    tried: list[Point] = []
    for rings in NUMBER_RINGS:
        spots = around(beside, rings, 12)
        free = [
            spot
            for spot in spots
            if all(gap(spot, mark) >= NUMBER_FROM_MARK for mark in marks)
            and all(gap(spot, number) >= NUMBERS_APART for number in numbers)
            and not any(name.meets(box_around(spot, 16)) for name in names)
            and _is_seen(spot, north)
        ]
        if free:
            return free
        tried += spots
    return tried


def _cost(spot: Point, middle: Point, lines: Sequence[Point]) -> float:
    from_bridges = min((gap(spot, other) for other in lines), default=NUMBER_FROM_BRIDGE)
    return max(0.0, NUMBER_FROM_BRIDGE - from_bridges) * 2 + gap(spot, middle) * 0.35


def _is_seen(spot: Point, north: Panel | None) -> bool:
    """Whether a number at the spot is whole in its window: not over an edge, not under another window."""
    if north and north.box.grown(-28).holds(spot):
        return True
    windows = [WHOLE, north] if north else [WHOLE]
    return SOUTH.box.grown(-28).holds(spot) and not any(window.box.grown(28).holds(spot) for window in windows)


def _name_beside(spot: Point, text: str, taken: Sequence[Box], lines: Sequence[Point], others: Sequence[Point], north: Panel | None) -> Placed | None:
    breaks = tuple(dict.fromkeys(tuple(wrap(text, longest)) for longest in (16, 12, 24)))
    if not (north and north.box.holds(spot)):
        windows = [panel.box for panel in (WHOLE, north) if panel]
        return clear_spot(Name(spot, breaks, NAME_REACH), NAME_SIZE, [*taken, *windows], lines, others, LETTERBOX)
    frame = north.box.grown(-4)
    # In the small window the name may also stand along the lower edge.
    along_edge = Name(((frame.left + frame.right) / 2, frame.bottom - 2), breaks, 0)
    return clear_spot(Name(spot, breaks, NAME_REACH), NAME_SIZE, taken, lines, others, frame) or clear_spot(
        along_edge, NAME_SIZE, taken, lines, [], frame, ((0, -1),)
    )


def _lands(north: Panel | None) -> tuple[Land, ...]:
    frames = []
    for panel in (SOUTH, north):
        if panel:
            left, top = WHOLE.place((panel.west, panel.north))
            right, bottom = WHOLE.place((panel.east, panel.south))
            frames.append((round(left), round(top), round(right - left), round(bottom - top)))
    drawn = [_land(panel) for panel in (SOUTH, north) if panel]
    return (*drawn, _land(WHOLE, tuple(frames)))


def _land(panel: Panel, frames: tuple[tuple[int, int, int, int], ...] = ()) -> Land:
    return Land(
        left=round(panel.left),
        top=round(panel.top),
        width=round(panel.width),
        height=round(panel.height),
        path=outline_path(panel),
        frames=frames,
    )
