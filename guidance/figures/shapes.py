"""What a drawing is made of: plain numbers and words, worked out here so that a template only writes them down.

Text in SVG does not break by itself, so lines are broken by an estimate of their width.
"""
from dataclasses import dataclass, field

from django.utils.translation import pgettext_lazy

from guidance.choices import Part

# The second cue beside the colour.
LETTERS = {
    Part.EMPLOYMENT: pgettext_lazy("letter of a part in the figures", "E"),
    Part.COLLEGE: pgettext_lazy("letter of a part in the figures", "C"),
    Part.TE: pgettext_lazy("letter of a part in the figures", "TE"),
    Part.OTHER: pgettext_lazy("letter of a part in the figures", "O"),
}
# Width of an average letter, as a share of the type's size.
LETTER_WIDTH = 0.54
BADGE_HEIGHT, LOW = 27, 72


@dataclass(frozen=True)
class Text:
    """One line of words; `kind` is its class."""

    x: float
    y: float
    words: str
    kind: str = "label"
    turned: bool = False


@dataclass(frozen=True)
class Mark:
    """The sign of a part: a triangle in Kuvio 1, a point in Kuvio 2, always with its letter."""

    x: float
    y: float
    part: str
    letter: str
    shape: str = "triangle"

    @property
    def points(self) -> str:
        return f"{self.x},{self.y + 24} {self.x + 28},{self.y + 24} {self.x + 14},{self.y}"

    @property
    def centre(self) -> float:
        return self.x + 14

    @property
    def middle(self) -> float:
        return self.y + 14

    @property
    def base(self) -> float:
        return self.y + (21 if self.shape == "triangle" else 18.5)


@dataclass(frozen=True)
class Box:
    """A step. `count` (or the word in `badge`) stands at its right edge; with `url` the whole box is a link."""

    key: str
    x: float
    y: float
    width: float
    height: float
    name: str
    texts: tuple[Text, ...] = ()
    marks: tuple[Mark, ...] = ()
    kind: str = ""
    badge: str = ""
    badge_width: float = 0
    url: str = ""
    spoken: str = ""
    # Where a drawing places the badge itself.
    badge_top: float | None = None

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def badge_x(self) -> float:
        return self.right - self.badge_width - 10

    @property
    def badge_y(self) -> float:
        """In the middle of a low box, at the top of a high one, unless the drawing says where."""
        if self.badge_top is not None:
            return self.badge_top
        return self.y + ((self.height - BADGE_HEIGHT) / 2 if self.height <= LOW else 10)

    @property
    def badge_middle(self) -> float:
        return self.badge_x + self.badge_width / 2

    @property
    def badge_base(self) -> float:
        return self.badge_y + 19


@dataclass(frozen=True)
class Arrow:
    """A move; `key` is "source-target"."""

    key: str
    path: str
    kind: str
    name: str = ""


@dataclass
class Drawing:
    """One drawing in one width; `shape` is "wide" or "narrow"."""

    shape: str
    width: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    lines: list[Arrow] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def view(self) -> str:
        # Room for the lines that lie on the edge.
        return f"-2 -2 {self.width + 4:g} {self.height + 4:g}"


def broken(words: str, width: float, size: float) -> list[str]:
    """The words in lines no wider than `width`; a single word that is too long is cut with a hyphen."""
    room = max(4, int(width / (size * LETTER_WIDTH)))
    lines: list[str] = []
    for word in words.split():
        while len(word) > room:
            if lines and len(lines[-1]) + 6 <= room:
                cut = room - len(lines[-1]) - 2
                lines[-1] += f" {word[:cut]}-"
            else:
                cut = room - 1
                lines.append(f"{word[:cut]}-")
            word = word[cut:]
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def set_lines(words: str, x: float, y: float, *, width: float, size: float, leading: float, kind: str = "label") -> tuple[Text, ...]:
    """Lines one below the other; `y` is the base of the first."""
    return tuple(Text(x, y + number * leading, line, kind) for number, line in enumerate(broken(words, width, size)))


def set_marks(parts: tuple[str, ...], x: float, y: float, shape: str = "triangle", *, pitch: float = 32) -> tuple[Mark, ...]:
    return tuple(Mark(x + number * pitch, y, part, str(LETTERS[Part(part)]), shape) for number, part in enumerate(parts))


def badge_width(words: str) -> float:
    return max(34, 18 + 8.5 * len(words)) if words else 0


def head_down(x: float, y: float) -> str:
    return f" M{x - 5:g} {y - 7:g} L{x:g} {y:g} L{x + 5:g} {y - 7:g}"


def head_up(x: float, y: float) -> str:
    return f" M{x - 5:g} {y + 7:g} L{x:g} {y:g} L{x + 5:g} {y + 7:g}"


def head_right(x: float, y: float) -> str:
    return f" M{x - 7:g} {y - 4:g} L{x:g} {y:g} L{x - 7:g} {y + 4:g}"


def head_left(x: float, y: float) -> str:
    return f" M{x + 7:g} {y - 4:g} L{x:g} {y:g} L{x + 7:g} {y + 4:g}"
