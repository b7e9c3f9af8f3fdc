"""The first sheet of an XLSX workbook. Its zip directory is judged before a byte of it is unpacked.

A workbook unpacks to what its directory says: zipfile reads no further than the size given there, and a part
that holds more fails its check sum. So the directory's sum is a true limit.
"""
import datetime
import io
import zipfile
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from openpyxl import DEFUSEDXML, load_workbook

from services.tables.limits import MOST_COLUMNS, MOST_ROWS

MOST_PARTS = 300
MOST_UNPACKED = 40 * 1024 * 1024
# Sheets of text come at 1:10 to 1:40; what is smaller than this unpacked harms nobody at any ratio.
HIGHEST_RATIO, UNJUDGED = 100, 1024 * 1024
# Empty lines between others are passed over, but not for ever.
MOST_LINES = 4 * MOST_ROWS
ENCRYPTED = 0x1

if not DEFUSEDXML:
    raise RuntimeError("openpyxl reads XML without defusedxml: entities in a workbook could fill the memory")


def lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number in the sheet."""
    check_archive(content)
    # Whatever is wrong inside a file from outside, the reader may stumble over it in any way.
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = workbook.worksheets[0]
        # What the sheet says of its own size may be wrong.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    except Exception as error:
        raise broken() from error
    for line in range(1, MOST_LINES + 1):
        try:
            values = next(rows, None)
        except Exception as error:
            raise broken() from error
        if values is None:
            return
        yield line, [text_of(value) for value in values]
    raise ValidationError(_("The sheet has more than %(most)s lines. Take out the empty ones, or divide the list into several files."), params={"most": number_format(MOST_LINES, force_grouping=True)}, code="rows")


def check_archive(content: bytes) -> None:
    """Number of parts, unpacked size and ratio from the zip directory; nothing is unpacked here."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except Exception as error:
        raise broken() from error
    unpacked = sum(part.file_size for part in parts)
    too_dense = any(part.file_size > UNJUDGED and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1) for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or too_dense or unpacked > UNJUDGED + HIGHEST_RATIO * len(content):
        raise ValidationError(_("The workbook unpacks to far more than a list needs, and is not opened. Copy the list to a new workbook, or save it as CSV."), code="bomb")
    if any(part.flag_bits & ENCRYPTED for part in parts) or "xl/workbook.xml" not in {part.filename for part in parts}:
        raise ValidationError(_("This is no XLSX workbook. Save the list as XLSX without a password, or as CSV."), code="wrong_type")


def broken() -> ValidationError:
    return ValidationError(_("The workbook is broken. Open it, save it again, and choose the new file."), code="broken")


def text_of(value: object) -> str:
    """As a person would write it here: days as 3.2.1990, whole numbers without a point, a formula as its own text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case datetime.datetime() | datetime.date():
            return f"{value.day}.{value.month}.{value.year}"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float() | datetime.time() | datetime.timedelta():
            return str(value)
    # Formulas over several cells come as objects of the reader's own.
    return "="
