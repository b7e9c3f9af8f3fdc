"""The days of a week of a resource or an organisation: opening hours, what is taken and what is free. The queries do not grow with what they hold."""
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, IntegerField, Q, QuerySet, Value
from django.utils import timezone

from pilots.models import Membership
from pilots.permissions import Acting
from pilots.queries.prepared import Given, Prepared
from services.choices import HOLDING
from services.models import Booking, BusyTime, OpeningException, OpeningHours, Resource
from services.permissions import may_name_borrower
from services.queries.fitting import LONGEST, Calendar, is_holiday
from services.queries.times import FINLAND, WEEK, Slot, day_slot, week_of

WRITTEN = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
FREE, BUSY = "free", "busy"
RULES = ("weekday", "opens", "closes", "first_day", "last_day", "reason_fi", "reason_sv")
SHOWN = (
    "pk", "starts_at", "ends_at", "state", "organisation_id", "organisation__name_fi", "organisation__name_sv", "organisation__name_en", "service__name_fi", "service__name_sv",
    "resource__name_fi", "resource__name_sv", "resource__whole_id", "resource__owner_id",
)  # fmt: skip
RESOURCE, EARLIEST_START, WEEK_STARTS, WEEK_ENDS = Given("resource", BigIntegerField()), *(Given(name, DateTimeField()) for name in ("earliest", "starts_at", "ends_at"))
EARLIEST, LATEST = date(2000, 1, 3), date(2199, 12, 23)


@dataclass(frozen=True)
class Entry:
    """A time of a day: free, busy in the owner's own calendar, or of a booking, which is named to those who may see it."""

    slot: Slot
    state: str
    # A row of SHOWN.
    booking: Any = None
    named: bool = False

    @property
    def starts(self) -> datetime:
        return self.slot.starts_at.astimezone(FINLAND)

    @property
    def ends(self) -> datetime:
        return self.slot.ends_at.astimezone(FINLAND)


@dataclass
class Day:
    """`hours` is None where the resource is open always, or where hours are not asked."""

    day: date
    hours: list[tuple[time, time]] | None = None
    exception: OpeningException | None = None
    holiday: bool = False
    entries: list[Entry] = field(default_factory=list)


def monday_of(written: str) -> date:
    """The Monday of 2027-W40; of this week when it says no week."""
    if found := WRITTEN.fullmatch(written):
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            return week_of(timezone.localdate())
        if EARLIEST <= monday <= LATEST:
            return monday
    return week_of(timezone.localdate())


def written_week(monday: date) -> str:
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def read_rules(root: Resource, first_day: date, last_day: date) -> tuple[list[OpeningHours], list[OpeningException]]:
    """All hours, and the exceptions between the two days, in one query."""
    rows = [dict(zip(RULES, row, strict=True)) for row in _rules().ask(resource=root.pk, first_day=first_day, last_day=last_day)]
    ordinary = [OpeningHours(resource=root, **{name: row[name] for name in RULES[:5]}) for row in rows if row["weekday"]]
    return ordinary, sorted((OpeningException(resource=root, **{name: row[name] for name in RULES[1:]}) for row in rows if not row["weekday"]), key=lambda one: one.first_day)


@cache
def _rules() -> Prepared:
    root, first_day, last_day = Given("resource", BigIntegerField()), Given("first_day", DateField()), Given("last_day", DateField())
    text = Value("", output_field=CharField())
    hours = OpeningHours.objects.filter(resource=root).order_by().annotate(reason_fi=text, reason_sv=text).values_list(*RULES)
    exceptions = OpeningException.objects.filter(resource=root, first_day__lte=last_day, last_day__gte=first_day).order_by().annotate(weekday=Value(0, output_field=IntegerField())).values_list(*RULES)
    return Prepared(hours.union(exceptions, all=True))


def resource_week(resource: Resource, monday: date, acting: Acting, now: datetime) -> list[Day]:
    """Of a whole everything that holds one of its parts is shown; of a part what holds it or the whole. `resource.whole` is read already."""
    root = resource.whole or resource
    hours, exceptions = read_rules(root, monday, monday + timedelta(days=6))
    calendar = Calendar(resource=resource, root=root, leaves=[], hours=hours, exceptions=exceptions, held=[], busy=[])
    asked = {"resource": resource.pk, "root": root.pk, **_bounds(monday)}
    own, busy = [_entry(row, acting) for row in _booked_of_resource().ask(**asked)], [Slot(*pair) for pair in _busy().ask(**asked)]
    entries = own + [Entry(slot, BUSY) for slot in busy]
    # What is booked next keeps its own buffers free too: of both bookings beside another, of one beside the owner's own times.
    both = calendar.before + calendar.after
    taken = [entry.slot.widened(both, both) for entry in own] + [slot.widened(calendar.after, calendar.before) for slot in busy]
    days = rules_of_week(hours, exceptions, root, monday)
    for one in days:
        free = [Entry(slot, FREE) for slot in _on_interval(_gaps(calendar.opened_on(one.day), taken, now), root)]
        of_day = [entry for entry in entries if entry.slot.overlaps(day_slot(one.day, one.day))]
        one.entries = sorted([*of_day, *free], key=lambda entry: entry.slot)
    return days


