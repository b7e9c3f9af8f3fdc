"""Numbers for what was hidden in earlier months, so that a later one can be judged beside them: the hidden ones themselves are kept nowhere.

Whoever reads knows nothing of a hidden count but what is told beside it. So the judging may take any numbers that hold every sum with
those: a hidden count that could be several numbers can be the same ones whichever of them is taken. Taken are those nearest to what is
counted today, so that nobody is thought to have gone, or to have come, who has not.
"""
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from summaries.queries.published_counts import count_opened
from summaries.queries.published_links import SHARED, Cell, Frozen, sums_before
from summaries.queries.published_tables import NETWORK
from summaries.suppression import completed

# What was frozen: the count, None where it is hidden.
Kept = Mapping[Cell, int | None]


def numbers_before(month: date, kept: Kept, today: Mapping[Cell, int]) -> Frozen:
    """For `linked_month`. `today`: what is counted now. ValueError when no numbers hold the sums: what is told contradicts itself."""
    counts = {cell: count for cell, count in kept.items() if cell.table in SHARED}
    # A zero is hidden only where nothing of its table is told.
    telling = {(cell.month, cell.table) for cell, count in counts.items() if count is not None}
    least = {cell: int((cell.month, cell.table) in telling) for cell in counts}
    # Of what is hidden, and is counted as nothing today, nothing is what it is near to.
    whole = completed(counts, sums_before(month, counts), {cell: today.get(cell, 0) for cell in counts}, least)
    return {cell: (count, counts[cell] is not None) for cell, count in whole.items()}


def counted_today(cells: Iterable[Cell]) -> Mapping[Cell, int]:
    """The cells of the months of these, as they are counted now. One query for each month, two for the last of a quarter."""
    found = Counter[Cell]()
    for month in sorted({cell.month for cell in cells}):
        for (table, column, slug), number in count_opened(month).items():
            for scope in (slug, NETWORK):
                found[Cell(month, table, scope, column)] += number
    return found
