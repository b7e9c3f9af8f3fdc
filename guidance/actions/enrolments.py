"""A client's seats on shared courses: asking for one from the pathway, confirming, cancelling, and what comes of it.

The seat is the organisation's, in `services`, without a name; here it is tied to the pathway. What happens to a seat,
whoever or whatever does it, is told to `follow_enrolment` in the same transaction: an event on the timeline, the state of
the education option where one is linked, and a dated next step where the client would otherwise be left.

Order of locks: the run first, then pathways by id. Whoever may free a seat of a run holds every pathway that has or waits
for one on it, so that two runs with the same clients do not wait for each other.
"""
import uuid
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guidance.actions.locks import lock_pathway, require_participant
from guidance.actions.timeline import close_step, create_step, refresh_next_due, someone_answerable, write_event
from guidance.choices import EventKind, OptionState, StepKind
from guidance.models import EducationOption, NextStep, Pathway, PathwayEnrolment
from guidance.permissions import may_guide, takes_part
from pilots.models import Membership
from services.actions.enrolments import enrol, give_back, move_enrolment
from services.choices import ENDED, EnrolmentState
from services.conflicts import Conflict
from services.models import CourseRun, Enrolment
from services.permissions import may_enrol

FOLLOW_UP = timedelta(days=7)
# How far an option has come; a seat moves it forwards only. What ends is apart.
FORWARDS = (OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED)
OPTION_STATES = {
    EnrolmentState.HELD: OptionState.CHOSEN,
    EnrolmentState.APPLIED: OptionState.APPLIED,
    EnrolmentState.WAITING: OptionState.WAITING,
    EnrolmentState.ENROLLED: OptionState.ADMITTED,
}
ENDING_STATES = {
    EnrolmentState.DECLINED: (OptionState.NOT_ADMITTED, FORWARDS[:4]),
    EnrolmentState.CANCELLED: (OptionState.DROPPED, FORWARDS[2:5]),
    EnrolmentState.EXPIRED: (OptionState.DROPPED, FORWARDS[2:5]),
    EnrolmentState.COMPLETED: (OptionState.COMPLETED, FORWARDS),
    EnrolmentState.INTERRUPTED: (OptionState.INTERRUPTED, FORWARDS),
}


@transaction.atomic
def enrol_client(*, by: Membership, pathway: Pathway, run: CourseRun, only_hold: bool = False, option: EducationOption | None = None, token: uuid.UUID, now: datetime | None = None) -> PathwayEnrolment:
    """One seat for the client: held, taken, applied for or waited for, as the run allows; see `services.actions.enrolments.enrol`.

    The same form sent twice makes one. `Conflict` when the course is not there for the organisation any more, or somebody else took the last seat.
    """
    now = now or timezone.now()
    _hold_runs([run.pk])
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if (made := Enrolment.objects.filter(token=token).first()) is not None:
        known = PathwayEnrolment.objects.select_related("enrolment").filter(enrolment=made).first()
        if known is None or known.pathway_id != pathway.pk:
            raise ValidationError(_("This form belongs to another client. Open the page again."))
        return known
    if PathwayEnrolment.objects.active().filter(pathway=pathway, enrolment__run=run).exists():
        raise ValidationError(_("The client has a seat on this run already, or waits for one."))
    if option is not None and option.pathway_id != pathway.pk:
        raise ValidationError({"option": _("Choose one of the client's education options.")})
    try:
        enrolment = enrol(by=by, run=run, only_hold=only_hold, token=token, now=now)
    except PermissionDenied:
        if not may_enrol(by):
            raise
        raise Conflict(run, _("This course is not offered to your organisation any more.")) from None
    link = PathwayEnrolment.objects.create(pathway=pathway, enrolment=enrolment, option=option, told_state=enrolment.state, by=by, at=now)
    _follow(pathway, link, enrolment, "", by, now)
    return link


