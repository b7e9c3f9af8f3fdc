"""Offering runs of a course, changing their seats, keeping seats for an organisation."""
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership, Organisation
from services.actions.enrolments import CALLED_OFF, cancel_all, hold_run, promote, tells_oversold
from services.choices import ENDED, EnrolmentState, Publication, ServiceKind
from services.conflicts import Conflict
from services.models import CourseRun, Quota, SharedService
from services.permissions import may_manage_run, may_manage_service
from services.queries.courses import read_seats

EDITABLE = ("name", "kind", "first_day", "last_day", "timetable", "weekly_hours", "delivery", "place", "seats", "enrol_by", "entry", "hold_days")


@transaction.atomic
def offer_run(*, by: Membership, service: SharedService, now: datetime | None = None, **fields: Any) -> CourseRun:
    """A new run of the own organisation's course. The same form sent twice makes one."""
    # Held, so that the second press waits for the first and finds its run.
    service = SharedService.objects.select_for_update().get(pk=service.pk)
    if not may_manage_service(by, service):
        raise PermissionDenied
    if service.kind != ServiceKind.COURSE or service.state == Publication.ARCHIVED:
        raise ValidationError(_("Only a course that is not archived has runs."))
    run = CourseRun(service=service, created_at=now or timezone.now(), created_by=by, **{name: fields[name] for name in EDITABLE if name in fields})
    _check_place(run)
    run.full_clean()
    if twin := CourseRun.objects.filter(service=service, created_by=by, version=1, **{name: getattr(run, name) for name in EDITABLE}).first():
        return twin
    run.save(force_insert=True)
    record_event(by=by.user, verb="offer_run", target=run, organisation_id=by.organisation_id, detail={"seats": run.seats})
    return run


@tells_oversold
@transaction.atomic
def change_run(*, by: Membership, run: CourseRun, version: int, now: datetime | None = None, **fields: Any) -> CourseRun:
    """Added seats go to those who wait. Not fewer seats than are taken or kept by quotas, and none so few that a waiting group never fits."""
    now = now or timezone.now()
    run = hold_run(run)
    if not may_manage_run(by, run):
        raise PermissionDenied
    if run.version != version or run.called_off_at is not None:
        raise Conflict(run, _("Somebody else has changed this run in the meantime. Look at it again."))
    entry = run.entry
    for name in EDITABLE:
        if name in fields:
            setattr(run, name, fields[name])
    _check_place(run)
    open_rows = run.enrolments.exclude(state__in=ENDED)
    if run.entry != entry and open_rows.exclude(state=EnrolmentState.ENROLLED).exists():
        raise ValidationError({"entry": _("Somebody holds, waits or has applied by the present rule. Answer them first.")})
    seats = read_seats(run, timezone.localdate(now))
    if seats.open < 0:
        raise ValidationError({"seats": _("%(taken)s seats are taken and %(kept)s kept by quotas. Give at least as many.") % {"taken": seats.taken, "kept": sum(seats.kept.values())}})
    largest = open_rows.aggregate(most=Max("size"))["most"] or 0
    if run.seats < largest:
        raise ValidationError({"seats": _("A group of %(size)s waits for an answer. Give at least as many seats, or cancel it first.") % {"size": largest}})
    run.version += 1
    run.full_clean()
    run.save()
    record_event(by=by.user, verb="change_run", target=run, organisation_id=by.organisation_id, detail={"seats": run.seats})
    promote(run, now)
    return run


@transaction.atomic
def call_off_run(*, by: Membership, run: CourseRun, reason: str, version: int, now: datetime | None = None) -> CourseRun:
    """The provider does not give the run: whoever is on it, waits or has applied is told with the reason, and the seats are nobody's."""
    now = now or timezone.now()
    run = hold_run(run)
    if not may_manage_run(by, run):
        raise PermissionDenied
    if run.version != version or run.called_off_at is not None:
        raise Conflict(run, _("Somebody else has changed this run in the meantime. Look at it again."))
    if run.last_day < timezone.localdate(now):
        raise ValidationError(_("The run is over: what has been held cannot be called off."))
    if not (reason := reason.strip()):
        raise ValidationError({"reason": _("Give the reason: the other organisation reads it.")})
    run.called_off_at, run.called_off_by, run.called_off_because = now, by, reason[:300]
    run.version += 1
    run.save()
    told = cancel_all(run, by=by, reason=run.called_off_because, now=now)
    record_event(by=by.user, verb="call_off_run", target=run, organisation_id=by.organisation_id, detail={"enrolments": told})
    return run


@transaction.atomic
def set_quota(*, by: Membership, run: CourseRun, organisation: Organisation, seats: int, freed_on: date, now: datetime | None = None) -> Quota | None:
    """Seats kept for an organisation until a day; 0 seats takes the quota away. Only free seats can be kept."""
    now = now or timezone.now()
    day = timezone.localdate(now)
    run = hold_run(run)
    if not may_manage_run(by, run):
        raise PermissionDenied
    if run.called_off_at is not None:
        raise ValidationError(CALLED_OFF)
    quota = run.quotas.filter(organisation=organisation).first()
    if seats == 0:
        if quota:
            quota.delete()
    else:
        if freed_on <= day or freed_on > run.last_day:
            raise ValidationError({"freed_on": _("Give a day after today, and before the course is over.")})
        quota = quota or Quota(run=run, organisation=organisation)
        quota.seats, quota.freed_on, quota.freed_at = seats, freed_on, None
        quota.save()
        if (open_now := read_seats(run, day).open) < 0:
            raise ValidationError({"seats": _("There are %(missing)s free seats too few for this quota.") % {"missing": -open_now}})
    record_event(by=by.user, verb="set_quota", target=run, organisation_id=by.organisation_id, detail={"organisation": organisation.pk, "seats": seats})
    promote(run, now)
    return quota if seats else None


def _check_place(run: CourseRun) -> None:
    if run.place is not None and run.place.owner_id != run.service.organisation_id:
        raise ValidationError({"place": _("Choose one of your organisation's places.")})
