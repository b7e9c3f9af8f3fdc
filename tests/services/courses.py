"""Course runs for tests, of an invented provider; give what the test is about."""
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from pilots.models import Membership
from services.actions.enrolments import enrol
from services.choices import CourseKind, Entry, ServiceKind
from services.models import CourseRun, Enrolment, Quota
from tests.services.factories import make_handler, make_service


def make_run(**fields) -> CourseRun:
    """A short course of three seats that can be held for a week; it begins in 60 days."""
    today = timezone.localdate()
    service = fields.pop("service", None) or make_service(kind=ServiceKind.COURSE)
    defaults = {
        "kind": CourseKind.SHORT, "first_day": today + timedelta(days=60), "last_day": today + timedelta(days=90), "enrol_by": today + timedelta(days=50),
        "seats": 3, "entry": Entry.HOLD, "created_at": timezone.now(),
    } | fields
    defaults.setdefault("hold_days", 7 if defaults["entry"] == Entry.HOLD else None)
    return CourseRun.objects.create(service=service, **defaults)


def make_application_run(**fields) -> CourseRun:
    return make_run(**{"kind": CourseKind.QUALIFICATION, "entry": Entry.APPLY} | fields)


def provider_of(run: CourseRun) -> Membership:
    return make_handler(run.service.organisation)


def ask(run: CourseRun, by: Membership | None = None, **fields) -> Enrolment:
    """By the action itself; seats are taken at once where they can be."""
    return enrol(by=by or make_handler(), run=run, **{"token": uuid4()} | fields)


def make_quota(run: CourseRun, by: Membership, seats: int, days: int = 30) -> Quota:
    return Quota.objects.create(run=run, organisation=by.organisation, seats=seats, freed_on=timezone.localdate() + timedelta(days=days))
