"""What has been told of clients, read as it was frozen. A hidden count is not kept anywhere, and nothing is counted here."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from guidance.models import Partnership, QuotedFigure
from summaries.models import PublishedCell
from summaries.queries.pathway_figures import Baseline, Count, share
from summaries.queries.published_tables import NETWORK, OPENED, QUARTERS, Column, PublishedTable
from summaries.queries.summary import MOST_MONTHS

Told = dict[tuple[str, str, str], int | None]


@dataclass(frozen=True)
class ToldCell:
    """`count` is None where it is hidden; `part` is the share of the row's total, None where one of the two is."""

    label: Column
    count: int | None
    part: float | None


@dataclass(frozen=True)
class ToldRow:
    """`name` is "" of the whole network."""

    slug: str
    name: str
    cells: list[ToldCell]


@dataclass(frozen=True)
class ToldTable:
    """Partnerships by their names, the whole network last."""

    table: PublishedTable
    month: date
    frozen_on: date
    rows: list[ToldRow]

    @property
    def first_day(self) -> date:
        return self.table.period(self.month)[0]

    @property
    def last_day(self) -> date:
        return self.table.period(self.month)[1] - timedelta(days=1)

    @property
    def columns(self) -> Sequence[Column]:
        """Whom nobody has erased needs no column."""
        empty = [code for place, (code, _label) in enumerate(self.table.shown) if code == "gone" and all(row.cells[place].count == 0 for row in self.rows)]
        return [column for column in self.table.shown if column[0] not in empty]

    def row(self, slug: str) -> ToldRow:
        return next((row for row in self.rows if row.slug == slug), self.rows[-1])


def published_months() -> list[date]:
    """The latest first. One query."""
    return list(PublishedCell.objects.filter(table=OPENED, partnership=NETWORK).order_by("-month").values_list("month", flat=True))


def read_tables(tables: Iterable[PublishedTable], month: date, *, everything: bool) -> list[ToldTable]:
    """Those of the tables that were frozen with the month; of the network alone, or of every partnership too. Two queries."""
    tables = [table for table in tables if table.is_frozen_with(month)]
    cells = PublishedCell.objects.filter(month=month, table__in={name for table in tables for name in (table.code, table.total[0])}).order_by()
    if not everything:
        cells = cells.filter(partnership=NETWORK)
    told: Told = {}
    frozen_on = month
    for table, column, slug, count, day in cells.values_list("table", "column", "partnership", "count", "frozen_on"):
        told[table, column, slug], frozen_on = count, day
    names = {one.slug: one.name for one in Partnership.objects.only("slug", "name_fi", "name_sv")} if everything else {}
    slugs = [*sorted({slug for _table, _column, slug in told} - {NETWORK}, key=lambda slug: names.get(slug, slug).casefold()), NETWORK]
    return [ToldTable(table, month, frozen_on, [_row(table, slug, names.get(slug, slug), told) for slug in slugs]) for table in tables]


def _row(table: PublishedTable, slug: str, name: str, told: Told) -> ToldRow:
    """A partnership that was not there yet when the month was frozen has nobody."""
    whole = Count(told.get((*table.total, slug), 0))
    cells = []
    for column in table.shown:
        count = told.get((*table.cell(column[0]), slug), 0)
        cells.append(ToldCell(column, count, share(Count(count), whole) if column[0] != table.total[1] else None))
    return ToldRow(slug, name, cells)


def totals_by_month(table: PublishedTable, slug: str) -> list[tuple[date, int | None]]:
    """The latest first, None where the total is hidden. One query."""
    name, column = table.total
    rows = PublishedCell.objects.filter(table=name, column=column, partnership=slug).order_by("-month")
    return list(rows.values_list("month", "count")[:MOST_MONTHS])


# What the source's figures are called, and which told cells measure the same; a share where the source states one.
MEASURED: dict[str, tuple[tuple[str, str], ...]] = {
    "asiakkaat": ((QUARTERS, "all"),),
    "osaamisen-kehittaminen": (("seeking", "yes"),),
    "ilman-tutkintoa": (("background", "basic"), ("background", "basic_unfinished")),
    "alle-30": (("age", "under_20"), ("age", "20_24"), ("age", "25_29")),
}


def baselines(month: date, slug: str) -> tuple[date | None, date | None, list[Baseline]]:
    """The source's figures beside those told of the latest quarter up to `month` in which somebody began: the day of the first, the month
    of the second. Three queries.

    A sum is told where all its parts are. The source's numbers stand beside them and are no cell of any table.
    """
    quoted = list(QuotedFigure.objects.filter(code__in=MEASURED))
    quarters = PublishedCell.objects.filter(table=QUARTERS, partnership=slug, month__lte=month).exclude(count=0)
    latest = quarters.order_by("-month").values_list("month", flat=True).first() if quoted else None
    if latest is None:
        return None, None, []
    cells = PublishedCell.objects.filter(table__in=[QUARTERS, "age", "background", "seeking"], partnership=slug, month=latest)
    told = {(table, column): count for table, column, count in cells.order_by().values_list("table", "column", "count")}
    whole = Count(told.get((QUARTERS, "all")))
    found = []
    for figure in quoted:
        counts = [told.get(cell) for cell in MEASURED[figure.code]]
        measured = Count(None if None in counts else sum(count or 0 for count in counts))
        part = None if figure.is_almost or figure.code == "asiakkaat" else share(measured, whole)
        found.append(Baseline(figure, measured, part))
    return quoted[0].began_on, latest, found


