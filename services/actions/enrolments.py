"""Enrolling on runs of courses, answering, ending. The run's row is held first, so that those who want one seat follow one
another; what still slipped through the database refuses (`course_run_not_oversold`), and that too is told as a conflict.

The waiting list. Who asks when no seat is free, or when others wait, waits with a number. A free seat goes to the first
who waits, and only to the first: a group that does not fit yet waits, and so do those behind it. A cancelled waiting entry frees no seat;
only seats that a group had kept waiting go on to the next. Seats of an organisation's own unused quota are apart: only its own wait for them.

Each raises PermissionDenied for people without the right, `Conflict` when somebody else was quicker, and ValidationError.
"""
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.actions.notices import tell_about_enrolment
from services.choices import ATTENDED_IN, ENDED, EnrolmentState, Entry, Publication, Side
from services.conflicts import Conflict
from services.models import CourseRun, Enrolment, SharedService
from services.permissions import enrolment_moves, enrolment_sides, may_enrol, may_note_attendance
from services.queries.catalogue import may_use
from services.queries.courses import due_runs, read_seats, waiting_list
from services.registries import enrolment_changed

CALLED_OFF = gettext_lazy("This run has been called off.")
OVERSOLD = "course_run_not_oversold"


def tells_oversold(action: Callable) -> Callable:
    """Around the action's transaction: what only the database saw is a conflict like any other."""

    @wraps(action)
    def told(**given: Any) -> Any:
        try:
            return action(**given)
        except IntegrityError as error:
            if OVERSOLD not in str(error) and "enrolment_number_once" not in str(error) and "queue_number" not in str(error):
                raise
            raise Conflict(given.get("enrolment") or given.get("run"), _("Somebody else has just taken the last seats. Look at the run again.")) from error

    return told


