"""Kuvio 1, from unemployment to a qualification: every stage and every move of `choices.MOVES`, each drawn once.

Straight on goes down; back goes up in arcs on the left; interrupting and returning go over a rail on the right.
A new move in the table is drawn without a change here.
"""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guidance.choices import MOVES, SOURCE_STAGE_PARTS, Move, Stage
from guidance.figures.shapes import (
    BADGE_HEIGHT,
    Arrow,
    Box,
    Drawing,
    Text,
    badge_width,
    broken,
    head_down,
    head_left,
    head_right,
    head_up,
    set_lines,
    set_marks,
)
from guidance.figures.source import BANDS, KUVIO_1, PHASES, Step


@dataclass(frozen=True)
class Look:
    """What a box shows beside its words, on this page: its class, the number or word at its edge, its link, what is read
    aloud, and a second word that stands small below the others."""

    kind: str = ""
    badge: str = ""
    url: str = ""
    spoken: str = ""
    note: str = ""


@dataclass(frozen=True)
class Frame:
    shape: str
    width: float
    left: float
    right: float
    indent: float
    rail: float
    height: float
    gap: float
    size: float
    marks_below: bool
    arc: float
    arc_step: float


WIDE = Frame("wide", 1000, 330, 730, 72, 800, 62, 30, 16, False, 44, 22)
NARROW = Frame("narrow", 320, 34, 276, 26, 308, 96, 28, 15, True, 10, 5)
# Languages by shapes by partnerships with parts of their own; with numbers in the boxes also those.
MOST_LAID_OUT = 64
ORDER = [step.stage for step in KUVIO_1]
SIDE = {step.stage for step in KUVIO_1 if step.side}

LookOf = Callable[[str], Look]
KindOf = Callable[[Move], str]
StageParts = Mapping[str, Sequence[str]]


def draw_kuvio1(shape: str, look: LookOf, kind_of: KindOf = lambda move: "", *, stage_parts: StageParts = SOURCE_STAGE_PARTS, bands: bool = True) -> Drawing:
    """The drawing in one of its two shapes. `look` tells how a stage is shown, `kind_of` adds a class to a move, `stage_parts` whose marks a stage has."""
    looks = {stage: look(stage) for stage in ORDER}
    parts = tuple(tuple(stage_parts.get(stage, ())) for stage in ORDER)
    drawing = _laid_out(shape, bands, parts, tuple((look.badge, look.note) for look in looks.values()), get_language())
    boxes = [
        replace(box, kind=f"{box.kind} {looks[box.key].kind}".strip(), url=looks[box.key].url, spoken=looks[box.key].spoken or box.name)
        for box in drawing.boxes
    ]
    arrows = [Arrow(arrow.key, arrow.path, f"{arrow.kind} {kind_of(move)}".strip(), arrow.name) for move, arrow in zip(MOVES, drawing.arrows, strict=True)]
    return replace(drawing, boxes=boxes, arrows=arrows)


@lru_cache(maxsize=MOST_LAID_OUT)
def _laid_out(shape: str, bands: bool, parts: tuple[tuple[str, ...], ...], beside: tuple[tuple[str, str], ...], language: str) -> Drawing:
    """What of the drawing is the same on every client's page. Shared: nothing changes it."""
    frame = WIDE if shape == "wide" else NARROW
    drawing = Drawing(shape, frame.width)
    top = _narrow_bands(drawing) if bands and shape == "narrow" else 8
    boxes = _stack(drawing, frame, top, dict(zip(ORDER, parts, strict=True)), dict(zip(ORDER, beside, strict=True)))
    drawing.boxes = list(boxes.values())
    drawing.arrows = _arrows(frame, boxes)
    last = boxes[Stage.INTERRUPTED]
    drawing.lines.append(Arrow("rail", f"M{frame.rail:g} {boxes[ORDER[0]].middle:g} V{last.middle:g} H{last.right:g}", "rail"))
    drawing.height = last.bottom + 12
    if bands and shape == "wide":
        _wide_bands(drawing, top, boxes[Stage.JOB_SEARCH_SUPPORT].bottom)
    return drawing


