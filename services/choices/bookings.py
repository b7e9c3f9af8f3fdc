"""Bookings, their moves, why a time does not fit, and the school year."""
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BookingState(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("booking", "requested")
    CONFIRMED = "confirmed", pgettext_lazy("booking", "confirmed")
    DECLINED = "declined", pgettext_lazy("booking", "declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("booking", "withdrawn")
    CANCELLED = "cancelled", pgettext_lazy("booking", "cancelled")


class Side(models.TextChoices):
    """On whose side of a booking a person acts."""

    OWNER = "owner", _("the organisation that offers")
    BORROWER = "borrower", _("the organisation that borrows")


class BookingMove(NamedTuple):
    source: str
    target: str
    side: str
    needs_reason: bool


# From, to, who, and whether a reason is asked for. A request holds its time from the moment it is sent.
BOOKING_MOVES = (
    BookingMove(BookingState.REQUESTED, BookingState.CONFIRMED, Side.OWNER, False),
    BookingMove(BookingState.REQUESTED, BookingState.DECLINED, Side.OWNER, True),
    BookingMove(BookingState.REQUESTED, BookingState.WITHDRAWN, Side.BORROWER, False),
    BookingMove(BookingState.CONFIRMED, BookingState.CANCELLED, Side.BORROWER, False),
    BookingMove(BookingState.CONFIRMED, BookingState.CANCELLED, Side.OWNER, True),
)
# The states in which a booking holds its time.
HOLDING = (BookingState.REQUESTED, BookingState.CONFIRMED)


class Misfit(models.TextChoices):
    """Why a time does not fit. What can be answered by another time names it in a sentence; see `queries/fitting.py`."""

    TAKEN = "taken", _("already booked")
    CLOSED = "closed", _("outside the opening hours")
    EXCEPTION = "exception", _("closed on this day")
    HOLIDAY = "holiday", _("public holiday")
    BREAK = "break", _("outside the teaching term")
    BUSY = "busy", _("busy in the owner's own booking system")
    SHARE = "share", _("more hours in the week than are lent")
    TRAVEL = "travel", _("too short a time to travel from another place")
    PAST = "past", _("in the past")
    NOT_A_TIME = "not_a_time", _("no such time on the night when the clocks are changed")


class Weekday(models.IntegerChoices):
    """As in ISO 8601."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class TermPeriodKind(models.TextChoices):
    TERM = "term", pgettext_lazy("school year", "term")
    BREAK = "break", pgettext_lazy("school year", "holiday or break")
    EXAMS = "exams", _("exam week")
    PERIOD = "period", pgettext_lazy("school year", "teaching period")
