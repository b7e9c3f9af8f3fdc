"""Workbooks for people who go on reckoning: numbers as numbers, days as days, text as text."""
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | Decimal | date | None
# What openpyxl would take for a formula is text here: nobody outside decides what a reader's computer reckons.
FORMATS = {Decimal: "#,##0.00", int: "0", date: "d.m.yyyy"}
MOST_OF_A_NAME = 31
NOT_IN_A_NAME = str.maketrans("", "", "[]:*?/\\'")


@dataclass(frozen=True)
class Sheet:
    """`rows` with the headings first; a row that begins a table may be empty."""

    name: str
    rows: Sequence[Sequence[Value]]
    headings: frozenset[int] = frozenset({0})


def workbook(sheets: Sequence[Sheet]) -> bytes:
    # Here, as wherever it is used: a worker that has made no workbook has no need of its memory.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name.translate(NOT_IN_A_NAME)[:MOST_OF_A_NAME] or "1")
        for number in range(max((len(row) for row in sheet.rows), default=0)):
            longest = max((len(str(row[number])) for row in sheet.rows if number < len(row) and row[number] is not None), default=0)
            page.column_dimensions[get_column_letter(number + 1)].width = min(max(longest + 2, 8), 60)
        for number, row in enumerate(sheet.rows):
            page.append([_cell(page, value, number in sheet.headings) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(page, value: Value, heading: bool) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(page, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif value is not None:
        cell.number_format = FORMATS[type(value)]
    if heading:
        cell.font = Font(bold=True)
    return cell
