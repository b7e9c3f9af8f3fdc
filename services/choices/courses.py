"""Courses, their seats and those who take them."""
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .bookings import Side


class CourseKind(models.TextChoices):
    SHORT = "short", _("short course")
    COACHING = "coaching", _("coaching")
    TASTER = "taster", _("taster")
    SCHOOL_COURSE = "school_course", _("course of a school")
    PART = "part", _("part of a qualification")
    QUALIFICATION = "qualification", _("qualification")


# Only on these can a seat be held: to whom a place to study is given is the provider's own decision.
HOLDABLE = (CourseKind.SHORT, CourseKind.COACHING, CourseKind.TASTER)


class Entry(models.TextChoices):
    """How one gets in; the provider says it for each run."""

    HOLD = "hold", _("seats can be held and taken at once")
    APPLY = "apply", _("apply, and the provider decides")
    ASK = "ask", _("ask the provider")


class GroupLevel(models.TextChoices):
    BASIC = "basic", _("basic education")
    GENERAL = "general", _("general upper secondary education")
    VOCATIONAL = "vocational", _("vocational education")
    PREPARATORY = "preparatory", _("preparatory education")
    ADULT = "adult", _("adults")


class EnrolmentState(models.TextChoices):
    HELD = "held", pgettext_lazy("enrolment", "seat held")
    WAITING = "waiting", pgettext_lazy("enrolment", "on the waiting list")
    APPLIED = "applied", pgettext_lazy("enrolment", "applied")
    ENROLLED = "enrolled", pgettext_lazy("enrolment", "enrolled")
    DECLINED = "declined", pgettext_lazy("enrolment", "not admitted")
    CANCELLED = "cancelled", pgettext_lazy("enrolment", "cancelled")
    EXPIRED = "expired", pgettext_lazy("enrolment", "expired")
    COMPLETED = "completed", pgettext_lazy("enrolment", "completed")
    INTERRUPTED = "interrupted", pgettext_lazy("enrolment", "interrupted")


class EnrolmentMove(NamedTuple):
    source: str
    target: str
    side: str
    needs_reason: bool


# What people do; the clock makes HELD and WAITING expire, and a freed seat moves WAITING to HELD or ENROLLED.
ENROLMENT_MOVES = (
    EnrolmentMove(EnrolmentState.HELD, EnrolmentState.ENROLLED, Side.BORROWER, False),
    EnrolmentMove(EnrolmentState.APPLIED, EnrolmentState.ENROLLED, Side.OWNER, False),
    EnrolmentMove(EnrolmentState.APPLIED, EnrolmentState.WAITING, Side.OWNER, False),
    EnrolmentMove(EnrolmentState.APPLIED, EnrolmentState.DECLINED, Side.OWNER, True),
    EnrolmentMove(EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, Side.OWNER, False),
    EnrolmentMove(EnrolmentState.ENROLLED, EnrolmentState.INTERRUPTED, Side.OWNER, False),
    *(EnrolmentMove(source, EnrolmentState.CANCELLED, Side.BORROWER, False) for source in (EnrolmentState.HELD, EnrolmentState.WAITING, EnrolmentState.APPLIED, EnrolmentState.ENROLLED)),
    *(EnrolmentMove(source, EnrolmentState.CANCELLED, Side.OWNER, True) for source in (EnrolmentState.HELD, EnrolmentState.WAITING, EnrolmentState.ENROLLED)),
)
# The states that take seats. Who has completed or interrupted keeps theirs: a course under way is not filled again by itself.
TAKING = (EnrolmentState.HELD, EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.INTERRUPTED)
ENDED = (EnrolmentState.DECLINED, EnrolmentState.CANCELLED, EnrolmentState.EXPIRED, EnrolmentState.COMPLETED, EnrolmentState.INTERRUPTED)
# The states in which it can be noted how many took part.
ATTENDED_IN = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.INTERRUPTED)
