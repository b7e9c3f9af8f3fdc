"""What ties the cells of a frozen month together, and to what was frozen earlier: the system that `suppression` judges as one.

- The network is the sum of its partnerships, in every table.
- Tables of the same people have the same total; a quarter is its three months.
- Whoever came to a stage came to the one before: the difference is those who came no further, and counts as a cell.
- Those who are followed for a year are those who were opened a year ago, as they were told then with all their tables. Whoever has been
  erased since stays in the total, in a column of its own: two dates tell of nobody either.

Hand-offs are looked at once each, so that those of one month share nobody with those of another.
"""
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from summaries.queries.published_counts import MonthCounts
from summaries.queries.published_tables import (
    BY_CODE,
    EVERY,
    FOLLOWED,
    GONE,
    NETWORK,
    OPENED,
    QUARTER,
    QUARTERS,
    TABLES,
    WAY,
    YEAR,
    earlier,
)
from summaries.suppression import SMALLEST, Linked, Sum

TRAITS = [table for table in TABLES if table.total[0] == QUARTERS]

# Of earlier months, the tables that count people of later ones.
SHARED = {OPENED, QUARTERS, *(table.code for table in TRAITS)}


class Cell(NamedTuple):
    """`extra` is not "" of what no table shows: a difference that could be reckoned."""

    month: date
    table: str
    partnership: str
    column: str
    extra: str = ""


# Of what was frozen earlier: the count (of a hidden one `published_before` says which), and whether it was told.
Frozen = Mapping[Cell, tuple[int, bool]]


def months_to_link(month: date) -> list[date]:
    """The earlier months that share people with `month`: those of its quarter and, at its end, those of the quarter a year before."""
    if month.month % QUARTER:
        return []
    return [earlier(month, months) for months in (1, 2, YEAR, YEAR + 1, YEAR + 2)]


def linked_month(month: date, made: MonthCounts, frozen: Frozen) -> Linked:
    system = _System()
    partnerships = sorted({*made.partnerships, *(slug for _table, _column, slug in made.counts), *(cell.partnership for cell in frozen)} - {NETWORK})
    keep_gone(month, made, frozen, partnerships)
    for table, column in cells_of(month):
        system.add_level(month, table, column, {slug: made.counts[table, column, slug] for slug in partnerships})
        people = {slug: len(made.people[table, column, slug]) for slug in partnerships if (table, column, slug) in made.people}
        for slug, known in (people | {NETWORK: sum(people.values())} if people else {}).items():
            cell = Cell(month, table, slug, column)
            if known < SMALLEST <= system.counts[cell]:
                # Enough hand-offs, of too few people: hidden, as if it had been hidden before.
                system.told[cell] = False
    for cell, (count, is_told) in frozen.items():
        if cell.table in SHARED:
            # A zero is taken as known, also one that was hidden with everything else.
            system.counts[cell], system.told[cell] = count, is_told or not count
    system.sum_levels(frozen)
    for scope in (*partnerships, NETWORK):
        _tie_quarter(system, month, scope)
        _tie_quarter(system, earlier(month, YEAR), scope)
        system.tie(Cell(month, FOLLOWED, scope, EVERY), [Cell(earlier(month, YEAR), QUARTERS, scope, EVERY)])
        system.sum_columns(month, scope, [table for table in TABLES if table.columns[0][0] != EVERY and not table.is_funnel and table not in TRAITS])
    _tie_way(system, month, partnerships, made)
    return Linked(system.counts, system.sums, system.told)


def sums_before(month: date, cells: Iterable[Cell]) -> list[Sum]:
    """How the cells that were frozen before `month` hang together by themselves."""
    system = _System()
    system.counts = dict.fromkeys(cells, 0)
    scopes = sorted({cell.partnership for cell in system.counts})
    system.sum_levels(system.counts)
    for scope in scopes:
        _tie_quarter(system, earlier(month, YEAR), scope)
    return system.sums


