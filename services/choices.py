"""Coded values of what is shared, and which state of a booking becomes which."""
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ServiceKind(models.TextChoices):
    FACILITY = "facility", _("facility")
    STAFF = "staff", _("staff")
    COURSE = "course", _("course")


class Publication(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLIC = "public", pgettext_lazy("publication", "public")
    ARCHIVED = "archived", _("archived")


class Audience(models.TextChoices):
    """Who may use a service; the lists stand on the service itself."""

    NETWORK = "network", _("every organisation of the network")
    CHOSEN = "chosen", _("only the areas, municipalities and organisations chosen below")


class Delivery(models.TextChoices):
    CONTACT = "contact", _("on the spot")
    REMOTE = "remote", _("remotely")
    HYBRID = "hybrid", _("both on the spot and remotely")


class ServiceLanguage(models.TextChoices):
    FINNISH = "fi", _("Finnish")
    SWEDISH = "sv", _("Swedish")
    ENGLISH = "en", _("English")


class PriceBasis(models.TextChoices):
    FREE = "free", _("free of charge")
    HOUR = "hour", _("per hour")
    SEAT = "seat", _("per seat")
    TERM = "term", _("per term")
    AGREED = "agreed", _("as agreed")


class ResourceKind(models.TextChoices):
    SPACE = "space", _("space")
    PERSON = "person", _("person")
    POST = "post", _("post")


class BookingMode(models.TextChoices):
    """A resource whose busy times the portal does not know is on request: it is never booked at once."""

    AT_ONCE = "at_once", _("booked at once")
    ON_REQUEST = "on_request", _("on request")


class BusyKind(models.TextChoices):
    """How busy times come from the owner's own booking system."""

    FEED = "feed", _("calendar address")
    FILE = "file", _("file")


class BusyProblem(models.TextChoices):
    """Why busy times were not taken; without a word of what the other end said."""

    ADDRESS = "address", _("The address has to begin with https:// and name a server that is open to the internet.")
    NO_ANSWER = "no_answer", _("The server did not answer in time.")
    CERTIFICATE = "certificate", _("The server's certificate is not valid.")
    REFUSED = "refused", _("The server refused. Perhaps the address is no longer in use.")
    TOO_LARGE = "too_large", _("The calendar is larger than 2 MB.")
    UNREADABLE = "unreadable", _("What came is no calendar, or it holds a time that cannot be read. The times from before are kept.")


class ListKind(models.TextChoices):
    """What a list brings in or takes out."""

    RESOURCES = "resources", _("Rooms and people")
    RUNS = "runs", _("Course runs")
    BOOKINGS = "bookings", _("Bookings")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("columns to name")
    MAPPED = "mapped", _("under review")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("discarded")


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


class NeedState(models.TextChoices):
    OPEN = "open", pgettext_lazy("need", "open")
    MET = "met", pgettext_lazy("need", "met")
    WITHDRAWN = "withdrawn", pgettext_lazy("need", "withdrawn")


class RoundState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("round", "draft")
    OPEN = "open", pgettext_lazy("round", "open for wishes")
    CLOSED = "closed", pgettext_lazy("round", "closed")
    PROPOSED = "proposed", pgettext_lazy("round", "proposed")
    ADJUSTED = "adjusted", pgettext_lazy("round", "adjusted by hand")
    CONFIRMED = "confirmed", pgettext_lazy("round", "confirmed")


# From which states a round becomes which; it is always who opened it that acts.
ROUND_MOVES = {
    RoundState.OPEN: (RoundState.DRAFT, RoundState.CLOSED),
    RoundState.CLOSED: (RoundState.OPEN,),
    RoundState.PROPOSED: (RoundState.CLOSED, RoundState.PROPOSED, RoundState.ADJUSTED),
    RoundState.ADJUSTED: (RoundState.PROPOSED, RoundState.ADJUSTED),
    RoundState.CONFIRMED: (RoundState.PROPOSED, RoundState.ADJUSTED),
}


class WishState(models.TextChoices):
    WISHED = "wished", pgettext_lazy("wish", "not decided yet")
    GRANTED = "granted", pgettext_lazy("wish", "granted")
    REFUSED = "refused", pgettext_lazy("wish", "refused")


class Obstacle(models.TextChoices):
    """Why a time of a wish cannot be given, beside the reasons of `Misfit`; see `queries/allocation.py`."""

    GIVEN = "given", _("given to a wish that goes before")
    SHARE_GIVEN = "share_given", _("the hours lent in a week are given to wishes that go before")
    NO_DATES = "no_dates", _("no date of the term can be booked on this weekday")
    NOT_OFFERED = "not_offered", _("not offered to the organisation any more")
    INTERVAL = "interval", _("not a time at which bookings start")


class TermPeriodKind(models.TextChoices):
    TERM = "term", pgettext_lazy("school year", "term")
    BREAK = "break", pgettext_lazy("school year", "holiday or break")
    EXAMS = "exams", _("exam week")
    PERIOD = "period", pgettext_lazy("school year", "teaching period")


class LendingForm(models.TextChoices):
    JOINT_POST = "joint_post", _("joint post")
    PART_TIME_POST = "part_time_post", _("part-time post")
    PURCHASED_SERVICE = "purchased_service", _("purchased service")
    USE_OF_FACILITY = "use_of_facility", _("use of a facility")
    COURSE_SEATS = "course_seats", _("seats on courses")


# Only in these does somebody's qualification and record matter.
STAFF_FORMS = (LendingForm.JOINT_POST, LendingForm.PART_TIME_POST, LendingForm.PURCHASED_SERVICE)


class Vat(models.TextChoices):
    """How a line treats value added tax, as the parties have agreed. Which it must be is theirs to know; the portal only counts."""

    NONE = "none", _("no VAT is charged")
    ADDED = "added", _("VAT is added to the price")
    INCLUDED = "included", _("the price includes VAT")


class AgreementState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("agreement", "draft")
    SENT = "sent", pgettext_lazy("agreement", "sent for decision")
    DECLINED = "declined", pgettext_lazy("agreement", "declined")
    IN_FORCE = "in_force", pgettext_lazy("agreement", "in force")
    ENDED = "ended", pgettext_lazy("agreement", "ended")


class AgreementMove(NamedTuple):
    source: str
    target: str
    drafter_only: bool
    needs_reason: bool


# What people do; an agreement comes into force when its last party has noted its decision, and ends after its last day.
AGREEMENT_MOVES = (
    AgreementMove(AgreementState.DRAFT, AgreementState.SENT, True, False),
    AgreementMove(AgreementState.SENT, AgreementState.DRAFT, True, False),
    AgreementMove(AgreementState.SENT, AgreementState.DECLINED, False, True),
    AgreementMove(AgreementState.DECLINED, AgreementState.DRAFT, True, False),
    AgreementMove(AgreementState.IN_FORCE, AgreementState.ENDED, False, True),
)
# The states in which an agreement governs what is settled.
SETTLED_IN = (AgreementState.IN_FORCE, AgreementState.ENDED)


class SettlementState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("settlement", "draft")
    ACCEPTED = "accepted", pgettext_lazy("settlement", "accepted and locked")


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
