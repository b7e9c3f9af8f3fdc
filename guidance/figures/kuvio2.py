"""Kuvio 2, the client's guidance process: who supports, what is considered, and the options that are found out and mapped."""
from collections.abc import Callable, Collection

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from guidance.choices import OptionKind, Part
from guidance.figures.kuvio1 import Look
from guidance.figures.shapes import Arrow, Box, Drawing, Text, badge_width, broken, head_down, set_lines, set_marks
from guidance.figures.source import ADVISERS, CONSIDERED, MAPPED

SUPPORT, CONSIDER, SQUARE, FIND_OUT = "support", "consider", "square", "find_out"
PAD = 14
LookOf = Callable[[str], Look]


def names() -> dict[str, str]:
    return {
        SUPPORT: _("Support, guidance and advice"),
        CONSIDER: _("Considering education and career options"),
        SQUARE: _("Discussion at the service square"),
        FIND_OUT: _("Finding out and mapping the education options"),
    } | {kind: capfirst(str(OptionKind(kind).label)) for kind in (*CONSIDERED, *MAPPED)}


def draw_kuvio2(shape: str, look: LookOf, *, parts: Collection[str] = tuple(Part)) -> Drawing:
    """Three frames from top to bottom; the service square leads into the second, and nobody needs to be sent there.

    `parts`: those of the partnership; an adviser of a part that it does not have is left out.
    """
    wide = shape == "wide"
    drawing = Drawing(shape, 1000 if wide else 320)
    left, width = (250, 750) if wide else (0, 320)
    words = names()
    support = _frame(drawing, SUPPORT, words, left, 8, width, look(SUPPORT))
    bottom = _advisers(drawing, support, parts, wide)
    support = _close(drawing, support, bottom)
    square_y = support.bottom + 40
    if wide:
        consider = _frame(drawing, CONSIDER, words, left, square_y, width, look(CONSIDER))
        bottom = _options(drawing, CONSIDERED, words, look, consider, columns=2)
        consider = _close(drawing, consider, bottom)
        square = _square(drawing, words, 0, consider.y, 206, look(SQUARE))
        y = square.middle
        drawing.arrows.append(Arrow(f"{SQUARE}-{CONSIDER}", f"M{square.right:g} {y:g} H{left - 2:g} M{left - 9:g} {y - 5:g} L{left - 2:g} {y:g} L{left - 9:g} {y + 5:g}", "move forward"))
    else:
        square = _square(drawing, words, 40, square_y, 280, look(SQUARE))
        consider = _frame(drawing, CONSIDER, words, left, square.bottom + 32, width, look(CONSIDER))
        bottom = _options(drawing, CONSIDERED, words, look, consider, columns=1)
        consider = _close(drawing, consider, bottom)
        x = square.x + square.width / 2
        drawing.arrows.append(Arrow(f"{SQUARE}-{CONSIDER}", f"M{x:g} {square.bottom:g} V{consider.y - 2:g}{head_down(x, consider.y - 2)}", "move forward"))
    _down(drawing, support, consider, 20 if not wide else None)
    find = _frame(drawing, FIND_OUT, words, left, consider.bottom + 40, width, look(FIND_OUT))
    find = _close(drawing, find, _options(drawing, MAPPED, words, look, find, columns=2 if wide else 1))
    _down(drawing, consider, find)
    drawing.height = find.bottom + 8
    return drawing


def _down(drawing: Drawing, one: Box, other: Box, x: float | None = None) -> None:
    x = one.x + one.width / 2 if x is None else x
    drawing.arrows.append(Arrow(f"{one.key}-{other.key}", f"M{x:g} {one.bottom:g} V{other.y - 2:g}{head_down(x, other.y - 2)}", "move forward"))


def _frame(drawing: Drawing, key: str, words: dict[str, str], x: float, y: float, width: float, look: Look) -> Box:
    """The head of a frame; `_close` gives it its height and puts it below what it holds."""
    edge = badge_width(look.badge)
    texts = set_lines(words[key], x + PAD, y + 30, width=width - 2 * PAD - edge - 12, size=17, leading=21, kind="label frame-name")
    return Box(key, x, y, width, 34 + 21 * len(texts), words[key], texts, (), f"frame {look.kind}".strip(), look.badge, edge, look.url, look.spoken or words[key])


def _close(drawing: Drawing, frame: Box, bottom: float) -> Box:
    closed = Box(frame.key, frame.x, frame.y, frame.width, bottom + PAD - frame.y, frame.name, frame.texts, frame.marks, frame.kind, frame.badge, frame.badge_width, frame.url, frame.spoken)
    held = [box for box in drawing.boxes if frame.y < box.y < closed.bottom and frame.x <= box.x <= frame.x + frame.width]
    drawing.boxes = [box for box in drawing.boxes if box not in held] + [closed] + held
    return closed


def _advisers(drawing: Drawing, frame: Box, parts: Collection[str], wide: bool) -> float:
    there = [adviser for adviser in ADVISERS if adviser.part in parts]
    columns, row_height = (2, 38) if wide else (1, 38)
    column = (frame.width - 2 * PAD) / columns
    for number, adviser in enumerate(there):
        x = frame.x + PAD + (number % columns) * column
        y = frame.bottom - 4 + (number // columns) * row_height
        drawing.marks.extend(set_marks((adviser.part,), x, y, "point"))
        drawing.texts.append(Text(x + 38, y + 19, str(adviser.title), "label"))
    return frame.bottom - 4 + row_height * -(-len(there) // columns) - 8


def _options(drawing: Drawing, kinds: tuple[str, ...], words: dict[str, str], look: LookOf, frame: Box, *, columns: int) -> float:
    gap = 12
    width = (frame.width - 2 * PAD - gap * (columns - 1)) / columns
    y = frame.bottom - 4
    for start in range(0, len(kinds), columns):
        row = kinds[start : start + columns]
        lines = {kind: broken(words[kind], width - 2 * PAD - badge_width(look(kind).badge) - 12, 15) for kind in row}
        height = 30 + 19 * max(map(len, lines.values()))
        for number, kind in enumerate(row):
            seen = look(kind)
            x = frame.x + PAD + number * (width + gap)
            first = y + (height - 19 * len(lines[kind])) / 2 + 14
            texts = tuple(Text(x + PAD, first + 19 * at, line) for at, line in enumerate(lines[kind]))
            drawing.boxes.append(Box(kind, x, y, width, height, words[kind], texts, (), f"step option {seen.kind}".strip(), seen.badge, badge_width(seen.badge), seen.url, seen.spoken or words[kind]))
        y += height + gap
    return y - gap


def _square(drawing: Drawing, words: dict[str, str], x: float, y: float, width: float, look: Look) -> Box:
    marks = set_marks((Part.EMPLOYMENT,), x + 12, y + 12, "point")
    texts = set_lines(words[SQUARE], x + 48, y + 30, width=width - 60, size=15, leading=19)
    note = set_lines(_("open to all, without a name"), x + 48, y + 30 + 19 * len(texts), width=width - 56, size=13, leading=16, kind="tag")
    box = Box(SQUARE, x, y, width, 28 + 19 * len(texts) + 16 * len(note), words[SQUARE], texts + note, marks, f"step {look.kind}".strip(), look.badge, badge_width(look.badge), look.url, look.spoken or words[SQUARE])
    drawing.boxes.append(box)
    return box
