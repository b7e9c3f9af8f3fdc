"""What a file of statistics holds, whichever format it came in: dimensions with their categories, and a value for each meeting of them."""
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


class Unreadable(Exception):
    """The file cannot be read. `place` is where: a line and column, or a JSON pointer."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}" if place else text)
        self.place, self.text = place, text


@dataclass(frozen=True)
class Category:
    """`place` is where the file first names it."""

    code: str
    label: str
    place: str


@dataclass
class Dimension:
    """`role` as JSON-stat has it: time, geo or metric; empty when the file does not tell."""

    code: str
    label: str
    role: str = ""
    categories: list[Category] = field(default_factory=list)


@dataclass
class Dataset:
    """`cells` gives for each value the places of its categories, in the order of the dimensions, the value as it stands, and a key for `place_of`."""

    dimensions: list[Dimension]
    cells: Callable[[], Iterator[tuple[tuple[int, ...], object, object]]]
    place_of: Callable[[object], str]
    title: str = ""

    def dimension(self, name: str) -> int | None:
        """By its code or its label."""
        return next((place for place, one in enumerate(self.dimensions) if name in (one.code, one.label)), None)
