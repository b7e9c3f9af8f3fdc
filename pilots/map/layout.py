"""Where things go on the picture: marks that keep their distance, bridges, numbers and names. The same input, the same picture."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import cos, hypot, pi, sin

from .projection import Box, Point

# The crown that draws a bridge up stands this share of its length from the straight line, and no farther than so many units,
# so that the bridge itself (half as high) stays on the area's soft ground.
RISE = 0.28
HIGHEST_CROWN = 24.0
ROUNDS = 400


def spread(places: Sequence[tuple[Point, bool]], apart: float) -> list[Point]:
    """Part marks until each two are `apart` from each other.

    A mark that stays on its place moves no more than it must; the others take the nearest clear spot around theirs.
    """
    at = _push_apart({number: point for number, (point, stays) in enumerate(places) if stays}, apart)
    for number, (home, stays) in enumerate(places):
        if not stays:
            at[number] = _clear_spot(home, list(at.values()), apart)
    return [at[number] for number in range(len(places))]


def _push_apart(at: dict[int, Point], apart: float) -> dict[int, Point]:
    for _round in range(ROUNDS):
        still = True
        for first, second in combinations(sorted(at), 2):
            (x1, y1), (x2, y2) = at[first], at[second]
            gap = hypot(x2 - x1, y2 - y1)
            if gap >= apart:
                continue
            still = False
            # Marks on one spot part in a direction of their own.
            turn = first * 5 + second * 7
            away_x, away_y = ((x2 - x1) / gap, (y2 - y1) / gap) if gap > 0.01 else (cos(turn), sin(turn))
            push = (apart - gap) / 2 + 0.05
            at[first] = (x1 - away_x * push, y1 - away_y * push)
            at[second] = (x2 + away_x * push, y2 + away_y * push)
        if still:
            break
    return at


def _clear_spot(home: Point, others: Sequence[Point], apart: float) -> Point:
    """The nearest spot around `home` that is clear of the others; of equally near ones the most open."""
    far = 0.0
    while True:
        spots = around([home], (far,), 24) if far else [home]
        open_by = {spot: min((gap(spot, other) for other in others), default=apart) for spot in spots}
        widest = max(spots, key=lambda spot: (round(open_by[spot], 3), spot))
        if open_by[widest] >= apart:
            return widest
        far += apart / 8


def spanning_tree(points: Sequence[Point]) -> list[tuple[int, int]]:
    """Prim's shortest set of lines that joins all points, as pairs of their positions in the sequence."""
    if not points:
        return []
    joined, lines = [0], []
    waiting = set(range(1, len(points)))
    while waiting:
        _, start, end = min((gap(points[a], points[b]), a, b) for a in joined for b in waiting)
        lines.append((start, end))
        joined.append(end)
        waiting.remove(end)
    return lines


def bridge(start: Point, end: Point, *, hangs: bool = False) -> str:
    """An arc between two places that rises to the north, or hangs to the south, as path data."""
    if start > end:
        start, end = end, start
    (x1, y1), (x2, y2) = start, end
    length = gap(start, end)
    rise = min(RISE, HIGHEST_CROWN / length) * (-1 if hangs else 1) if length else 0
    crown_x = (x1 + x2) / 2 + (y2 - y1) * rise
    crown_y = (y1 + y2) / 2 - (x2 - x1) * rise
    return f"M{x1:.0f} {y1:.0f}Q{crown_x:.0f} {crown_y:.0f} {x2:.0f} {y2:.0f}"


def along(start: Point, end: Point) -> list[Point]:
    """Points on the straight line, some 15 units apart: what a number or a name should not cover."""
    steps = max(2, int(hypot(end[0] - start[0], end[1] - start[1]) // 15))
    return [(start[0] + (end[0] - start[0]) * step / steps, start[1] + (end[1] - start[1]) * step / steps) for step in range(1, steps)]


def along_tree(points: Sequence[Point]) -> list[Point]:
    """Points along the spanning tree's lines."""
    return [spot for a, b in spanning_tree(points) for spot in along(points[a], points[b])]


def gap(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


def around(points: Iterable[Point], distances: Sequence[float], directions: int = 16) -> list[Point]:
    """Candidate spots around points, in rings."""
    return [
        (x + cos(2 * pi * turn / directions) * far, y + sin(2 * pi * turn / directions) * far)
        for x, y in points
        for far in distances
        for turn in range(directions)
    ]


def box_around(point: Point, half: float) -> Box:
    return Box(point[0] - half, point[1] - half, point[0] + half, point[1] + half)


def wrap(text: str, longest: int) -> list[str]:
    """Lines of whole words, none longer than `longest` unless one word is."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
