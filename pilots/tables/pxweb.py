"""CSV as PxWeb writes it, in both of its layouts, with or without heading lines above.

As a table: the first columns name things, and each further column is a year or a content, or both in one heading
("2020 Population 31 Dec"). As a list: every dimension has its column, and one column holds the value.
"""
import re
from collections.abc import Iterator
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .csv_files import DELIMITERS, decode, lines_of
from .dataset import Category, Dataset, Dimension, Unreadable

YEAR = re.compile(r"(?<!\d)((?:19|20|21)\d\d)\*?(?!\d)")
VALUE = re.compile(r"\s*(?:\.{1,3}|-|[-+]?\d[\d\s\u00a0\u202f]*(?:[.,]\d+)?|[-+]?[.,]\d+)?\s*")
YEAR_NAMES = {"vuosi", "år", "year", "time", "tid", "aika"}
# What the headings of the value columns hold, where they hold it.
IN_HEADINGS_YEAR, IN_HEADINGS_TEXT = "(year)", "(heading)"
MOST_COLUMNS = 2000
SAMPLE = 200


def read_pxweb(content: bytes) -> Dataset:
    try:
        text = decode(content)
        rows = list(lines_of(text, _delimiter(text)))
    except ValidationError as error:
        raise Unreadable("", " ".join(error.messages)) from None
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in rows if any(cell.strip() for cell in cells)]
    at, title = _heading(rows)
    header_line, header = rows[at]
    body = _body(rows[at + 1 :], len(header))
    if not body:
        raise Unreadable(_("line %(line)s") % {"line": header_line}, _("no line with values follows the heading."))
    if twice := next((name for name in header if header.count(name) > 1), ""):
        raise Unreadable(_("line %(line)s") % {"line": header_line}, _("the heading “%(name)s” is there twice.") % {"name": twice})
    stubs = _stubs(header, body)
    if stubs == len(header):
        raise Unreadable(_("line %(line)s") % {"line": header_line}, _("no column holds values."))
    return _dataset(title, header_line, header, body, stubs)


def _delimiter(text: str) -> str:
    """The sign that most lines have equally often; the heading lines above the table have few of any."""

    def agreement(sign: str) -> int:
        counts = ["".join(line.split('"')[::2]).count(sign) for line in text.splitlines()[:SAMPLE]]
        return sum(one for one, after in pairwise(counts) if one and one == after)

    return max(DELIMITERS, key=agreement)


def _heading(rows: list[tuple[int, list[str]]]) -> tuple[int, str]:
    """The place of the line that names the columns: the first that is as wide as what follows it. A title stands above."""
    for place, (_line, cells) in enumerate(rows[:20]):
        if len(cells) > 1 and place + 1 < len(rows) and len(rows[place + 1][1]) == len(cells):
            return place, " ".join(cell for _line, above in rows[:place] for cell in above if cell)
    raise Unreadable(_("line %(line)s") % {"line": rows[0][0] if rows else 1}, _("no line names several columns with lines of the same width below it."))


def _body(rows: list[tuple[int, list[str]]], width: int) -> list[tuple[int, list[str]]]:
    """The lines of the table; notes below it have one cell. A line of another width is a fault."""
    body: list[tuple[int, list[str]]] = []
    for line, cells in rows:
        if len(cells) == width:
            body.append((line, cells))
        elif len(cells) > 1 or not body:
            raise Unreadable(_("line %(line)s") % {"line": line}, _("the line has %(found)s columns, and the heading has %(count)s.") % {"found": len(cells), "count": width})
        else:
            break
    return body


def _stubs(header: list[str], body: list[tuple[int, list[str]]]) -> int:
    """How many columns from the left name things: up to the last with words in it, and any of years."""
    last = 0
    for place, name in enumerate(header):
        sample = [cells[place] for _line, cells in body[:SAMPLE]]
        words = sum(not VALUE.fullmatch(cell) for cell in sample)
        years = name.casefold() in YEAR_NAMES and not YEAR.search(name)
        if years or (words * 2 > len(sample) and not YEAR.search(name)) or place == 0:
            last = place + 1
    return last


def _dataset(title: str, header_line: int, header: list[str], body: list[tuple[int, list[str]]], stubs: int) -> Dataset:
    dimensions = [Dimension(name or _("column %(number)s") % {"number": place + 1}, name) for place, name in enumerate(header[:stubs])]
    years, texts = Dimension(IN_HEADINGS_YEAR, "", "time"), Dimension(IN_HEADINGS_TEXT, "")
    seen: list[dict[str, int]] = [{} for _one in range(stubs + 2)]

    def category(at: int, dimension: Dimension, text: str, place: str) -> int:
        if text not in seen[at]:
            seen[at][text] = len(dimension.categories)
            dimension.categories.append(Category(text, text, place))
        return seen[at][text]

    columns = []
    for place, name in enumerate(header[stubs:], start=stubs + 1):
        where = _("line %(line)s, column %(column)s") % {"line": header_line, "column": place}
        year = YEAR.match(name) or YEAR.search(name)
        rest = " ".join((name[: year.start()] + " " + name[year.end() :]).split()) if year else name
        columns.append((category(stubs, years, year[1] if year else "", where), category(stubs + 1, texts, rest, where)))
    rows = []
    for line, cells in body:
        stub = tuple(category(at, dimensions[at], cells[at], _("line %(line)s, column %(column)s") % {"line": line, "column": at + 1}) for at in range(stubs))
        rows.append((line, stub, cells))

    def cells_of() -> Iterator[tuple[tuple[int, ...], object, object]]:
        for line, stub, cells in rows:
            for place, heading in enumerate(columns, start=stubs):
                yield (*stub, *heading), cells[place], (line, place + 1)

    def place_of(key: object) -> str:
        line, column = key  # type: ignore[misc]
        return _("line %(line)s, column %(column)s (%(name)s)") % {"line": line, "column": column, "name": header[column - 1]}

    return Dataset([*dimensions, years, texts], cells_of, place_of, title)
