"""A list as it comes: CSV or XLSX, judged by its content and never by its name; limits first, reading after.

The first line with something in it names the columns. Cells come as plain text: nothing in a file is computed, a
formula is its own text. Personal identity codes are taken out while reading and are kept nowhere.
"""
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from pilots.tables import csv_files
from services.tables.limits import LARGEST, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS

ZIP_SIGN = b"PK\x03\x04"
# How old Excel files begin, and new ones under a password.
OLE_SIGN = b"\xd0\xcf\x11\xe0"
IDENTITY_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}[-+A-FU-Ya-fu-y][0-9]{3}[0-9A-Za-z](?![0-9A-Za-z])")
A_DAY_OR_A_NUMBER = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|\S+@\S+\.\S+|[0-9]{5,}")


@dataclass(frozen=True)
class Table:
    """`rows` are pairs of the file's own line number and the cells; `codes_left_out`: identity codes that were taken out."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    codes_left_out: int = 0


class Reader:
    """Takes lines one after another, and raises ValidationError at the first thing that makes the file useless."""

    def __init__(self, most_rows: int) -> None:
        self.most_rows = most_rows
        self.header: list[str] = []
        self.rows: list[tuple[int, list[str]]] = []
        self.codes_left_out = 0

    def take(self, line: int, texts: Iterable[str]) -> None:
        cells = [self._clean(text) for text in texts]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return
        if len(cells) > MOST_COLUMNS:
            raise ValidationError(_("Line %(line)s has more than %(most)s columns. Take out the columns that are not needed."), params={"line": line, "most": MOST_COLUMNS}, code="columns")
        if not self.header:
            self._name_columns(line, cells)
            return
        if len(self.rows) == self.most_rows:
            raise ValidationError(_("The list has more than %(most)s lines. Divide it into several files."), params={"most": number_format(self.most_rows, force_grouping=True)}, code="rows")
        self.rows.append((line, cells + [""] * (len(self.header) - len(cells))))

    def _name_columns(self, line: int, cells: list[str]) -> None:
        if sum(bool(cell) for cell in cells) < 2:
            raise ValidationError(_("Line %(line)s has one column only. Columns are divided by a semicolon, a comma or a tab, and the first line names them."), params={"line": line}, code="one_column")
        if any(A_DAY_OR_A_NUMBER.search(cell) for cell in cells):
            # The header is kept longer than the rows are: somebody's data must never be taken for one.
            raise ValidationError(_("Line %(line)s looks like data. The first line has to name the columns."), params={"line": line}, code="no_header")
        self.header = cells

    def _clean(self, text: str) -> str:
        """One line of printable text; PostgreSQL keeps no NUL, and line breaks are nobody's name."""
        if not text.isprintable():
            text = "".join(c if c.isprintable() or c == " " else " " if c.isspace() or unicodedata.category(c) == "Zs" else "" for c in text)
        text = " ".join(text.split())
        if IDENTITY_CODE.search(text):
            text, count = IDENTITY_CODE.subn("", text)
            self.codes_left_out += count
            text = text.strip()
        return text[:LONGEST_CELL]

    def table(self) -> Table:
        if not self.header:
            raise ValidationError(_("The file is empty. Choose another one."), code="empty")
        if not self.rows:
            raise ValidationError(_("The file names columns and has no line below them."), code="no_rows")
        return Table(self.header, self.rows, self.codes_left_out)


def read_table(content: bytes, most_rows: int = MOST_ROWS) -> Table:
    """The lines of a file; ValidationError says in words, and by its line where it has one, what is wrong with it."""
    if not content:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if len(content) > LARGEST:
        raise ValidationError(_("The file is larger than 5 MB. Divide it into several files."), code="too_large")
    if content.startswith(OLE_SIGN):
        raise ValidationError(_("This is an old Excel file, or one with a password. Save it as XLSX without a password, or as CSV."), code="old_excel")
    reader = Reader(most_rows)
    if content.startswith(ZIP_SIGN):
        # Here: a worker that has read no workbook has no need of its memory.
        from services.tables import xlsx_files

        lines = xlsx_files.lines(content)
    else:
        lines = csv_files.lines(content)
    for line, texts in lines:
        reader.take(line, texts)
    return reader.table()
