"""The frozen tables of a month as a file: one line for each cell, or a table for each on paper. The same numbers as on the page."""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import short_date
from services.tables.workbooks import Sheet, workbook
from summaries.outline import Document, Paragraph, Section, Table
from summaries.queries.published import ToldCell, ToldRow, ToldTable

# Beside its word wherever a hidden count stands.
HIDDEN = "⊘"
MOST_ON_PAPER = 6


def hidden_words() -> str:
    word = pgettext("count", "hidden")
    return f"{HIDDEN} {word}"


def why_hidden() -> str:
    return _("A hidden count is not zero: it is of one to four people, or it would let such a count be worked out. A count of nobody is shown as 0.")


@dataclass(frozen=True)
class PublishedFile:
    tables: Sequence[ToldTable]
    month: date | None
    asked_on: date
    file_name: str

    def header(self) -> list[str]:
        return [_("Table"), _("From"), _("To"), _("Partnership"), _("Column"), _("Number"), _("Share of the total")]

    def lines(self) -> Iterator[list[Any]]:
        for told in self.tables:
            for row in told.rows:
                for cell in shown_cells(told, row):
                    part = None if cell.part is None else Decimal(cell.part).quantize(Decimal("0.0001"))
                    yield [str(told.table.title), told.first_day, told.last_day, row_name(row), capfirst(str(cell.label[1])), hidden_words() if cell.count is None else cell.count, part]

    def meanings(self) -> list[list[str]]:
        rows = [[str(told.table.title), str(told.table.counted), str(told.table.not_counted)] for told in self.tables]
        return [[_("Table"), _("What is counted"), _("What is not counted")], *rows, [hidden_words(), why_hidden(), ""]]

    def about(self) -> list[list[Any]]:
        frozen = [[_("Counted on"), self.tables[0].frozen_on]] if self.tables else []
        return [[_("Clients in figures")], [_("Month"), f"{self.month:%Y-%m}" if self.month else _("none yet")], *frozen, [_("Asked for on"), self.asked_on]]


def shown_cells(told: ToldTable, row: ToldRow) -> list[ToldCell]:
    columns = told.columns
    return [cell for cell in row.cells if cell.label in columns]


def row_name(row: ToldRow) -> str:
    return row.name or _("The whole network")


def as_workbook(file: PublishedFile) -> bytes:
    return workbook([Sheet(_("Figures"), [file.header(), *file.lines()]), Sheet(_("What the figures mean"), file.meanings()), Sheet(pgettext("file", "About"), file.about())])


def as_document(file: PublishedFile) -> Document:
    title = _("Clients in figures")
    document = Document(about=title, title=title, subtitle=f"{file.month:%Y-%m}" if file.month else _("none yet"), made_on=file.asked_on, file_name=file.file_name)
    for told in file.tables:
        section = Section(told.table.code, str(told.table.title))
        columns = told.columns
        for begin in range(0, len(columns), MOST_ON_PAPER):
            part = columns[begin : begin + MOST_ON_PAPER]
            rows = [[row_name(row), *(_on_paper(cell) for cell in row.cells if cell.label in part)] for row in told.rows]
            section.blocks.append(Table(str(told.table.title), [_("Partnership"), *(capfirst(str(label)) for _code, label in part)], rows, frozenset(range(1, len(part) + 1))))
        period = {"first": short_date(told.first_day), "last": short_date(told.last_day)}
        section.blocks.append(Paragraph(_("From %(first)s to %(last)s.") % period, is_soft=True))
        section.blocks.append(Paragraph(_("Counted: %(counted)s Not counted: %(left_out)s") % {"counted": told.table.counted, "left_out": told.table.not_counted}, is_soft=True))
        document.sections.append(section)
    document.sections.append(Section("hidden", hidden_words(), [Paragraph(why_hidden())]))
    return document


def _on_paper(cell: ToldCell) -> str:
    if cell.count is None:
        return hidden_words()
    count = number_format(cell.count, force_grouping=True)
    return count if cell.part is None else _("%(count)s (%(share)s %%)") % {"count": count, "share": round(cell.part * 100)}