def keep_gone(month: date, made: MonthCounts, frozen: Frozen, partnerships: Iterable[str]) -> None:
    """Whoever was counted before and is there no longer stays in the total; of the way no more is known than that it began."""
    if not BY_CODE[FOLLOWED].is_frozen_with(month):
        return
    for slug in partnerships:
        of_months = made.counts[OPENED, EVERY, slug] + sum(frozen.get(Cell(earlier(month, back), OPENED, slug, EVERY), (0, True))[0] for back in range(1, QUARTER))
        of_year_ago = frozen.get(Cell(earlier(month, YEAR), QUARTERS, slug, EVERY), (0, True))[0]
        for total, before, tables in ((QUARTERS, of_months, TRAITS), (FOLLOWED, of_year_ago, [BY_CODE["outcome"]])):
            gone = max(0, before - made.counts[total, EVERY, slug])
            made.counts[total, EVERY, slug] += gone
            for table in tables:
                made.counts[table.code, GONE, slug] += gone
            if total == FOLLOWED:
                made.furthest[FOLLOWED, WAY[0], slug] += gone


def cells_of(month: date) -> list[tuple[str, str]]:
    """(table, column) of all that is frozen with the month; each total once."""
    tables = [table for table in TABLES if table.is_frozen_with(month)]
    return list(dict.fromkeys(cell for table in tables for cell in (table.total, *((table.code, column) for column, _label in table.columns))))


def _tie_quarter(system: "_System", last: date, scope: str) -> None:
    months = [Cell(earlier(last, back), OPENED, scope, EVERY) for back in range(QUARTER)]
    system.tie(Cell(last, QUARTERS, scope, EVERY), months)
    system.sum_columns(last, scope, TRAITS)


def _tie_way(system: "_System", month: date, partnerships: Iterable[str], made: MonthCounts) -> None:
    if (FOLLOWED, EVERY) not in cells_of(month):
        return
    for stage in WAY[:-1]:
        system.add_level(month, FOLLOWED, stage, {slug: made.furthest[FOLLOWED, stage, slug] for slug in partnerships}, extra="no further")
    for scope in (*partnerships, NETWORK):
        reached = [Cell(month, FOLLOWED, scope, EVERY if stage == WAY[0] else stage) for stage in WAY]
        for one, after, stage in zip(reached, reached[1:], WAY, strict=False):
            system.sums.append(Sum(one, (after, Cell(month, FOLLOWED, scope, stage, "no further"))))


class _System:
    def __init__(self) -> None:
        self.counts: dict[Cell, int] = {}
        self.sums: list[Sum] = []
        self.told: dict[Cell, bool] = {}

    def add_level(self, month: date, table: str, column: str, counts: Mapping[str, int], extra: str = "") -> None:
        """A column of all partnerships, and of the network as their sum."""
        parts = tuple(Cell(month, table, slug, column, extra) for slug in counts)
        whole = Cell(month, table, NETWORK, column, extra)
        self.counts |= dict(zip(parts, counts.values(), strict=True)) | {whole: sum(counts.values())}
        self.sums.append(Sum(whole, parts))

    def sum_levels(self, frozen: Iterable[Cell]) -> None:
        """The same of what was frozen earlier, with the partnerships of that time."""
        parts: dict[Cell, list[Cell]] = {}
        for cell in frozen:
            if cell in self.counts:
                parts.setdefault(cell._replace(partnership=NETWORK), []).extend([cell] if cell.partnership else [])
        self.sums += [Sum(whole, tuple(found)) for whole, found in parts.items()]

    def sum_columns(self, month: date, scope: str, tables: Iterable) -> None:
        for table in tables:
            total, parts = Cell(month, table.total[0], scope, table.total[1]), tuple(Cell(month, table.code, scope, column) for column, _label in table.columns)
            if total in self.counts and parts[0] in self.counts:
                self.sums.append(Sum(total, parts))

    def tie(self, total: Cell, parts: Iterable[Cell]) -> None:
        """`total` counts the people of `parts`, and whoever has come to them since (or in a month that was not frozen): a cell that no table shows."""
        known = tuple(part for part in parts if part in self.counts)
        if total not in self.counts or not known:
            return
        added = total._replace(extra=f"beside {known[0].month}")
        self.counts[added] = self.counts[total] - sum(self.counts[part] for part in known)
        self.sums.append(Sum(total, (*known, added)))
