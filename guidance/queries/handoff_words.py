"""A hand-off in words: what has happened, and how far silence has gone."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guidance.choices import HandoffState, LadderStep
from guidance.models import Handoff


@dataclass(frozen=True)
class Passage:
    """One line of a hand-off's history."""

    at: datetime
    what: str
    organisation: str
    person: str = ""
    text: str = ""


@dataclass(frozen=True)
class LadderRung:
    label: str
    state: str


@dataclass(frozen=True)
class LadderWords:
    """How far silence has gone, in sentences and as rungs; nothing once the hand-off has ended."""

    now: str = ""
    following: str = ""
    rungs: tuple[LadderRung, ...] = ()
    is_paused: bool = False


def history_of(handoff: Handoff) -> list[Passage]:
    """Newest first, the same for both sides."""
    found = [Passage(handoff.sent_at, _("Sent"), handoff.from_organisation.name, handoff.from_person.user.name, handoff.reason)]
    answerer = handoff.answered_by.organisation.name if handoff.answered_by else handoff.receiver_name
    person = handoff.answered_by.user.name if handoff.answered_by else ""
    if handoff.answered_at:
        what = pgettext("hand-off", "Declined") if handoff.decline_reason else _("Accepted")
        found.append(Passage(handoff.answered_at, what, answerer, person, handoff.decline_reason))
    if handoff.met_at:
        found.append(Passage(handoff.met_at, _("First contact held"), answerer))
    if handoff.withdrawn_at:
        by = handoff.withdrawn_by
        found.append(Passage(handoff.withdrawn_at, _("Undone") if handoff.answered_at else _("Withdrawn"), by.organisation.name if by else handoff.from_organisation.name, by.user.name if by else ""))
    return sorted(found, key=lambda passage: passage.at, reverse=True)


def ladder_words(handoff: Handoff, now: datetime) -> LadderWords:
    partnership, step = handoff.pathway.partnership, handoff.ladder_step
    accepted = handoff.state == HandoffState.ACCEPTED
    days = {LadderStep.REMINDED: partnership.remind_after, LadderStep.COLLEAGUES: partnership.colleagues_after, LadderStep.LEAD: partnership.lead_after}
    following = next((rung for rung in days if rung > step), None)
    return LadderWords(
        now=_now(handoff, accepted),
        following=_following(following, silent_since(handoff) + timedelta(days=days[following]), accepted) if following else "",
        rungs=tuple(LadderRung(_label(rung, accepted), "here" if rung == step else "done" if rung < step else "ahead") for rung in LadderStep),
        is_paused=handoff.paused_until is not None and timezone.localdate(now) < handoff.paused_until,
    )


def _label(rung: LadderStep, accepted: bool) -> str:
    return _("Waits for the first contact") if accepted and rung == LadderStep.SENT else capfirst(str(rung.label))


def _now(handoff: Handoff, accepted: bool) -> str:
    if handoff.ladder_step:
        return _("%(step)s on %(day)s.") % {"step": capfirst(handoff.get_ladder_step_display()), "day": _day(handoff.ladder_moved_at)}
    if accepted:
        return _("The first contact is to be held on %(day)s.") % {"day": _day(handoff.first_contact_at)}
    return _("Waits for the receiver since %(day)s.") % {"day": _day(handoff.sent_at)}


def _following(rung: LadderStep, at: datetime, accepted: bool) -> str:
    happens = {
        LadderStep.REMINDED: _("the receiver is reminded"),
        LadderStep.COLLEAGUES: _("the receiver's colleagues are told"),
        LadderStep.LEAD: _("it comes to the partnership lead's list"),
    }
    words = {"day": _day(at), "happens": happens[rung]}
    return _("Unless the contact is confirmed, on %(day)s %(happens)s.") % words if accepted else _("Without an answer, on %(day)s %(happens)s.") % words


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT") if at else ""


def silent_since(handoff: Handoff) -> datetime:
    """When the silence began: the sending, or the first contact that was promised.

    A first contact far ahead, or moved again and again, counts as promised for at the latest one ladder after the answer.
    """
    if handoff.state != HandoffState.ACCEPTED or handoff.first_contact_at is None or handoff.answered_at is None:
        return handoff.sent_at
    return min(handoff.first_contact_at, handoff.answered_at + timedelta(days=handoff.pathway.partnership.lead_after))