@transaction.atomic
def move_seat(*, by: Membership, link: PathwayEnrolment, target: str, version: int, now: datetime | None = None) -> Enrolment:
    """Confirm or cancel a seat of the own organisation. `version` is what the person saw; who comes second gets a `Conflict`."""
    enrolment = Enrolment.objects.select_related("run").get(reference=link.enrolment_id)
    _hold_runs([enrolment.run_id])
    # Asked anew: a merge may have given the seat another pathway since the page was read.
    pathway = Pathway.objects.get(enrolments=link.pk)
    held = _hold_pathways(enrolment.run_id, pathway.pk)
    if pathway.pk not in held or held[pathway.pk].closed_at:
        raise ValidationError(_("This pathway has ended. Reopen it before you go on."))
    require_participant(by, held[pathway.pk])
    if by.organisation_id != enrolment.organisation_id:
        raise ValidationError(_("The seat is another organisation's: ask it to confirm or cancel."))
    return move_enrolment(by=by, enrolment=enrolment, target=target, version=version, now=now)


def follow_enrolment(enrolment: Enrolment, before: str, by: Membership | None, now: datetime) -> None:
    """For the registry of `services`: what has changed, on the timeline of the pathway whose seat it is, if it is one's."""
    if not PathwayEnrolment.objects.filter(enrolment=enrolment).exists():
        return
    held = _hold_pathways(enrolment.run_id, *PathwayEnrolment.objects.filter(enrolment=enrolment).values_list("pathway", flat=True))
    [link] = PathwayEnrolment.objects.select_related("step", "option", "by__user").filter(enrolment=enrolment)
    pathway = held.get(link.pathway_id) or lock_pathway(Pathway.objects.get(pk=link.pathway_id), open_only=False, while_restricted=True)
    _follow(pathway, link, enrolment, before, by, now)


def release_seats(pathway: Pathway, *, by: Membership | None, now: datetime) -> None:
    """Gives back what is held, waited for or applied for, by whichever organisation; for whoever ends a pathway or erases it.

    Call it before the pathway is locked: it holds the runs first.
    """
    mine = PathwayEnrolment.objects.filter(pathway=pathway)
    runs = sorted(mine.unsettled().values_list("enrolment__run", flat=True).distinct())
    if not runs:
        return
    _hold_runs(runs)
    _hold_pathways_of(runs, pathway.pk)
    for link in mine.unsettled().filter(enrolment__run__in=runs).select_related("enrolment__run__service__organisation", "enrolment__organisation", "enrolment__asked_by__user"):
        give_back(link.enrolment, by=by, now=now)


def tell_who_sees_to_seats(pathway: Pathway, *, by: Membership | None, organisation_id: int) -> None:
    """An organisation has left the (locked) pathway and has a seat for the client: somebody who takes part agrees what becomes of it."""
    if PathwayEnrolment.objects.active().filter(pathway=pathway, enrolment__organisation=organisation_id).exists():
        person = someone_answerable(pathway, pathway.guidance_lead)
        with translation.override(person.user.language):
            what = _("An organisation has left that has a seat on a course for the client: agree with it who sees to the seat")
        create_step(by=by, pathway=pathway, responsible=person, kind=StepKind.STEP, what=what, due_on=timezone.localdate() + FOLLOW_UP)


