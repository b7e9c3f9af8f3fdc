"""An event of a timeline in words, in the reader's language."""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from guidance.choices import (
    LOGGED_BY_HAND,
    CheckIn,
    ContactWay,
    EndReason,
    EntryKind,
    EventKind,
    HandoffState,
    Interruption,
    OptionState,
    Outcome,
    ProcessingBasis,
    ProtectionEnd,
    Stage,
    Visibility,
)
from guidance.models import Event
from pilots.models import Membership
from services.choices import EnrolmentState

ICONS: dict[str, str] = {
    EventKind.CALL: "phone",
    EventKind.NO_ANSWER: "waiting",
    EventKind.MESSAGE: "mail",
    EventKind.VISIT: "place",
    EventKind.JOINT_MEETING: "area",
    EventKind.NO_SHOW: "left",
    EventKind.DROP_IN: "language",
    EventKind.CHECK_IN: "done",
    EventKind.NOTE: "edit",
    EventKind.CLIENT: "person",
    EventKind.ANSWER: "mail-sent",
    EventKind.MOVE: "forward",
    EventKind.HANDOFF: "mail-sent",
    EventKind.STEP: "done",
    EventKind.OPTION: "info",
    EventKind.SEAT: "info",
    EventKind.RESPONSIBILITY: "person",
    EventKind.CONSENT: "person",
    EventKind.PROTECTION: "person",
    EventKind.OPENED: "add",
    EventKind.CLOSED: "in-order",
    EventKind.MERGED: "joined",
}
HANDOFF_STATES = frozenset(HandoffState.values)
HANDOFF_SENTENCES = {
    HandoffState.SENT: gettext_lazy("sent to %(receiver)s"),
    HandoffState.ACCEPTED: gettext_lazy("%(receiver)s accepted"),
    HandoffState.MET: gettext_lazy("%(receiver)s has met the client"),
    HandoffState.DECLINED: gettext_lazy("%(receiver)s declined"),
    HandoffState.WITHDRAWN: gettext_lazy("taken back from %(receiver)s"),
}
PERIOD_SENTENCES = {"workplace_from": gettext_lazy("learning period with an employer from %(day)s"), "work_from": gettext_lazy("work from %(day)s")}
CONSENT_SENTENCES = {
    "given": gettext_lazy("given for telling %(organisation)s"),
    "changed": gettext_lazy("a new one for telling %(organisation)s replaces the earlier one"),
    "withdrawn": gettext_lazy("withdrawn: %(organisation)s is told nothing more"),
    "own": gettext_lazy("withdrawn by the client on the own page: %(organisation)s is told nothing more"),
    "expired": gettext_lazy("its last day is over: %(organisation)s is told nothing more"),
}
OUTSIDE_SENTENCES = {
    "given": gettext_lazy("given for telling a body outside"),
    "changed": gettext_lazy("a new one for telling a body outside replaces the earlier one"),
    "withdrawn": gettext_lazy("withdrawn from a body outside"),
    "expired": gettext_lazy("its last day is over: a body outside is told nothing more"),
}
DUTY_SENTENCES = {"process_person": gettext_lazy("responsible person: %(person)s"), "study_counsellor": gettext_lazy("study counsellor: %(person)s"), "participant": gettext_lazy("answers for its part: %(person)s")}


@dataclass(frozen=True)
class ShownEvent:
    pk: int
    icon: str
    kind: str
    text: str
    says: str
    time: datetime
    who: str
    organisation: str
    readers: str = ""
    is_own_only: bool = False
    is_worry: bool = False
    taken_back_at: datetime | None = None
    may_take_back: bool = False
    files: list[dict] = field(default_factory=list)
    # Of what the client wrote: its number, and whether it waits for an answer.
    entry_pk: int | None = None
    waits_for_answer: bool = False


def in_words(event: Event, *, acting: Membership | None = None) -> ShownEvent:
    """`acting`: who may take back their own; on paper nobody does."""
    return ShownEvent(
        pk=event.pk,
        icon=ICONS[event.kind],
        kind=_label(EventKind, event.kind),
        text=event.text,
        says=_says(event),
        time=event.at,
        who=event.by_name or "",
        organisation=event.organisation.name if event.organisation else "",
        readers=_readers(event),
        is_own_only=event.visibility == Visibility.OWN,
        is_worry=event.check_in in (CheckIn.WORRIED, CheckIn.ABSENT) and event.taken_back_at is None,
        taken_back_at=event.taken_back_at,
        may_take_back=acting is not None and event.by_id == acting.pk and event.kind in LOGGED_BY_HAND and event.taken_back_at is None and not event.file_rows,
        files=event.file_rows or [],
        entry_pk=event.entry_rows[0]["id"] if event.entry_rows else None,
        waits_for_answer=bool(event.entry_rows) and event.entry_rows[0]["answered_at"] is None,
    )


def _readers(event: Event) -> str:
    if event.visibility == Visibility.ORGANISATIONS:
        return _("Not read by the client")
    if event.visibility == Visibility.OWN:
        return _("Read by your own organisation only")
    if event.visibility == Visibility.CHOSEN:
        return _("Read by: %(organisations)s") % {"organisations": ", ".join(row["name"] for row in event.reader_rows or [])}
    return ""


def _says(event: Event) -> str:
    """What codes and ids of `detail` mean, in the reader's language."""
    parts = [_handoff_says(event)] if event.detail.get("state") in HANDOFF_STATES and event.kind != EventKind.OPTION else []
    if event.kind in TELL:
        parts.append(TELL[event.kind](event))
    if event.measure:
        parts.append(_("measure: %(name)s") % {"name": event.measure})
    return "; ".join(part for part in parts if part)


