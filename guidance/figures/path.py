"""Kuvio 1 on a client's page: where the client is, was and can go."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from guidance.choices import Move, Stage
from guidance.figures.kuvio1 import Look, draw_kuvio1
from guidance.figures.shapes import Drawing
from guidance.figures.source import KUVIO_1
from guidance.models import Pathway, StagePeriod


@dataclass(frozen=True)
class PathRow:
    stage: str
    name: str
    state: str
    since: datetime | None
    url: str


@dataclass(frozen=True)
class PathFigure:
    drawings: tuple[Drawing, ...]
    rows: list[PathRow]
    text: str


def path_figure(pathway: Pathway, periods: Iterable[StagePeriod], moves: Iterable[Move], move_url: str = "", shapes: Iterable[str] = ("wide", "narrow")) -> PathFigure:
    """The figure of one client; asks the database nothing, when the pathway has its partnership with it.

    `periods`: the pathway's stage periods, oldest first. `moves`: what is offered now. With `move_url` each stage one
    can go to is a link to it with "?to=<stage>". An ended pathway is nowhere: its last stage counts as been.
    """
    here = "" if pathway.closed_at else pathway.stage
    since = {period.stage: period.started_at for period in periods}
    gone = _steps_taken(periods)
    targets = {move.target for move in moves if not pathway.closed_at and move.source == here}
    states = {step.stage: _state(step.stage, here, since, targets) for step in KUVIO_1}
    words = {"here": _("is here"), "been": _("has been"), "can": _("can go"), "again": _("has been, can go again"), "": ""}

    def look(stage: str) -> Look:
        state = states[stage]
        url = f"{move_url}?to={stage}" if move_url and stage in targets else ""
        name = str(Stage(stage).label)
        spoken = f"{name}: {words[state]}" if state else name
        if state == "again":
            return Look("is-been is-can", words["can"], url, spoken, note=words["been"])
        return Look(f"is-{state}" if state else "is-ahead", words[state], url, spoken)

    def kind_of(move: Move) -> str:
        if move.source == here and move.target in targets:
            return "is-open"
        return "is-taken" if (move.source, move.target) in gone else "is-faint"

    rows = [PathRow(step.stage, str(Stage(step.stage).label), words[states[step.stage]], since.get(step.stage), look(step.stage).url) for step in KUVIO_1]
    text = _("The pathway has ended.") if pathway.closed_at else _("The client is at the stage “%(stage)s”.") % {"stage": pathway.get_stage_display()}
    drawings = tuple(draw_kuvio1(shape, look, kind_of, stage_parts=pathway.partnership.stage_parts, bands=False) for shape in shapes)
    return PathFigure(drawings, rows, text)


def _state(stage: str, here: str, since: dict, targets: set[str]) -> str:
    if stage == here:
        return "here"
    if stage in targets:
        return "again" if stage in since else "can"
    return "been" if stage in since else ""


def _steps_taken(periods: Iterable[StagePeriod]) -> set[tuple[str, str]]:
    stages = [period.stage for period in periods]
    return set(pairwise(stages))
