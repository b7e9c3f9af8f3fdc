"""CSV files read into typed values; every fault is collected with its file, line and column."""
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


class BadFiles(Exception):
    """The files have faults; nothing was changed. `problems` has one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Problems:
    """Collects the faults of all files, so that one run tells them all."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, file: str, text: str, *, line: int | None = None, column: str = "") -> None:
        place = ", ".join(part for part in (file, f"line {line}" if line else "", f"column {column}" if column else "") if part)
        self.sentences.append(f"{place}: {text}")

    def raise_any(self) -> None:
        if self.sentences:
            raise BadFiles(self.sentences)


@dataclass
class Row:
    """One line of a file. Its getters give a typed value, or None after noting what is wrong with the cell."""

    table: "Table"
    line: int
    cells: dict[str, str]
    good: bool = True

    def problem(self, column: str, text: str) -> None:
        self.good = False
        self.table.problems.add(self.table.name, text, line=self.line, column=self.table.place(column))

    def text(self, column: str, *, required: bool = False) -> str:
        value = self.cells.get(column, "")
        if required and not value:
            self.problem(column, "a value is missing.")
        return value

    def code(self, column: str, digits: int, *, required: bool = False) -> str:
        """A code of digits as text: "005" stays "005", and 5 is a fault (a spreadsheet has eaten the zeros)."""
        value = self.text(column, required=required)
        if value and not re.fullmatch(rf"[0-9]{{{digits}}}", value):
            self.problem(column, f"“{value}” is not a code of {digits} digits; write leading zeros, for example {'5'.zfill(digits)}.")
            return ""
        return value

    def integer(self, column: str, *, required: bool = False) -> int | None:
        value = self.text(column, required=required)
        if value and not re.fullmatch(r"[0-9]{1,9}", value):
            self.problem(column, f"“{value}” is not a whole number.")
            return None
        return int(value) if value else None

    def decimal(self, column: str, *, required: bool = False) -> Decimal | None:
        value = self.text(column, required=required)
        if not value:
            return None
        try:
            number = Decimal(value)
            if not number.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            self.problem(column, f"“{value}” is not a number; write the decimals after a point, for example 62.5.")
            return None
        return number

    def day(self, column: str, *, required: bool = False) -> date | None:
        value = self.text(column, required=required)
        if not value:
            return None
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            self.problem(column, f"“{value}” is not a date; write it as 2021-01-31.")
            return None

    def yes_no(self, column: str) -> bool:
        value = self.text(column)
        if value not in ("yes", "no"):
            self.problem(column, f"“{value}” is neither yes nor no.")
        return value == "yes"

    def choice(self, column: str, choices: Iterable[str], *, required: bool = False) -> str:
        value = self.text(column, required=required)
        allowed = list(choices)
        if value and value not in allowed:
            self.problem(column, f"“{value}” is unknown; it must be one of {', '.join(allowed)}.")
            return ""
        return value

    def reference(self, column: str, known: dict, what: str, *, required: bool = False) -> Any:
        """What `known` has under the cell's value; a value that it does not have is a fault.

        None under a known value is a row with a fault of its own, told once, there: this row only waits for it.
        """
        value = self.text(column, required=required)
        if not value:
            return None
        if value not in known:
            self.problem(column, f"there is no {what} “{value}”.")
        elif known[value] is None:
            self.good = False
        return known.get(value)

    def references(self, column: str, known: dict, what: str) -> list:
        """The same for several values parted by semicolons."""
        found = []
        for value in filter(None, (part.strip() for part in self.text(column).split(";"))):
            if value not in known:
                self.problem(column, f"there is no {what} “{value}”.")
            elif known[value] is None:
                self.good = False
            else:
                found.append(known[value])
        return found


class Anything(dict):
    """What an unreadable file may have had: nothing that points to it can be called unknown."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: object) -> None:
        return None


@dataclass
class Table:
    """A file with its header. `columns` and `rows` are empty when the file cannot be read; the fault is noted then."""

    name: str
    problems: Problems
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    # Field of the model -> column, where the file has another name for it.
    aliases: dict[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def place(self, column: str) -> str:
        """A column as a person counts it, with its name."""
        column = self.aliases.get(column, column)
        return f"{self.columns.index(column) + 1} ({column})" if column in self.columns else column

    def unique(self, *columns: str) -> None:
        """Note every row whose value in `columns` an earlier row has; rows with nothing there are passed over."""
        seen: dict[tuple, int] = {}
        for row in self.rows:
            key = tuple(row.text(column) for column in columns)
            if not any(key):
                continue
            if (first := seen.setdefault(key, row.line)) != row.line:
                row.problem(columns[-1], f"“{' / '.join(filter(None, key))}” is already on line {first}.")


def read_table(path: Path, columns: list[str], problems: Problems) -> Table:
    """A file of the portal's own: UTF-8, commas, exactly the named columns in any order."""
    table = Table(path.name, problems)
    lines = read_lines(path, problems, encodings=["utf-8-sig"], delimiters=",")
    if lines is None:
        return table
    header = lines[0][1]
    for missing in [column for column in columns if column not in header]:
        problems.add(path.name, f"the column “{missing}” is missing.", line=1)
    for number, extra in enumerate(header, start=1):
        if extra not in columns:
            problems.add(path.name, f"the column “{extra}” is unknown.", line=1, column=str(number))
        elif extra in header[: number - 1]:
            problems.add(path.name, f"the column “{extra}” is there twice.", line=1, column=str(number))
    if sorted(header) != sorted(columns):
        return table
    table.columns = header
    fill(table, lines[1:])
    return table


def fill(table: Table, lines: list[tuple[int, list[str]]]) -> None:
    for number, cells in lines:
        if len(cells) != len(table.columns):
            first = str(min(len(cells), len(table.columns)) + 1)
            table.problems.add(table.name, f"the line has {len(cells)} values, the header has {len(table.columns)}.", line=number, column=first)
        values = dict(zip(table.columns, (cell.strip() for cell in cells), strict=False))
        table.rows.append(Row(table, number, values, good=len(cells) == len(table.columns)))


def read_lines(path: Path, problems: Problems, *, encodings: list[str], delimiters: str) -> list[tuple[int, list[str]]] | None:
    """The lines of a CSV with their numbers, header first, empty lines left out; None when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.add(path.name, f"the file cannot be read: {error.strerror}.")
        return None
    text = _decoded(raw, encodings)
    if text is None:
        problems.add(path.name, f"the text is not {' or '.join(encodings)}; save the file as UTF-8.")
        return None
    if "\0" in text:
        problems.add(path.name, "the file has a zero byte; it is not a text file.", line=text[: text.index("\0")].count("\n") + 1)
        return None
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(delimiters, key=header.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    lines, start = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.add(path.name, f"the line is not well-formed CSV ({error}).", line=start)
        return None
    if not lines:
        problems.add(path.name, "the file is empty.", line=1)
        return None
    lines[0] = (lines[0][0], [cell.strip() for cell in lines[0][1]])
    return lines


def _decoded(raw: bytes, encodings: list[str]) -> str | None:
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
