"""The days of a week of a resource or an organisation: opening hours, what is taken and what is free. The queries do not grow with what they hold."""
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import CharField, IntegerField, Q, QuerySet, Value
from django.utils import timezone

from pilots.models import Organisation
from pilots.permissions import Acting
from services.choices import HOLDING, BookingState
from services.models import Booking, BusyTime, OpeningException, OpeningHours, Resource
from services.permissions import may_name_borrower
from services.queries.bookings import LISTED_WITH
from services.queries.fitting import LONGEST, Calendar, is_holiday
from services.queries.times import FINLAND, WEEK, Slot, day_slot, week_of

WRITTEN = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
FREE, BUSY = "free", "busy"
EARLIEST, LATEST = date(2000, 1, 3), date(2199, 12, 23)


@dataclass(frozen=True)
class Entry:
    """A time of a day: free, busy in the owner's own calendar, or of a booking, which is named to those who may see it."""

    slot: Slot
    state: str
    booking: Booking | None = None
    named: bool = False

    @property
    def label(self) -> str:
        return str(BookingState(self.state).label)

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
    names = ("weekday", "opens", "closes", "first_day", "last_day", "reason_fi", "reason_sv")
    text = Value("", output_field=CharField())
    hours = OpeningHours.objects.filter(resource=root).order_by().annotate(reason_fi=text, reason_sv=text).values_list(*names)
    exceptions = OpeningException.objects.filter(resource=root, first_day__lte=last_day, last_day__gte=first_day).order_by().annotate(weekday=Value(0, output_field=IntegerField())).values_list(*names)
    rows = [dict(zip(names, row, strict=True)) for row in hours.union(exceptions, all=True)]
    ordinary = [OpeningHours(resource=root, **{name: row[name] for name in names[:5]}) for row in rows if row["weekday"]]
    return ordinary, sorted((OpeningException(resource=root, **{name: row[name] for name in names[1:]}) for row in rows if not row["weekday"]), key=lambda one: one.first_day)


def resource_week(resource: Resource, monday: date, acting: Acting, now: datetime) -> list[Day]:
    """Of a whole everything that holds one of its parts is shown; of a part what holds it or the whole. `resource.whole` is read already."""
    root = resource.whole or resource
    hours, exceptions = read_rules(root, monday, monday + timedelta(days=6))
    calendar = Calendar(resource=resource, root=root, leaves=[], hours=hours, exceptions=exceptions, held=[], busy=[])
    week = day_slot(monday, monday + timedelta(days=6))
    shown = Q(resource=resource) | (Q(resource=resource.whole_id) if resource.whole_id else Q(resource__whole=resource))
    bookings, busy = _held(Booking.objects.filter(shown), week), _busy(shown, week)
    own = [_entry(booking, acting) for booking in bookings]
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


def organisation_week(organisation: Organisation, monday: date, acting: Acting) -> list[Day]:
    """What the organisation lends and borrows."""
    week = day_slot(monday, monday + timedelta(days=6))
    # One condition for each index, rather than both in one that no index can walk.
    found = [*_held(Booking.objects.filter(resource__owner=organisation), week), *_held(Booking.objects.filter(organisation=organisation), week)]
    entries = [_entry(booking, acting) for booking in {booking.pk: booking for booking in found}.values()]
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


def _held(rows: QuerySet[Booking], within: Slot) -> QuerySet[Booking]:
    """No booking is longer than LONGEST, so that the index by the start serves."""
    return rows.filter(state__in=HOLDING, starts_at__gt=within.starts_at - LONGEST, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at).select_related(*LISTED_WITH)


def _busy(shown: Q, within: Slot) -> list[Slot]:
    return [Slot(*pair) for pair in BusyTime.objects.filter(shown, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at).order_by("starts_at").values_list("starts_at", "ends_at")]


def _entry(booking: Booking, acting: Acting) -> Entry:
    return Entry(Slot(booking.starts_at, booking.ends_at), booking.state, booking, may_name_borrower(acting, booking))


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