def _hold_runs(ids: list[int]) -> None:
    list(CourseRun.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _hold_pathways(run_id: int, *also: int) -> dict[int, Pathway]:
    return _hold_pathways_of([run_id], *also)


def _hold_pathways_of(runs: list[int], *also: int) -> dict[int, Pathway]:
    ids = {*PathwayEnrolment.objects.active().filter(enrolment__run__in=runs).values_list("pathway", flat=True), *also}
    return {pathway.pk: pathway for pathway in Pathway.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _follow(pathway: Pathway, link: PathwayEnrolment, enrolment: Enrolment, before: str, by: Membership | None, now: datetime) -> None:
    detail = {"seat": link.pk, "seat_was": before, "seat_now": enrolment.state} | ({} if enrolment.attended is None else {"attended": enrolment.attended})
    # A body that takes no part stays unnamed on the timeline: who provides a course can tell where somebody is.
    shown = by if by is not None and takes_part(by.organisation_id, pathway) else None
    write_event(pathway=pathway, kind=EventKind.SEAT, by=shown, at=now, detail=detail)
    if before == enrolment.state:
        return
    _carry_to_option(pathway, link, enrolment, shown, now)
    if pathway.closed_at is None:
        _lay_next_step(pathway, link, enrolment, by, shown, now)
    link.told_state = enrolment.state
    link.save(update_fields=["told_state", "step"])


def _lay_next_step(pathway: Pathway, link: PathwayEnrolment, enrolment: Enrolment, by: Membership | None, shown: Membership | None, now: datetime) -> None:
    """The step that the seat made before is done with; a new one where somebody has to act, and never none at all."""
    old = link.step if link.step and link.step.done_at is None else None
    needs_somebody = enrolment.state in (EnrolmentState.HELD, EnrolmentState.EXPIRED, EnrolmentState.DECLINED, EnrolmentState.INTERRUPTED) or (
        # Who guides the client and cancels knows of it.
        enrolment.state == EnrolmentState.CANCELLED and not (shown and may_guide(shown) and by and by.organisation_id == enrolment.organisation_id)
    )
    others = NextStep.objects.open().filter(pathway=pathway)
    link.step = None
    if needs_somebody or not (others.exclude(pk=old.pk) if old else others).exists():
        person = someone_answerable(pathway, link.by, pathway.guidance_lead)
        with translation.override(person.user.language):
            what = _what_next(enrolment.state)
        link.step = create_step(by=shown, pathway=pathway, responsible=person, kind=StepKind.STEP, what=what, due_on=_due_on(enrolment, now))
    if old:
        close_step(old, by=shown)
        refresh_next_due(pathway)


def _due_on(enrolment: Enrolment, now: datetime) -> date:
    today = timezone.localdate(now)
    if enrolment.state == EnrolmentState.HELD and enrolment.held_until:
        return max(today, timezone.localdate(enrolment.held_until) - timedelta(days=1))
    return max(today, enrolment.run.first_day) if enrolment.state == EnrolmentState.ENROLLED else today + FOLLOW_UP


def _what_next(state: str) -> str:
    """The course is not named: it tells where somebody is, and the step stays should the client come under non-disclosure."""
    return {
        EnrolmentState.HELD: _("Confirm or cancel the seat on a course that is held for the client"),
        EnrolmentState.EXPIRED: _("The seat on a course, or the place in its queue, has expired: look for another way with the client"),
        EnrolmentState.DECLINED: _("Not admitted: go through the other education options with the client"),
        EnrolmentState.CANCELLED: _("The seat on a course was cancelled: look for another way with the client"),
        EnrolmentState.INTERRUPTED: _("The course was interrupted: agree with the client what happens next"),
        EnrolmentState.ENROLLED: _("Check with the client that the course has begun"),
    }.get(EnrolmentState(state), _("Agree with the client what happens next"))


def _carry_to_option(pathway: Pathway, link: PathwayEnrolment, enrolment: Enrolment, shown: Membership | None, now: datetime) -> None:
    """The option of which the seat is a part goes where the seat went; what somebody has written further by hand stays."""
    option = link.option
    if option is None:
        return
    source, target = option.state, OPTION_STATES.get(EnrolmentState(enrolment.state))
    allowed = FORWARDS[: FORWARDS.index(target)] if target else ()
    if enrolment.state in ENDED:
        target, allowed = ENDING_STATES[EnrolmentState(enrolment.state)]
    if target is None or source not in allowed:
        return
    today, option.state, option.changed_at = timezone.localdate(now), target, now
    if target == OptionState.APPLIED and option.applied_on is None:
        option.applied_on, option.applied_to = today, option.applied_to or enrolment.run.service.organisation.name[:200]
    if target in (OptionState.ADMITTED, OptionState.COMPLETED, OptionState.INTERRUPTED) and option.starts_on is None:
        option.starts_on = enrolment.run.first_day
    if target in (OptionState.COMPLETED, OptionState.INTERRUPTED) and option.starts_on:
        option.ended_on = max(today, option.starts_on)
    option.save()
    write_event(pathway=pathway, kind=EventKind.OPTION, by=shown, at=now, detail={"option": option.pk, "kind": option.kind, "from": source, "to": target})
