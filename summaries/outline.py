"""What a document says, whatever it is written as: sections of paragraphs, facts, lists and tables.

Written once for each document by `summaries/queries/`, and read by three writers: the page (templates/summaries/_document.html),
which WeasyPrint turns into PDF, and .docx (`summaries/documents/docx.py`).
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.templatetags.kopa import content_in, page_language


@dataclass(frozen=True)
class Text:
    """`language` is "" where it is the document's own; `url` is where it leads to on the page."""

    words: str
    language: str = ""
    url: str = ""

    def __str__(self) -> str:
        return self.words


def said(thing: Any, name: str, url: str = "") -> Text:
    """A text of a thing in the reader's language, or the one it was written in."""
    own = page_language()
    words, language = content_in(thing, name, own)
    return Text(words, "" if language == own else language, url)


def named(thing: Any) -> Text:
    """The name of a thing with a page of its own."""
    return said(thing, "name", thing.get_absolute_url())


Cell = Text | str


@dataclass(frozen=True)
class Paragraph:
    text: Cell
    is_soft: bool = False
    block = "paragraph"

    def texts(self) -> Iterator[Cell]:
        yield self.text


@dataclass(frozen=True)
class Items:
    """A list; never an empty one."""

    items: Sequence[Cell]
    block = "items"

    def texts(self) -> Iterator[Cell]:
        yield from self.items


@dataclass(frozen=True)
class Facts:
    """Words and what they are said of, in pairs."""

    pairs: Sequence[tuple[str, Cell]]
    block = "facts"

    def texts(self) -> Iterator[Cell]:
        for pair in self.pairs:
            yield from pair


@dataclass(frozen=True)
class Table:
    """The first cell of a row is its heading. `numbers`: the columns that stand to the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    block = "table"

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """Each with whether a column of numbers stands below it."""
        return [(column, number in self.numbers) for number, column in enumerate(self.columns)]

    def texts(self) -> Iterator[Cell]:
        yield self.caption
        yield from self.columns
        for row in self.rows:
            yield from row

    def drawn(self) -> Iterator[list[tuple[str, Cell, bool]]]:
        """Each row as (heading of the column, cell, is a number)."""
        for row in self.rows:
            yield [(column, cell, number in self.numbers) for number, (column, cell) in enumerate(zip(self.columns, row, strict=True))]


Block = Paragraph | Items | Facts | Table


@dataclass
class Section:
    """`level` 2 stands below the title. `on_new_page`: on paper it begins one."""

    id: str
    heading: Cell
    blocks: list[Block] = field(default_factory=list)
    level: int = 2
    on_new_page: bool = False


@dataclass
class Document:
    """`about` is the name of whom it is of. `file_name` has no ending. `made_on` is the day of what it says."""

    about: str
    title: str
    subtitle: str
    made_on: date
    file_name: str
    sections: list[Section] = field(default_factory=list)

    def texts(self) -> Iterator[str]:
        """Everything it says, in its order: what a writer may leave out nothing of."""
        yield from (self.title, self.subtitle)
        for section in self.sections:
            yield str(section.heading)
            for block in section.blocks:
                yield from (str(text) for text in block.texts() if str(text))
