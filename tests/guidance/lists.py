"""Client lists as files: plainly invented people, as CSV and as real workbooks."""
import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook

from guidance.actions.imports import map_columns, upload_list
from guidance.models import ImportBatch
from guidance.tables.columns import Column
from services.tables.headers import suggested
from tests.guidance.factories import days_from_now

HEADER = ["Sukunimi", "Etunimet", "Syntymäaika", "Puhelin"]
PEOPLE = [["Esimerkki", "Aino", "3.2.1990", "050 1"], ["Mallinen", "Eino", "1985-12-24", "050 2"], ["Näytelä", "Öivind", "29.2.1988", ""]]
# Enough different words that nobody looks like anybody.
SYLLABLES = ["ka", "lo", "mi", "nu", "pe", "ra", "si", "to", "vu", "hy"]


def csv_of(rows: Sequence[Sequence[str]] = tuple(PEOPLE), header: Sequence[str] = tuple(HEADER), delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Sequence[Sequence], header: Sequence = tuple(HEADER)) -> bytes:
    workbook = Workbook()
    for row in [header, *rows]:
        workbook.active.append(list(row))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def many(count: int) -> list[list[str]]:
    """As many people as asked for, none like another."""
    return [[f"{_word(number)}nen", f"{_word(number * 7 + 3)}li", f"{1 + number % 28}.{1 + number // 28 % 12}.{1950 + number % 50}", f"050 {number}"] for number in range(count)]


def _word(number: int) -> str:
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:05d}").capitalize()


def upload(made, content: bytes, *, by=None, name: str = "lista.csv") -> ImportBatch:
    return upload_list(by=by or made.anna, partnership=made.partnership, name=name, content=content)[0]


def mapped(made, content: bytes, *, by=None, **fields) -> ImportBatch:
    """Uploaded, with the columns that the header suggests."""
    batch = upload(made, content, by=by)
    values = {"first_step": "Keksitty askel", "first_due_on": days_from_now(7)} | fields
    return map_columns(by=by or made.anna, batch=batch, columns=values.pop("columns", None) or suggested(Column, batch.header, {}), **values)


def states(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.order_by("line").values_list("line", "state"))


def row_of(batch: ImportBatch, line: int):
    return batch.rows.get(line=line)