def _stack(drawing: Drawing, frame: Frame, y: float, parts: dict[str, tuple[str, ...]], beside: dict[str, tuple[str, str]]) -> dict[str, Box]:
    phases = {phase.first: phase for phase in PHASES}
    boxes = {}
    for number, step in enumerate(KUVIO_1, 1):
        if phase := phases.get(step.stage):
            y = _phase(drawing, frame, str(phase.title), str(phase.support), y)
        if step.stage == Stage.INTERRUPTED:
            y += 14
        boxes[step.stage] = box = _box(frame, number, step, parts[step.stage], y, *beside[step.stage])
        y = box.bottom + frame.gap
    return boxes


def _phase(drawing: Drawing, frame: Frame, title: str, support: str, y: float) -> float:
    if frame.shape == "narrow":
        drawing.texts.append(Text(frame.left + 26, y + 16, title, "phase"))
        return y + 28
    drawing.lines.append(Arrow("phase", f"M0 {y:g} H150", "phase-line"))
    drawing.texts.append(Text(0, y + 22, title, "phase"))
    drawing.texts.extend(set_lines(support, 0, y + 44, width=176, size=13, leading=18, kind="note"))
    return y


def _box(frame: Frame, number: int, step: Step, parts: tuple[str, ...], y: float, badge: str, note: str) -> Box:
    x = frame.left + (frame.indent if step.stage in SIDE else 0)
    width = frame.right - x
    name = str(Stage(step.stage).label)
    edge = badge_width(badge)
    # More than two marks: in two rows beside the words, or closer together below them.
    many = len(parts) > 2
    pitch = 24 if many and frame.marks_below else 32
    marks_width = pitch * (-(-len(parts) // 2) if many and not frame.marks_below else len(parts))
    # Below the words there is a row for marks and badge; beside them they take their room from the words.
    room = width - 26 if frame.marks_below else width - 14 - (edge + 18 if edge else 12) - marks_width - 12
    leading = frame.size * 1.22
    lines = broken(f"{number}. {name}", room, frame.size)
    text_x = x + 14 + (0 if frame.marks_below else marks_width + 8)
    tags = [words for words in (str(_("inferred step")) if step.inferred else "", note) if words]
    if frame.marks_below:
        first = y + 22
        below = first + len(lines) * leading
        tag = tuple(Text(text_x, below + 16 * row - 2, words, "tag") for row, words in enumerate(tags))
        below += 16 * len(tags) - 8
        marks = set_marks(parts, x + 12, below, pitch=pitch)
        beside = 12 + marks_width + edge + 18 <= width
        badge_top = below if beside else below + 30
        height = (badge_top + BADGE_HEIGHT if edge else below + 24) + 8 - y
    else:
        tall = len(lines) * leading + 16 * len(tags)
        height = max(frame.height, tall + 12)
        first = y + (height - tall) / 2 + frame.size * 0.86
        half = marks_width // pitch
        rows = (parts[:half], parts[half:]) if many else (parts,)
        top = y + (height - 24 * len(rows) - 4 * (len(rows) - 1)) / 2 - 1
        marks = tuple(mark for number, row in enumerate(rows) for mark in set_marks(row, x + 12, top + 28 * number))
        tag = tuple(Text(text_x, first + len(lines) * leading + 16 * row - 2, words, "tag") for row, words in enumerate(tags))
        badge_top = y + (height - BADGE_HEIGHT) / 2
    texts = tuple(Text(text_x, first + row * leading, line) for row, line in enumerate(lines))
    return Box(step.stage, x, y, width, height, name, texts + tag, marks, "step inferred" if step.inferred else "step", badge, edge, badge_top=badge_top)


def _arrows(frame: Frame, boxes: dict[str, Box]) -> list[Arrow]:
    arcs = sorted((move for move in MOVES if _goes_back(move) and not _is_short(move)), key=lambda move: ORDER.index(move.source) - ORDER.index(move.target))
    jumps = [move for move in MOVES if _is_jump(move)]
    arrows = []
    for move in MOVES:
        one, other = boxes[move.source], boxes[move.target]
        if Stage.INTERRUPTED in (move.source, move.target):
            kind, path = "interrupt", _stub(frame, one, other, back=move.source == Stage.INTERRUPTED)
        elif move in arcs:
            kind, path = "back", _arc(frame, one, other, arcs.index(move), len(arcs))
        elif move in jumps:
            kind, path = "forward", _jump(frame, one, other, jumps.index(move))
        else:
            kind, path = ("back" if move.back else "forward"), _straight(frame, one, other, up=_goes_back(move))
        name = _("From “%(source)s” to “%(target)s”") % {"source": one.name, "target": other.name}
        arrows.append(Arrow(f"{move.source}-{move.target}", path, f"move {kind}", name))
    return arrows


def _goes_back(move: Move) -> bool:
    return Stage.INTERRUPTED not in (move.source, move.target) and ORDER.index(move.target) < ORDER.index(move.source)


def _is_short(move: Move) -> bool:
    """Up by one between a step and its side step: drawn straight, beside the arrow down."""
    return ORDER.index(move.source) - ORDER.index(move.target) == 1 and move.source in SIDE


def _is_jump(move: Move) -> bool:
    """Forward over a step that is on the straight way."""
    if Stage.INTERRUPTED in (move.source, move.target) or _goes_back(move):
        return False
    between = ORDER[ORDER.index(move.source) + 1 : ORDER.index(move.target)]
    return any(stage not in SIDE for stage in between)


def _straight(frame: Frame, one: Box, other: Box, *, up: bool) -> str:
    """Down (or up) in a column of its own: along the left edge past a side step, else further in."""
    far = abs(ORDER.index(one.key) - ORDER.index(other.key)) > 1
    x = frame.left + frame.indent / 2 if far else frame.left + frame.indent + (frame.right - frame.left - frame.indent) * (0.92 if up else 0.78 if frame.shape == "narrow" else 0.5)
    if up:
        return f"M{x:g} {one.y:g} V{other.bottom + 2:g}{head_up(x, other.bottom + 2)}"
    return f"M{x:g} {one.bottom:g} V{other.y - 2:g}{head_down(x, other.y - 2)}"


def _jump(frame: Frame, one: Box, other: Box, rank: int) -> str:
    x = frame.right - 16 - 14 * rank
    return f"M{x:g} {one.bottom:g} V{other.y - 2:g}{head_down(x, other.y - 2)}"


def _arc(frame: Frame, one: Box, other: Box, rank: int, total: int) -> str:
    """Nested like the arcs of a bridge: the further back, the wider."""
    end_x, end_y = other.x - 2, other.middle + (total - 1) * 5 - rank * 10
    x = frame.left - frame.arc - frame.arc_step * rank
    control = end_x - (end_x - x) / 0.75
    return f"M{one.x:g} {one.middle:g} C{control:g} {one.middle:g} {control:g} {end_y:g} {end_x:g} {end_y:g}{head_right(end_x, end_y)}"


def _stub(frame: Frame, one: Box, other: Box, *, back: bool) -> str:
    if back:
        y = other.middle + 9
        return f"M{frame.rail:g} {y:g} H{other.right + 2:g}{head_left(other.right + 2, y)}"
    y = one.middle - 9
    return f"M{one.right:g} {y:g} H{frame.rail - 2:g}{head_right(frame.rail - 2, y)}"


def _wide_bands(drawing: Drawing, top: float, bottom: float) -> None:
    for number, band in enumerate(BANDS):
        x = 846 + number * 54
        drawing.lines.append(Arrow(f"band-{number}", f"M{x:g} {top:g} H{x + 42:g} V{bottom:g} H{x:g} Z", "band"))
        drawing.marks.extend(type(mark)(x + 7, top + 8 + row * 28, mark.part, mark.letter) for row, mark in enumerate(set_marks(band.parts, 0, 0)))
        drawing.texts.append(Text(x + 26, (top + bottom) / 2, str(band.title), "band-name", turned=True))


def _narrow_bands(drawing: Drawing) -> float:
    y = 4
    drawing.texts.append(Text(0, y + 16, str(_("All the way")), "phase"))
    for number, band in enumerate(BANDS):
        top = y + 26 + number * 40
        drawing.lines.append(Arrow(f"band-{number}", f"M0 {top:g} H320 V{top + 34:g} H0 Z", "band"))
        marks = set_marks(band.parts, 6, top + 5)
        drawing.marks.extend(marks)
        drawing.texts.append(Text(16 + 32 * len(marks), top + 22, str(band.title), "band-name"))
    return y + 26 + len(BANDS) * 40 + 12