def rules_of_week(hours: list[OpeningHours], exceptions: list[OpeningException], root: Resource, monday: date) -> list[Day]:
    """The opening hours of a week without what is held."""
    calendar = Calendar(resource=root, root=root, leaves=[], hours=hours, exceptions=exceptions, held=[], busy=[])
    days = [monday + timedelta(days=number) for number in range(7)]
    return [Day(day, calendar.open_on(day), calendar.exception_on(day), is_holiday(day) and calendar.exception_on(day) is None) for day in days]


def organisation_week(monday: date, acting: Membership) -> list[Day]:
    """What the acting organisation lends and borrows."""
    asked = {"organisation": acting.organisation_id, **_bounds(monday)}
    # One condition for each index, rather than both in one that no index can walk.
    found = [row for query in _booked_of_organisation() for row in query.ask(**asked)]
    entries = [_entry(row, acting) for row in {row.pk: row for row in found}.values()]
    days = [monday + timedelta(days=number) for number in range(7)]
    return [Day(day, holiday=is_holiday(day), entries=sorted((one for one in entries if one.slot.overlaps(day_slot(day, day))), key=lambda one: (one.slot, one.booking.pk))) for day in days]


def term_counts(rows: QuerySet[Booking], monday: date, weeks: int) -> list[tuple[date, list[int]]]:
    """Week by week how many bookings begin on each weekday; one query."""
    term = Slot(day_slot(monday, monday).starts_at, day_slot(monday, monday + weeks * WEEK - timedelta(days=1)).ends_at)
    starts = rows.filter(state__in=HOLDING, starts_at__gte=term.starts_at, starts_at__lt=term.ends_at).order_by().values_list("starts_at", flat=True)
    counts = [(monday + number * WEEK, [0] * 7) for number in range(weeks)]
    for at in starts:
        day = at.astimezone(FINLAND).date()
        counts[(day - monday).days // 7][1][day.weekday()] += 1
    return counts


def _bounds(monday: date) -> dict[str, datetime]:
    """No booking is longer than LONGEST, so that the index by the start serves."""
    week = day_slot(monday, monday + timedelta(days=6))
    return {"earliest": week.starts_at - LONGEST, "starts_at": week.starts_at, "ends_at": week.ends_at}


def _held(rows: QuerySet[Booking]) -> Prepared:
    """Only what a calendar shows: whole rows of five tables took most of its time."""
    rows = rows.filter(state__in=HOLDING, starts_at__gt=EARLIEST_START, starts_at__lt=WEEK_ENDS, ends_at__gt=WEEK_STARTS)
    return Prepared(rows.order_by("starts_at", "pk").values_list(*SHOWN, named=True))


def _of_resource() -> QuerySet[Resource, Any]:
    """Itself, its whole and its parts."""
    return Resource.objects.filter(Q(pk=RESOURCE) | Q(pk=Given("root", BigIntegerField())) | Q(whole=RESOURCE)).order_by().values("pk")


@cache
def _booked_of_resource() -> Prepared:
    return _held(Booking.objects.filter(resource__in=_of_resource()))


@cache
def _booked_of_organisation() -> tuple[Prepared, Prepared]:
    organisation = Given("organisation", BigIntegerField())
    return _held(Booking.objects.filter(resource__owner=organisation)), _held(Booking.objects.filter(organisation=organisation))


@cache
def _busy() -> Prepared:
    rows = BusyTime.objects.filter(resource__in=_of_resource(), starts_at__lt=WEEK_ENDS, ends_at__gt=WEEK_STARTS)
    return Prepared(rows.order_by("starts_at").values_list("starts_at", "ends_at"))


def _entry(booking: Any, acting: Acting) -> Entry:
    named = may_name_borrower(acting, owner_id=booking.resource__owner_id, borrower_id=booking.organisation_id)
    return Entry(Slot(booking.starts_at, booking.ends_at), booking.state, booking, named)


def _on_interval(gaps: list[Slot], root: Resource) -> list[Slot]:
    """Each from the first time at which a booking can start."""
    step = root.start_interval * 60
    later = [Slot(datetime.fromtimestamp(-(-slot.starts_at.timestamp() // step) * step, UTC), slot.ends_at) for slot in gaps]
    return [slot for slot in later if slot.starts_at < slot.ends_at]


def _gaps(opened: list[Slot], taken: list[Slot], now: datetime) -> list[Slot]:
    """What is left of the opening hours from now on."""
    gaps = []
    for one in opened:
        start = max(one.starts_at, now)
        for slot in sorted(slot for slot in taken if slot.overlaps(one)):
            if slot.starts_at > start:
                gaps.append(Slot(start, slot.starts_at))
            start = max(start, slot.ends_at)
        if start < one.ends_at:
            gaps.append(Slot(start, one.ends_at))
    return gaps
