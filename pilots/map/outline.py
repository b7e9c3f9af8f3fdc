"""Finland's outline as SVG path data for a panel."""

import csv
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from .projection import Panel, Point, project

OUTLINE_FILE = Path(__file__).resolve().parent.parent / "data" / "finland_outline.csv"
# Beyond the panel's edge by this much (units) the outline is cut, so that the cut itself is never seen.
OVERHANG = 6
# A corner that leaves the drawn line by less than this (units) is left out.
FINEST_CORNER = 1.4
# Islands drawn smaller than this (square units) are specks.
SMALLEST_ISLAND = 9


@lru_cache(maxsize=1)
def rings() -> tuple[tuple[Point, ...], ...]:
    """The rings of the outline on the sheet in kilometres, the mainland first."""
    by_number: dict[str, list[Point]] = {}
    with OUTLINE_FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            by_number.setdefault(row["ring"], []).append(project(float(row["lat"]), float(row["lon"])))
    return tuple(tuple(ring) for ring in by_number.values())


@lru_cache(maxsize=64)
def outline_path(panel: Panel) -> str:
    """The `d` of the land seen in the panel, in whole units of the picture."""
    parts = []
    for ring in rings():
        drawn = _cut_to(panel, [panel.place(point) for point in ring])
        if len(drawn) > 3 and _size(drawn) >= SMALLEST_ISLAND:
            parts.append(_closed(_simplify(drawn)))
    return "".join(parts)


def _cut_to(panel: Panel, ring: list[Point]) -> list[Point]:
    """Sutherland and Hodgman's cut of a ring by the four edges of the panel."""
    edges = (
        (0, panel.left - OVERHANG, 1),
        (0, panel.right + OVERHANG, -1),
        (1, panel.top - OVERHANG, 1),
        (1, panel.bottom + OVERHANG, -1),
    )
    for axis, limit, sign in edges:
        kept: list[Point] = []
        for before, here in zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True):
            before_in, here_in = (before[axis] - limit) * sign >= 0, (here[axis] - limit) * sign >= 0
            if before_in != here_in:
                share = (limit - before[axis]) / (here[axis] - before[axis])
                kept.append((before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1])))
            if here_in:
                kept.append(here)
        ring = kept
    return ring


def _size(ring: list[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def _simplify(ring: list[Point]) -> list[Point]:
    """Douglas and Peucker's line, from the first corner to the one farthest from it and back."""
    far = max(range(len(ring)), key=lambda at: _distance(ring[at], ring[0], ring[0]))
    closed = [*ring, ring[0]]
    kept, spans = {0, far}, [(0, far), (far, len(ring))]
    while spans:
        first, last = spans.pop()
        between = range(first + 1, last)
        if not between:
            continue
        worst = max(between, key=lambda at: _distance(closed[at], closed[first], closed[last]))
        if _distance(closed[worst], closed[first], closed[last]) > FINEST_CORNER:
            kept.add(worst)
            spans += [(first, worst), (worst, last)]
    return [ring[at] for at in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    from_x, from_y = point[0] - start[0], point[1] - start[1]
    length = (along_x**2 + along_y**2) ** 0.5
    if not length:
        return (from_x**2 + from_y**2) ** 0.5
    return abs(along_x * from_y - along_y * from_x) / length


def _closed(ring: list[Point]) -> str:
    corners = [(round(x), round(y)) for x, y in ring]
    words = [f"M{corners[0][0]} {corners[0][1]}l"]
    for before, here in pairwise(corners):
        step = f"{here[0] - before[0]} {here[1] - before[1]}"
        words.append(step if words[-1].endswith("l") or step.startswith("-") else " " + step)
    return "".join(words) + "z"
