"""Kuvio 1 on a client's page: where the client is, was and can go."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from django.utils.translation import gettext as _

from guidance.choices import Move, Stage
from guidance.figures.kuvio1 import ORDER, Look, draw_kuvio1
from guidance.figures.shapes import Drawing
from guidance.models import Pathway


class Period(Protocol):
    """When a stage began: a StagePeriod, or what was read of one."""

    @property
    def stage(self) -> str: ...

    @property
    def started_at(self) -> datetime: ...


@dataclass(frozen=True)
class PathRow:
    stage: str
    name: str
    state: str
    since: datetime | None
    url: str


@dataclass(frozen=True)
class PathLook:
    """What the drawing shows, in codes of stages only: many clients share it, and nothing else of theirs is in it."""

    text: str
    # The state of each stage in the order of ORDER, and whose marks each has.
    states: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    gone: frozenset[tuple[str, str]]
    open_moves: frozenset[tuple[str, str]]
    shapes: tuple[str, ...]

    def drawings(self, move_url: str) -> tuple[Drawing, ...]:
        states, words = dict(zip(ORDER, self.states, strict=True)), state_words()

        def look(stage: str) -> Look:
            state = states[stage]
            url = stage_url(move_url, stage, state)
            name = str(Stage(stage).label)
            spoken = f"{name}: {words[state]}" if state else name
            if state == "again":
                return Look("is-been is-can", words["can"], url, spoken, note=words["been"])
            return Look(f"is-{state}" if state else "is-ahead", words[state], url, spoken)

        def kind_of(move: Move) -> str:
            if (move.source, move.target) in self.open_moves:
                return "is-open"
            return "is-taken" if (move.source, move.target) in self.gone else "is-faint"

        parts = dict(zip(ORDER, self.parts, strict=True))
        return tuple(draw_kuvio1(shape, look, kind_of, stage_parts=parts, bands=False) for shape in self.shapes)


@dataclass(frozen=True)
class PathFigure:
    look: PathLook
    rows: list[PathRow]
    move_url: str

    @property
    def text(self) -> str:
        return self.look.text

    @cached_property
    def drawings(self) -> tuple[Drawing, ...]:
        return self.look.drawings(self.move_url)


def path_figure(pathway: Pathway, periods: Iterable[Period], moves: Iterable[Move], move_url: str = "", shapes: Iterable[str] = ("wide", "narrow")) -> PathFigure:
    """The figure of one client; asks the database nothing, when the pathway has its partnership with it.

    `periods`: the pathway's stage periods, oldest first. `moves`: what is offered now. With `move_url` each stage one
    can go to is a link to it with "?to=<stage>". An ended pathway is nowhere: its last stage counts as been.
    """
    here = "" if pathway.closed_at else pathway.stage
    since = {period.stage: period.started_at for period in periods}
    gone = frozenset(_steps_taken(periods))
    targets = {move.target for move in moves if not pathway.closed_at and move.source == here}
    states = {stage: _state(stage, here, since, targets) for stage in ORDER}
    words = state_words()
    rows = [PathRow(stage, str(Stage(stage).label), words[state], since.get(stage), stage_url(move_url, stage, state)) for stage, state in states.items()]
    text = _("The pathway has ended.") if pathway.closed_at else _("The client is at the stage “%(stage)s”.") % {"stage": Stage(pathway.stage).label}
    parts = tuple(tuple(pathway.partnership.stage_parts.get(stage, ())) for stage in ORDER)
    open_moves = frozenset((here, target) for target in targets)
    return PathFigure(PathLook(text, tuple(states.values()), parts, gone, open_moves, tuple(shapes)), rows, move_url)


def state_words() -> dict[str, str]:
    return {"here": _("is here"), "been": _("has been"), "can": _("can go"), "again": _("has been, can go again"), "": ""}


def stage_url(move_url: str, stage: str, state: str) -> str:
    return f"{move_url}?to={stage}" if move_url and state in ("can", "again") else ""


def _state(stage: str, here: str, since: dict, targets: set[str]) -> str:
    if stage == here:
        return "here"
    if stage in targets:
        return "again" if stage in since else "can"
    return "been" if stage in since else ""


def _steps_taken(periods: Iterable[Period]) -> set[tuple[str, str]]:
    stages = [period.stage for period in periods]
    return set(pairwise(stages))
