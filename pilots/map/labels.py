"""Names on the picture, each where it covers the least."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from .projection import Box, Point

# Shares of the letter size: how wide a letter is taken to be (on the safe side for the system's fonts), how far lines stand.
LETTER = 0.66
LINE = 1.15
COVERED = 1000.0
# Nearer to a foreign mark than this (units), a name would be read as that mark's.
AMBIGUOUS = 16.0
# Right, left, under, over; then the corners.
STRAIGHT = ((1, 0), (-1, 0), (0, 1), (0, -1))
SIDES = (*STRAIGHT, (1, 1), (1, -1), (-1, 1), (-1, -1))
ROUNDS = 3


@dataclass(frozen=True)
class Name:
    """A name to place beside `point`: the ways to break it into lines, best first, and the distance that its mark takes."""

    point: Point
    breaks: tuple[tuple[str, ...], ...]
    reach: float


@dataclass(frozen=True)
class Line:
    """One line, lowered from the one before it (the first: from the middle of the name) by `dy` letter sizes."""

    text: str
    dy: str


@dataclass(frozen=True)
class Placed:
    """A name around the height `y`, so that it stays in its spot when it is drawn smaller; `anchor` is SVG's text-anchor."""

    x: int
    y: int
    anchor: str
    lines: tuple[Line, ...]
    box: Box
    cost: float = 0.0


@lru_cache(maxsize=64)
def place_names(names: tuple[Name, ...], letter: float, taken: tuple[Box, ...], lines: tuple[Point, ...], frame: Box) -> tuple[tuple[Placed, bool], ...]:
    """Each name in its best spot and whether it is clear there: in the frame and over nothing in `taken` and no other name.

    Points in `lines` are better left uncovered, but may be.
    """
    points = [name.point for name in names]
    options = [_options(name, letter, taken, lines, [point for point in points if point != name.point], frame, SIDES) for name in names]
    chosen: list[Placed | None] = [None] * len(names)
    costs = [0.0] * len(names)
    for _round in range(ROUNDS):
        for at, spots in enumerate(options):
            others = [placed.box for number, placed in enumerate(chosen) if placed and number != at]
            costs[at], chosen[at] = min(((cost + _covered(spot.box, others), spot) for cost, spot in spots), key=lambda option: option[0])
    return tuple((placed, cost < COVERED) for placed, cost in zip(chosen, costs, strict=True) if placed)


def clear_spot(
    name: Name,
    letter: float,
    taken: Sequence[Box],
    lines: Sequence[Point],
    others: Sequence[Point],
    frame: Box,
    sides: Sequence[tuple[int, int]] = STRAIGHT,
) -> Placed | None:
    """The best spot straight beside, under or over the point (or as `sides` says), with its cost; None when none is clear.

    It keeps its distance from the points in `others`, beside which the name would be read as theirs.
    """
    best = None
    for way, words in enumerate(name.breaks):
        for turn, side in enumerate(sides):
            spot = _spot(name, words, letter, side, frame)
            if not spot.box.inside(frame) or any(spot.box.meets(other) for other in taken):
                continue
            cost = _lesser_cost(spot, lines, others, turn, way)
            if best is None or cost < best.cost:
                best = replace(spot, cost=cost)
    return best


def _options(
    name: Name,
    letter: float,
    taken: Sequence[Box],
    lines: Sequence[Point],
    others: Sequence[Point],
    frame: Box,
    sides: Sequence[tuple[int, int]],
) -> list[tuple[float, Placed]]:
    options = []
    for way, words in enumerate(name.breaks):
        for turn, (side_x, side_y) in enumerate(sides):
            spot = _spot(name, words, letter, (side_x, side_y), frame)
            outside = 0.0 if spot.box.inside(frame) else COVERED + 100 * _sticks_out(spot.box, frame)
            cost = _covered(spot.box, taken) + outside + _lesser_cost(spot, lines, others, turn, way)
            options.append((cost, spot))
    return options


def _lesser_cost(spot: Placed, lines: Sequence[Point], others: Sequence[Point], turn: int, way: int) -> float:
    crossed = sum(map(spot.box.holds, lines))
    near = sum(map(spot.box.grown(AMBIGUOUS).holds, others))
    return crossed * 14 + near * 10 + turn * 2 + way * 7


def _spot(name: Name, words: Sequence[str], letter: float, side: tuple[int, int], frame: Box) -> Placed:
    side_x, side_y = side
    wide, high = max(len(word) for word in words) * letter * LETTER, len(words) * letter * LINE
    x, y = name.point
    # On a diagonal the name starts nearer, for the mark is round.
    near = 0.6 if side_x and side_y else 1.0
    x += side_x * name.reach * near
    y += side_y * (name.reach * near + high / 2) if not side_x else side_y * (name.reach * near * 0.6 + high / 2)
    if not side_x:
        # Under or over its mark a name may slide to stay in the frame, as long as the mark is still at it.
        slid = min(max(x, frame.left + wide / 2), frame.right - wide / 2)
        x = slid if abs(slid - x) < wide / 2 else x
    left = {1: x, -1: x - wide, 0: x - wide / 2}[side_x]
    top = y - high / 2
    first = f"{-(len(words) - 1) / 2 * LINE:.2g}em"
    return Placed(
        x=round(x),
        y=round(y),
        anchor={1: "start", -1: "end", 0: "middle"}[side_x],
        lines=tuple(Line(word, f"{LINE}em" if number else first) for number, word in enumerate(words)),
        box=Box(left, top, left + wide, top + high),
    )


def _covered(box: Box, others: Sequence[Box]) -> float:
    shared = sum(box.overlap(other) for other in others)
    return COVERED + shared * 5 if shared > 0 else 0.0


def _sticks_out(box: Box, frame: Box) -> float:
    return max(0.0, frame.left - box.left) + max(0.0, box.right - frame.right) + max(0.0, frame.top - box.top) + max(0.0, box.bottom - frame.bottom)