def _label(choices, value: str | None) -> str:
    return _labels(choices, get_language()).get(value, "")


@cache
def _labels(choices, language: str) -> dict[str | None, str]:
    """Of codes alone: a page says some of them dozens of times."""
    return {code: str(label) for code, label in choices.choices}


def _handoff_says(event: Event) -> str:
    receiver = event.receiver or event.receiver_outside or ""
    if day := event.detail.get("paused_until"):
        return _("reminders to %(receiver)s rest until %(day)s") % {"receiver": receiver, "day": date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT")}
    said = HANDOFF_SENTENCES[event.detail["state"]] % {"receiver": receiver}
    way = _label(ContactWay, event.detail.get("way"))
    return f"{said} ({way})" if way else said


def _move_says(event: Event) -> str:
    words = {"source": _label(Stage, event.detail.get("from")), "target": _label(Stage, event.detail.get("to")), "why": _label(Interruption, event.detail.get("interruption"))}
    return _("from “%(source)s” to “%(target)s”: %(why)s") % words if event.detail.get("interruption") else _("from “%(source)s” to “%(target)s”") % words


def _step_says(event: Event) -> str:
    what = event.step_what or ""
    if day := event.detail.get("due_on"):
        return _("%(what)s: now on %(day)s") % {"what": what, "day": date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT")}
    if event.detail.get("attended") is True:
        return _("%(what)s: done, the client came") % {"what": what}
    return _("%(what)s: done") % {"what": what}


def _option_says(event: Event) -> str:
    for key, sentence in PERIOD_SENTENCES.items():
        if key in event.detail:
            return sentence % {"day": date_format(date.fromisoformat(event.detail[key]), "SHORT_DATE_FORMAT")}
    title, state = event.option_title or "", event.detail.get("state") or event.detail.get("to")
    return _("%(what)s: %(state)s") % {"what": title, "state": label} if (label := _label(OptionState, state)) else title


def _seat_says(event: Event) -> str:
    """The course is not named under non-disclosure; when only the attendance was noted the state is the same as before."""
    detail, course = event.detail, event.course_name or _("a course")
    if detail.get("seat_was") == detail.get("seat_now"):
        return (_("%(what)s: took part") if detail.get("attended") else _("%(what)s: did not take part")) % {"what": course}
    said = _("%(what)s: %(state)s") % {"what": course, "state": _label(EnrolmentState, detail.get("seat_now"))}
    return _("%(what)s (did not take part)") % {"what": said} if detail.get("attended") == 0 else said


def _responsibility_says(event: Event) -> str:
    detail = event.detail
    if basis := _label(ProcessingBasis, detail.get("basis")):
        return _("basis changed: %(organisation)s now works with the data on %(basis)s") % {"organisation": event.organisation.name if event.organisation else "", "basis": basis}
    if detail.get("left"):
        return _("%(organisation)s does not take part any more") % {"organisation": event.left_name or ""}
    if detail.get("caseload_to"):
        return _("the caseload moved to %(person)s") % {"person": event.heir_name or ""}
    if detail.get("step") and detail.get("to"):
        return _("%(what)s: from %(before)s to %(after)s") % {"what": event.step_what or "", "before": event.from_name or "", "after": event.to_name or ""}
    sentence = DUTY_SENTENCES.get(detail.get("duty"))
    return sentence % {"person": event.person_name or _("nobody")} if sentence else ""


def _consent_says(event: Event) -> str:
    """The name of a body outside is the event's own text."""
    if event.told_name:
        return str(CONSENT_SENTENCES.get("own" if event.detail.get("own") else event.detail.get("consent"), CONSENT_SENTENCES["given"])) % {"organisation": event.told_name}
    return str(OUTSIDE_SENTENCES.get(event.detail.get("consent"), OUTSIDE_SENTENCES["given"]))


def _protection_says(event: Event) -> str:
    if event.person_name:
        return _("%(person)s sees what is hidden from now on: nobody else who was named is left") % {"person": event.person_name}
    return _("ended: %(reason)s") % {"reason": _label(ProtectionEnd, event.detail.get("ended"))} if event.detail.get("ended") else _("begun")


TELL: dict[str, Callable[[Event], str]] = {
    EventKind.CLIENT: lambda e: "; ".join(part for part in (_label(EntryKind, e.detail.get("entry")), e.step_what or "") if part),
    EventKind.ANSWER: lambda e: _label(EntryKind, e.detail.get("entry")),
    EventKind.CHECK_IN: lambda e: _label(CheckIn, e.check_in),
    EventKind.MOVE: _move_says,
    EventKind.STEP: _step_says,
    EventKind.NO_SHOW: lambda e: e.step_what or "",
    EventKind.OPTION: _option_says,
    EventKind.SEAT: _seat_says,
    EventKind.RESPONSIBILITY: _responsibility_says,
    EventKind.CONSENT: _consent_says,
    EventKind.PROTECTION: _protection_says,
    EventKind.CLOSED: lambda e: _("%(reason)s; then: %(outcome)s") % {"reason": _label(EndReason, e.detail.get("reason")), "outcome": _label(Outcome, e.detail.get("outcome"))},
    EventKind.OPENED: lambda e: pgettext("pathway opened", "again") if e.detail.get("again") else "",
}
