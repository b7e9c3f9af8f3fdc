"""CSV as offices save it: UTF-8 with or without a mark, or Windows-1252; divided by semicolon, comma or tab."""
import csv
import io
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DELIMITERS = (";", "\t", ",")
HINT = "sep="
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line on which it begins, as an editor or a spreadsheet counts them."""
    return lines_of(decode(content))


def lines_of(text: str, delimiter: str = "") -> Iterator[tuple[int, list[str]]]:
    skipped = 0
    if text[:5].lower().startswith(HINT) and text[4:5] in DELIMITERS:
        # A line that spreadsheets write for each other.
        delimiter, skipped = text[4], 1
        text = text[text.find("\n") + 1:] if "\n" in text else ""
    elif not delimiter:
        delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise ValidationError(_("The record that begins on line %(line)s cannot be read: a quotation mark is open or out of place."), params={"line": last + 1 + skipped}, code="quotes") from None
        yield last + 1 + skipped, cells
        last = reader.line_num


def decode(content: bytes) -> str:
    if content.startswith(UTF_16_MARKS):
        raise ValidationError(_("The file is in UTF-16. Save it as “CSV UTF-8”."), code="encoding")
    if b"\x00" in content:
        raise ValidationError(_("This is neither a CSV file nor an XLSX workbook, whatever its name says."), code="wrong_type")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(_("The letters of the file cannot be read. Save it as “CSV UTF-8”."), code="encoding")


def delimiter_of(text: str) -> str:
    """The sign that the first line with something in it has most of, outside quotation marks."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    unquoted = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=unquoted.count)
