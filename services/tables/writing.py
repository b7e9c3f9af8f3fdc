"""A list on its way out, as spreadsheets open it. What a spreadsheet would compute is written as text, typed cells as what they are."""
import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.utils.formats import number_format

# After a quotation mark, which spreadsheets do not show, these begin no formula; the import takes it off again.
COMPUTED = ("=", "+", "-", "@", "\t", "\r")
LINES_AT_ONCE = 1000
FORMATS = {date: "d.m.yyyy", time: "h:mm"}


def csv_lines(header: list[str], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """Semicolons and UTF-8 with its mark, a piece at a time; numbers and days as the reader's language writes them."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    yield b"\xef\xbb\xbf"
    lines = chain([header], rows)
    while some := list(islice(lines, LINES_AT_ONCE)):
        # The writer itself leaves out what is None and writes a whole number as it is.
        writer.writerows([[value if value is None or type(value) is int else _plain(value) for value in row] for row in some])
        yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


def _plain(value: Any) -> str:
    match value:
        case str():
            pass
        case None:
            return ""
        case date():
            return f"{value.day}.{value.month}.{value.year}"
        case time():
            return f"{value.hour}.{value.minute:02}"
        case Decimal():
            return number_format(value.normalize() if value else value, use_l10n=True, force_grouping=False)
        case int():
            return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(COMPUTED) else text


def xlsx_file(header: list[str], rows: Iterable[list[Any]]) -> io.BytesIO:
    """Every text is a text, whatever it begins with. Written row by row: the rows themselves are never all in memory."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, bold=True) for name in header])
    for row in rows:
        sheet.append([None if value is None else _cell(sheet, value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    packed.seek(0)
    return packed


def _cell(sheet: Any, value: Any, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, date | time | int | Decimal):
        cell = WriteOnlyCell(sheet, value)
        if number_format_of := FORMATS.get(type(value)):
            cell.number_format = number_format_of
    else:
        cell = WriteOnlyCell(sheet, "".join(c for c in str(value) if c.isprintable() or c in "\n\t"))
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
