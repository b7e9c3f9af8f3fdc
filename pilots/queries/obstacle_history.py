"""An obstacle's history in words."""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pilots.choices import ObstacleAct, ObstacleKind, ObstacleStatus, ProposalStatus, Remover
from pilots.models import EducationForm, Goal, Obstacle, ObstacleEvent, PilotArea, Proposal
from pilots.queries.history import language_of, only_what_differs

ICONS = {
    ObstacleAct.WRITTEN: "add", ObstacleAct.REPORTED: "add", ObstacleAct.EDITED: "edit", ObstacleAct.MOVED: "forward", ObstacleAct.ANSWERED: "mail",
    ObstacleAct.WEIGHT_ADDED: "joined", ObstacleAct.WEIGHT_TAKEN_BACK: "left", ObstacleAct.MERGED: "link", ObstacleAct.PROPOSAL_WRITTEN: "add",
    ObstacleAct.PROPOSAL_EDITED: "edit", ObstacleAct.PROPOSAL_MOVED: "forward",
}  # fmt: skip
CODED = {"kind": ObstacleKind, "removers": Remover, "addressee": Remover}


@dataclass(frozen=True)
class Line:
    """For components/timeline.html."""

    icon: str
    kind: str
    text: str
    time: datetime
    who: str
    organisation: str
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Day:
    day: date
    events: list[Line]


def obstacle_days(obstacle: Obstacle, events: list[ObstacleEvent], *, with_people: bool) -> list[Day]:
    """Three queries more when an edit changed places, forms of education or goals."""
    names = _Names(events)
    return [Day(day, [_line(obstacle, event, names, with_people) for event in rows]) for day, rows in groupby(events, lambda event: timezone.localdate(event.at))]


def _line(obstacle: Obstacle, event: ObstacleEvent, names: "_Names", with_people: bool) -> Line:
    organisation = event.organisation.name if event.organisation else ""
    who = event.by.name if event.by and with_people else event.area.name if event.area else organisation or _("Invented for the demo")
    return Line(
        icon=ICONS[ObstacleAct(event.act)],
        kind=str(ObstacleAct(event.act).label),
        text=" ".join(_words(obstacle, event)),
        time=event.at,
        who=who,
        organisation=organisation if organisation != who else "",
        changes=list(_changes(event, names)),
    )


def _words(obstacle: Obstacle, event: ObstacleEvent) -> Iterator[str]:
    statuses = ProposalStatus if event.proposal_id else ObstacleStatus
    after = str(statuses(event.to_status).label) if event.to_status else ""
    if event.from_status:
        yield _("from “%(before)s” to “%(after)s”.") % {"before": statuses(event.from_status).label, "after": after}
    elif event.proposal_id and after:
        yield _("to “%(after)s”.") % {"after": after}
    if event.obstacle_id != obstacle.pk:
        yield _("(On the duplicate “%(name)s”.)") % {"name": event.obstacle.name}
    if event.area and event.act in (ObstacleAct.WEIGHT_ADDED, ObstacleAct.WEIGHT_TAKEN_BACK):
        yield f"{event.area.name}:"
    yield _in_either(event)


def _in_either(event: ObstacleEvent) -> str:
    return " / ".join(text for text in (event.text_fi, event.text_sv) if text)


def _changes(event: ObstacleEvent, names: "_Names") -> Iterator[tuple[str, str, str]]:
    model = Proposal if event.proposal_id else Obstacle
    for change in event.changes:
        name, before, after = change["field"], names.shown(change["field"], change["before"]), names.shown(change["field"], change["after"])
        label = _("Who can remove it") if name == "removers" else capfirst(str(model._meta.get_field(name).verbose_name))
        if language_of(name):
            before, after = only_what_differs(before, after)
        yield label, before, after


class _Names:
    """What the keys in changes stand for."""

    def __init__(self, events: Iterable[ObstacleEvent]) -> None:
        changed = {change["field"] for event in events for change in event.changes}
        self.areas = {area.pk: area.name for area in PilotArea.objects.only("name_fi", "name_sv")} if "areas" in changed else {}
        self.education_forms = {form.pk: form.name for form in EducationForm.objects.all()} if "education_forms" in changed else {}
        self.goals = {goal.pk: str(goal.number) for goal in Goal.objects.all()} if "goals" in changed else {}

    def shown(self, name: str, value: Any) -> str:
        if name in ("areas", "education_forms", "goals"):
            return ", ".join(getattr(self, name).get(key, "?") for key in value)
        if name in CODED:
            return ", ".join(str(CODED[name](code).label) for code in ([value] if isinstance(value, str) else value))
        if name == "check_by" and value:
            return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
        return str(value or "")
