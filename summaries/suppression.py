"""Which counts of people may be told: none that is small, and none from which a small one can be worked out.

Rule: a count of 1 to k - 1 is hidden (primary), and so many others with it (complementary) that whoever knows every
figure told, that counts are whole and that a zero is always told, can narrow no hidden one below k values. All
tables that share a person are judged together as one linked system: their totals, both levels, what was told earlier.

Method: linear programming, a cell at a time; the bounds of a hidden cell are the audit, the cheapest set of further cells
that widens them is the complement. Sources: P. B. Massell, Cell Suppression and Audit Programs used for Economic
Magnitude Data, U.S. Bureau of the Census, RR2001/01; M. Fischetti and J. J. Salazar, Solving the cell suppression problem
on tabular data with linear constraints, Management Science 47 (2001); A. Hundepool et al., Handbook on Statistical
Disclosure Control, ESSnet. Bounds by a linear programme are at least as wide as those of whole numbers: where the tables
are not simple sums of each other, whole numbers can be narrower.
"""
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log
from typing import Any

SMALLEST = 5
# Nothing counted here comes near it; and what is nearer to a whole number than NEAR is that number.
LARGE = 10_000_000
NEAR = 1e-6
# Whatever names a cell, and can be a key.
Cell = Any


@dataclass(frozen=True)
class Sum:
    """`total` counts exactly the people of `parts`, each once. A part that no table shows (sent and not accepted) is a cell too."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True)
class Linked:
    """`counts` of all cells and the `sums` between them; of what was frozen earlier, whether it was `told`: that stays. What else must be hidden is given as not told."""

    counts: Mapping[Cell, int]
    sums: Sequence[Sum] = ()
    told: Mapping[Cell, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.sums:
            if self.counts[one.total] != sum(self.counts[part] for part in one.parts):
                raise ValueError(f"{one.total} is not the sum of its parts")

    def parts(self) -> "list[Linked]":
        """The same, split where no sum joins two cells: those of different parts tell nothing of each other."""
        leader: dict[Cell, Cell] = {cell: cell for cell in self.counts}

        def of(cell: Cell) -> Cell:
            while leader[cell] != cell:
                leader[cell] = cell = leader[leader[cell]]
            return cell

        for one in self.sums:
            for part in one.parts:
                leader[of(part)] = of(one.total)
        found: dict[Cell, tuple[dict[Cell, int], list[Sum]]] = {}
        for cell, count in self.counts.items():
            found.setdefault(of(cell), ({}, []))[0][cell] = count
        for one in self.sums:
            found[of(one.total)][1].append(one)
        return [Linked(counts, sums, {cell: told for cell, told in self.told.items() if cell in counts}) for counts, sums in found.values()]


def hidden(linked: Linked, *, k: int = SMALLEST, protected: Container[Cell] | None = None) -> frozenset[Cell]:
    """The cells that must not be told. The same system always gives the same answer.

    Each of them must be able to be k numbers, or only those of them that are in `protected`.

    ValueError when what was told earlier already tells a small count: nothing that is hidden now could mend that.
    """
    chosen = {cell for cell, count in linked.counts.items() if 0 < count < k and cell not in linked.told}
    chosen |= {cell for cell, told in linked.told.items() if not told}
    seen = _Seen(linked.counts)
    complement = _Complement(linked, chosen)
    while narrow := _audit(linked, chosen, seen, k, protected):
        # The largest first: what protects it protects most smaller ones on its way.
        for cell in sorted(narrow, key=lambda cell: -linked.counts[cell]):
            if seen.values(cell) < k:
                chosen |= complement.of(cell, k, seen)
    return frozenset(chosen)


def bounds(linked: Linked, chosen: Iterable[Cell]) -> dict[Cell, tuple[int, int]]:
    """The least and the largest whole number that each hidden cell can be, to whoever knows all the others; LARGE for no limit."""
    seen, chosen = _Seen(linked.counts), set(chosen)
    _audit(linked, chosen, seen, LARGE)
    return {cell: (seen.lowest[cell], seen.highest[cell]) for cell in linked.counts if cell in chosen}


def completed(counts: Mapping[Cell, int | None], sums: Sequence[Sum], near: Mapping[Cell, int], least: Mapping[Cell, int]) -> dict[Cell, int]:
    """Numbers for the cells whose count is None, so that all sums hold: as near to `near` as can be, none below `least`.

    A cell that only a sum names is an unknown difference, and rather nothing than that another one is further away. ValueError when
    no whole numbers hold the sums.
    """
    named = dict.fromkeys(cell for one in sums for cell in (one.total, *one.parts))
    unknown = [cell for cell in (*counts, *(cell for cell in named if cell not in counts)) if counts.get(cell) is None]
    place = {cell: number for number, cell in enumerate(unknown)}
    free, many = (0.0, float(LARGE)), len(unknown)
    # Each number; how far it is above the one it should be near to, and how far below.
    programme = _Programme([(float(least.get(cell, 0)), float(LARGE)) for cell in unknown] + [free] * (2 * many), [0.0] * many + [1.0 if cell in counts else 2.0 for cell in unknown] * 2, whole=many)
    for number, cell in enumerate(unknown):
        programme.equal({number: 1.0, many + number: -1.0, 2 * many + number: 1.0}, near.get(cell, 0))
    for one in sums:
        known = (counts.get(one.total) or 0) - sum(counts.get(part) or 0 for part in one.parts)
        programme.equal({place[part]: 1.0 for part in one.parts if part in place} | ({place[one.total]: -1.0} if one.total in place else {}), known)
    try:
        values = programme.best() if unknown else []
    except Impossible:
        raise ValueError("What was told earlier contradicts itself") from None
    return {cell: count if (count := counts.get(cell)) is not None else round(values[place[cell]]) for cell in counts}


class _Seen:
    """The values of each cell that some solution has; between two solutions lie others, so all values between are possible."""

    def __init__(self, counts: Mapping[Cell, int]) -> None:
        self.lowest, self.highest = dict(counts), dict(counts)

    def add(self, cells: Iterable[Cell], values: Iterable[float]) -> None:
        for cell, value in zip(cells, values, strict=True):
            self.lowest[cell], self.highest[cell] = min(self.lowest[cell], ceil(value - NEAR)), max(self.highest[cell], floor(value + NEAR))

    def values(self, cell: Cell) -> int:
        return self.highest[cell] - self.lowest[cell] + 1


def _audit(linked: Linked, chosen: set[Cell], seen: _Seen, enough: int, protected: Container[Cell] | None = None) -> list[Cell]:
    """The hidden cells (of those that are protected) that have fewer values than enough. A cell is left as soon as so many have been seen."""
    cells = [cell for cell in linked.counts if cell in chosen]
    place = {cell: number for number, cell in enumerate(cells)}
    programme = _Programme([(1.0, float(LARGE))] * len(cells), [0.0] * len(cells))
    for one in linked.sums:
        known = linked.counts[one.total] * (one.total not in chosen) - sum(linked.counts[part] for part in one.parts if part not in chosen)
        programme.equal({place[part]: 1.0 for part in one.parts if part in place} | ({place[one.total]: -1.0} if one.total in place else {}), known)
    asked = [cell for cell in cells if protected is None or cell in protected]
    for cell in asked:
        for price in (-1.0, 1.0):
            if seen.values(cell) < enough:
                programme.price(place[cell], price)
                seen.add(cells, programme.best())
        programme.price(place[cell], 0.0)
    return [cell for cell in asked if seen.values(cell) < enough]


class _Complement:
    """Finds the cheapest further cells that let a hidden one have k values, every sum still holding.

    Each cell may rise, or fall to 1; to move one that is hidden already costs nothing, any other the more the larger it is.
    """

    def __init__(self, linked: Linked, chosen: Iterable[Cell]) -> None:
        self.counts = linked.counts
        # A zero is always told, and what was told stays told: neither can move.
        self.cells = [cell for cell, count in linked.counts.items() if count and linked.told.get(cell) is not True]
        self.place = {cell: number for number, cell in enumerate(self.cells)}
        self.open = set(self.cells)
        price = [1 + log(linked.counts[cell]) for cell in self.cells]
        self.programme = _Programme([(0.0, float(LARGE))] * len(self.cells) + [(0.0, linked.counts[cell] - 1.0) for cell in self.cells], price + price)
        for one in linked.sums:
            self.programme.equal(self._moved(one.parts, 1.0) | self._moved((one.total,), -1.0), 0)
        self._hide(chosen)

    def _moved(self, cells: Iterable[Cell], sign: float) -> dict[int, float]:
        """What a cell rises by, less what it falls by."""
        at = [self.place[cell] for cell in cells if cell in self.place]
        return dict.fromkeys(at, sign) | {len(self.cells) + number: -sign for number in at}

    def _hide(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            self.open.discard(cell)
            self.programme.price(self.place[cell], 0.0)
            self.programme.price(len(self.cells) + self.place[cell], 0.0)

    def of(self, cell: Cell, k: int, seen: _Seen) -> set[Cell]:
        """As much upwards as can be had, the rest downwards: beside cells that were told earlier it cannot always rise."""
        found: set[Cell] = set()
        for rise in range(k - 1, -1, -1):
            try:
                for by in (rise, rise + 1 - k):
                    found |= self._move(cell, by, seen)
            except Impossible:
                continue
            return found
        raise ValueError(f"What was told earlier tells {cell}")

    def _move(self, cell: Cell, by: int, seen: _Seen) -> set[Cell]:
        if not by:
            return set()
        if -by >= self.counts[cell]:
            raise Impossible
        many, number = len(self.cells), self.place[cell]
        self.programme.between(number, max(by, 0), max(by, 0))
        self.programme.between(many + number, max(-by, 0), max(-by, 0))
        try:
            moves = self.programme.best()
        finally:
            self.programme.between(number, 0, LARGE)
            self.programme.between(many + number, 0, self.counts[cell] - 1)
        seen.add(self.cells, [self.counts[one] + moves[at] - moves[many + at] for at, one in enumerate(self.cells)])
        found = {one for at, one in enumerate(self.cells) if one in self.open and moves[at] + moves[many + at] > NEAR}
        self._hide(found)
        return found


class Impossible(Exception):
    """No numbers hold all the sums."""


class _Programme:
    """A linear programme over whole-number tables: variables within limits, sums that hold, something to make small."""

    def __init__(self, limits: Sequence[tuple[float, float]], prices: Sequence[float], whole: int = 0) -> None:
        """`whole`: so many of the first variables are whole numbers."""
        # Here, for only the job that freezes a month needs the solver and its memory.
        import highspy

        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.optimal = highspy.HighsModelStatus.kOptimal
        for number, (low, high) in enumerate(limits):
            self.solver.addVar(low, high)
            self.price(number, prices[number])
        for number in range(whole):
            self.solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)

    def equal(self, terms: Mapping[int, float], value: float) -> None:
        if terms:
            self.solver.addRow(value, value, len(terms), list(terms), list(terms.values()))

    def between(self, variable: int, low: float, high: float) -> None:
        self.solver.changeColBounds(variable, low, high)

    def price(self, variable: int, price: float) -> None:
        self.solver.changeColCost(variable, price)

    def best(self) -> list[float]:
        """The values that cost least."""
        self.solver.run()
        if self.solver.getModelStatus() != self.optimal:
            raise Impossible
        return list(self.solver.getSolution().col_value)