@tells_oversold
@transaction.atomic
def enrol(
    *, by: Membership, run: CourseRun, size: int = 1, is_group: bool = False, level: str = "", special_needs: str = "", only_hold: bool = False, token: uuid.UUID, now: datetime | None = None
) -> Enrolment:
    """Seats for the own organisation: held or enrolled at once where the provider lets seats be held, otherwise an application.

    On the waiting list when they are not free. The same form sent twice makes one.
    """
    now = now or timezone.now()
    run = hold_run(run)
    if (made := Enrolment.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    _require_open(by, run, now)
    if not 1 <= size <= run.seats:
        raise ValidationError({"size": ngettext("This run has %(seats)s seat in all.", "This run has %(seats)s seats in all.", run.seats) % {"seats": run.seats}})
    enrolment = Enrolment(run=run, organisation=by.organisation, size=size, is_group=is_group, level=level, special_needs=special_needs.strip(), asked_at=now, asked_by=by, token=token)
    if run.entry == Entry.APPLY:
        enrolment.state = EnrolmentState.APPLIED
    elif not _fits(enrolment, now):
        _queue(enrolment)
    elif only_hold:
        _hold_seats(enrolment, now)
    else:
        enrolment.state = EnrolmentState.ENROLLED
    enrolment.full_clean(validate_unique=False, exclude=["state", "run", "organisation", "asked_by"])
    enrolment.save(force_insert=True)
    _note(enrolment, "", by, now)
    return enrolment


@tells_oversold
@transaction.atomic
def move_enrolment(*, by: Membership, enrolment: Enrolment, target: str, reason: str = "", attended: int | None = None, version: int | None = None, now: datetime | None = None) -> Enrolment:
    """Confirm, answer, cancel, complete or interrupt, as `ENROLMENT_MOVES` allows; whoever comes second is told what happened."""
    now = now or timezone.now()
    run = hold_run(enrolment.run)
    enrolment = Enrolment.objects.select_related("organisation", "asked_by__user").get(pk=enrolment.pk)
    enrolment.run = run
    if not enrolment_sides(by, enrolment):
        raise PermissionDenied
    move = next((move for move in enrolment_moves(by, enrolment) if move.target == target), None)
    if move is None or (version is not None and version != enrolment.version):
        raise _changed(enrolment)
    reason = reason.strip()
    if move.needs_reason and not reason:
        raise ValidationError({"reason": _("Give the reason: the other organisation reads it.")})
    before = enrolment.state
    if before == EnrolmentState.HELD and target == EnrolmentState.ENROLLED and enrolment.held_until is not None and enrolment.held_until <= now:
        raise Conflict(enrolment, _("The seat was held for you until its time was over. Ask for it again."))
    _admit_or_queue(enrolment, target, now)
    enrolment.reason = reason[:300]
    enrolment.version += 1
    if move.side == Side.OWNER and before == EnrolmentState.APPLIED:
        enrolment.answered_at, enrolment.answered_by = now, by
    if target in ENDED:
        enrolment.ended_at, enrolment.ended_by = now, by
    if target in ATTENDED_IN:
        _set_attended(enrolment, attended)
    else:
        enrolment.attended = None
    enrolment.save()
    _note(enrolment, before, by, now)
    promote(run, now)
    return enrolment


@transaction.atomic
def note_attendance(*, by: Membership, enrolment: Enrolment, attended: int, version: int | None = None, now: datetime | None = None) -> Enrolment:
    """How many of the enrolled took part, by the provider; before the course is completed or after."""
    run = hold_run(enrolment.run)
    enrolment = Enrolment.objects.select_related("organisation").get(pk=enrolment.pk)
    enrolment.run = run
    if Side.OWNER not in enrolment_sides(by, enrolment):
        raise PermissionDenied
    if not may_note_attendance(by, enrolment) or (version is not None and version != enrolment.version):
        raise _changed(enrolment)
    _set_attended(enrolment, attended)
    enrolment.version += 1
    enrolment.save()
    record_event(by=by.user, verb="note_attendance", target=enrolment, organisation_id=by.organisation_id, detail={"attended": attended})
    for tell in enrolment_changed:
        tell(enrolment, enrolment.state, by, now or timezone.now())
    return enrolment


def cancel_all(run: CourseRun, *, by: Membership, reason: str, now: datetime) -> int:
    """Of a run that is called off, which the caller holds and has judged: all that has not ended, each told like any other. How many."""
    rows = list(run.enrolments.exclude(state__in=ENDED).select_related("organisation", "asked_by__user").order_by("pk"))
    for enrolment in rows:
        enrolment.run, enrolment.reason = run, reason
        _cancel(enrolment, by=by, now=now)
    return len(rows)


def give_back(enrolment: Enrolment, *, by: Membership | None, now: datetime) -> None:
    """Cancels what an app above had asked for, whoever of it now ends the matter; that app has judged the right.

    Call it with the run held and the row read after that. What has come to its end already stays as it was.
    """
    if enrolment.state in ENDED:
        return
    _cancel(enrolment, by=by, now=now)
    promote(enrolment.run, now)


def _cancel(enrolment: Enrolment, *, by: Membership | None, now: datetime) -> None:
    before = enrolment.state
    enrolment.state, enrolment.queue_number, enrolment.held_until, enrolment.attended = EnrolmentState.CANCELLED, None, None, None
    enrolment.ended_at, enrolment.ended_by = now, by
    enrolment.version += 1
    enrolment.save()
    _note(enrolment, before, by, now)


def expire_holds(now: datetime) -> int:
    """The clock's job: holds that are over, quotas whose day has come, waiting lists of runs that have begun. Each run in a transaction of its own."""
    return sum(_settle(pk, now) for pk in due_runs(now, timezone.localdate(now)))


@transaction.atomic
def _settle(pk: int, now: datetime) -> int:
    run = hold_run(CourseRun(pk=pk))
    day = timezone.localdate(now)
    over = list(run.enrolments.filter(state=EnrolmentState.HELD, held_until__lte=now).select_related("organisation", "asked_by__user").order_by("held_until", "pk"))
    if run.closes_on < day:
        over += waiting_list(run).select_related("organisation", "asked_by__user")
    for enrolment in over:
        before = enrolment.state
        enrolment.run, enrolment.state, enrolment.held_until, enrolment.queue_number, enrolment.ended_at = run, EnrolmentState.EXPIRED, None, None, now
        enrolment.version += 1
        enrolment.save()
        _note(enrolment, before, None, now)
    freed = run.quotas.filter(freed_on__lte=day, freed_at=None).update(freed_at=now)
    promote(run, now)
    return len(over) + freed


def promote(run: CourseRun, now: datetime) -> list[Enrolment]:
    """Gives free seats to those who wait, in order; call it with the run held, after anything that may have freed one."""
    day = timezone.localdate(now)
    if day > run.closes_on or run.called_off_at is not None:
        return []
    seats = read_seats(run, day)
    blocked: set[int] = set()
    promoted = []
    for enrolment in waiting_list(run).select_related("organisation", "asked_by__user"):
        organisation = enrolment.organisation_id
        open_to_all = not blocked and enrolment.size <= seats.open_to(organisation)
        if organisation in blocked or not (open_to_all or enrolment.size <= seats.own(organisation)):
            blocked.add(organisation)
            continue
        seats.take(organisation, enrolment.size)
        enrolment.run, enrolment.queue_number = run, None
        if run.entry == Entry.HOLD:
            _hold_seats(enrolment, now)
        else:
            enrolment.state = EnrolmentState.ENROLLED
        enrolment.version += 1
        enrolment.save()
        _note(enrolment, EnrolmentState.WAITING, None, now)
        promoted.append(enrolment)
    return promoted


def hold_run(run: CourseRun) -> CourseRun:
    """The run locked and as it now is: the application's guard, before the database's own."""
    CourseRun.objects.select_for_update().get(pk=run.pk)
    return CourseRun.objects.select_related("service__organisation").get(pk=run.pk)


def _require_open(by: Membership, run: CourseRun, now: datetime) -> None:
    usable = SharedService.objects.filter(may_use(by), pk=run.service_id, state=Publication.PUBLIC).exists()
    if not usable or not may_enrol(by):
        raise PermissionDenied
    if run.called_off_at is not None:
        raise ValidationError(CALLED_OFF)
    if run.entry == Entry.ASK:
        raise ValidationError(_("Seats of this course are asked from the provider, not here."))
    if timezone.localdate(now) > run.enrol_by:
        raise ValidationError(_("The last day to enrol has passed. Ask the provider."))


def _fits(enrolment: Enrolment, now: datetime) -> bool:
    """Free now, and nobody waits for the same seats before."""
    seats, waiting = read_seats(enrolment.run, timezone.localdate(now)), waiting_list(enrolment.run)
    if enrolment.pk is not None:
        waiting = waiting.exclude(pk=enrolment.pk)
    organisation = enrolment.organisation_id
    if enrolment.size <= seats.own(organisation):
        return not waiting.filter(organisation=organisation).exists()
    return enrolment.size <= seats.open_to(organisation) and not waiting.exists()


def _admit_or_queue(enrolment: Enrolment, target: str, now: datetime) -> None:
    """Sets the state. An application is admitted only while seats are free: the provider's waiting list is for the others."""
    if target == EnrolmentState.WAITING:
        _queue(enrolment)
        return
    if enrolment.state == EnrolmentState.APPLIED and target == EnrolmentState.ENROLLED and not _fits(enrolment, now):
        raise Conflict(enrolment, _("There is no free seat for this application, or others wait for it. Put it on the waiting list, or add seats."))
    enrolment.state, enrolment.queue_number, enrolment.held_until = target, None, None


def _queue(enrolment: Enrolment) -> None:
    last = waiting_list(enrolment.run).aggregate(last=Max("queue_number"))["last"] or 0
    enrolment.state, enrolment.queue_number, enrolment.held_until = EnrolmentState.WAITING, last + 1, None


def _hold_seats(enrolment: Enrolment, now: datetime) -> None:
    enrolment.state, enrolment.held_until = EnrolmentState.HELD, now + timedelta(days=enrolment.run.hold_days or 1)


def _set_attended(enrolment: Enrolment, attended: int | None) -> None:
    if attended is None:
        return
    if attended < 0 or attended > enrolment.size:
        raise ValidationError({"attended": _("At most as many took part as were enrolled.")})
    enrolment.attended = attended


def _note(enrolment: Enrolment, before: str, by: Membership | None, now: datetime) -> None:
    """The audit row, the apps above, and the other side's mail: all in the same transaction."""
    record_event(
        by=by.user if by else None, verb=f"{enrolment.state}_enrolment", target=enrolment, organisation_id=by.organisation_id if by else None, detail={"before": before, "size": enrolment.size}
    )
    for tell in enrolment_changed:
        tell(enrolment, before, by, now)
    tell_about_enrolment(enrolment, by=by, now=now)


def _changed(enrolment: Enrolment) -> Conflict:
    return Conflict(enrolment, _("This enrolment has changed in the meantime: it is now “%(state)s”.") % {"state": enrolment.get_state_display()})
