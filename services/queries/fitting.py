"""Whether a time fits a resource, and if not, why. Everything is read once for a stretch of days, however many times are asked.

Rules: the hours, exceptions, buffers and interval of the whole; public holidays close it unless an exception opens it;
of a part what holds the part or the whole counts, of the whole what holds any part. For a person or post also the share
lent in a week (by the week in which a booking begins, buffers not counted) and the way from one place to another.
A series keeps to the teaching terms of both sides.
"""
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from math import asin, ceil, cos, radians, sin, sqrt

import holidays
from django.db.models import Q
from django.utils import timezone

from pilots.models import Organisation
from services.choices import HOLDING, BookingMode, Misfit, TermPeriodKind
from services.models import Booking, BusyTime, Occupancy, OpeningException, OpeningHours, Place, Resource, TermPeriod
from services.queries.times import Slot, day_slot, slot_on, week_of

# Our own reckoning of a way by car: a road is a third longer than the line, 60 km an hour, ten minutes to park and walk.
ROAD_TO_LINE, KM_AN_HOUR, PARKING = 1.3, 60, timedelta(minutes=10)
EARTH_RADIUS_KM = 6371.0
# No booking lasts longer.
LONGEST = timedelta(days=14)
# Of what holds a time: when, by whom, and where.
HELD = (
    "resource", "starts_at", "ends_at", "booking__starts_at", "booking__ends_at", *(f"booking__organisation__name_{language}" for language in ("fi", "sv", "en")),
    *(f"booking__place__{path}{field}" for path in ("", "municipality__") for field in ("latitude", "longitude")),
)  # fmt: skip
# Intervals are counted from the full hour, which is the same in Finland and in UTC.
MIDNIGHT_OF_TIMES = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fault:
    """Why a time does not fit; when it is held already, by which organisation and when."""

    misfit: Misfit
    holder: Organisation | None = None
    held: Slot | None = None


@dataclass(frozen=True)
class Held:
    """A time that is held, with its buffers in `slot` and without them in `own`; of a booking or of the owner's own calendar."""

    slot: Slot
    own: Slot
    holder: Organisation | None
    place: Place | None
    booking_id: int | None


@dataclass
class Calendar:
    """What is known of a resource for a stretch of days. `held` may be added to, while a series is planned."""

    resource: Resource
    root: Resource
    leaves: list[int]
    hours: list[OpeningHours]
    exceptions: list[OpeningException]
    held: list[Held]
    busy: list[Slot]
    terms: list[TermPeriod] = field(default_factory=list)
    # Of days that were asked for before: the hours, and whether they are outside the terms.
    opened: dict[date, list[Slot]] = field(default_factory=dict)
    outside: dict[date, bool] = field(default_factory=dict)

    @property
    def at_once(self) -> bool:
        """Booked at once: as its owner says, when it has opening hours to go by and its owner's own system is not out of date."""
        return self.root.mode_now == BookingMode.AT_ONCE and bool(self.hours)

    @property
    def before(self) -> timedelta:
        return timedelta(minutes=self.root.buffer_before)

    @property
    def after(self) -> timedelta:
        return timedelta(minutes=self.root.buffer_after)

    def with_buffers(self, slot: Slot) -> Slot:
        return slot.widened(self.before, self.after)

    def exception_on(self, day: date) -> OpeningException | None:
        return next((one for one in self.exceptions if one.first_day <= day <= one.last_day), None)

    def open_on(self, day: date) -> list[tuple[time, time]] | None:
        """The hours of a day, in order; None when the resource has no hours at all and is open always."""
        if one := self.exception_on(day):
            return [(one.opens, one.closes)] if one.opens is not None and one.closes is not None else []
        if not self.hours:
            return None
        season = [row for row in self.hours if row.first_day and row.last_day and row.first_day <= day <= row.last_day]
        rows = season or [row for row in self.hours if not row.first_day]
        return sorted((row.opens, row.closes) for row in rows if row.weekday == day.isoweekday())

    def opened_on(self, day: date) -> list[Slot]:
        """The same as instants; the whole day when it is open always, nothing on a holiday that no exception opens."""
        if day not in self.opened:
            hours = [] if is_holiday(day) and not self.exception_on(day) else self.open_on(day)
            self.opened[day] = [day_slot(day, day)] if hours is None else [one for opens, closes in hours if (one := slot_on(day, opens, closes))]
        return self.opened[day]

    def is_outside_terms(self, day: date) -> bool:
        if day not in self.outside:
            self.outside[day] = outside_terms(self.terms, day)
        return self.outside[day]

    def closed_because(self, slot: Slot) -> Misfit | None:
        """Of a time that lasts over several days each day is asked: its part of the time lies within the day's hours."""
        day = slot.day
        while day <= slot.last_day:
            exception, whole = self.exception_on(day), day_slot(day, day)
            if exception is None and is_holiday(day):
                return Misfit.HOLIDAY
            starts_at, ends_at = max(slot.starts_at, whole.starts_at), min(slot.ends_at, whole.ends_at)
            if not any(one.starts_at <= starts_at and ends_at <= one.ends_at for one in self.opened_on(day)):
                return Misfit.EXCEPTION if exception else Misfit.CLOSED
            day += timedelta(days=1)
        return None

    def faults(self, slot: Slot, *, now: datetime, place: Place | None = None, ignoring: int | None = None, by_terms: bool = False) -> list[Fault]:
        """Everything that speaks against the time, what is held first; empty when it fits. `ignoring`: a booking that moves away."""
        found: list[Fault] = []
        wide, others = self.with_buffers(slot), [one for one in self.held if one.booking_id is None or one.booking_id != ignoring]
        if taken := next((one for one in others if one.slot.overlaps(wide)), None):
            found.append(Fault(Misfit.TAKEN, taken.holder, taken.own))
        if busy := next((one for one in self.busy if one.overlaps(wide)), None):
            found.append(Fault(Misfit.BUSY, held=busy))
        if slot.starts_at < now:
            found.append(Fault(Misfit.PAST))
        if closed := self.closed_because(slot):
            found.append(Fault(closed))
        if by_terms and self.is_outside_terms(slot.day):
            found.append(Fault(Misfit.BREAK))
        if self.root.is_person:
            found += self._of_a_person(slot, others, place)
        return found

    def _of_a_person(self, slot: Slot, others: list[Held], place: Place | None) -> list[Fault]:
        found: list[Fault] = []
        week = week_of(slot.day)
        lent = sum((one.own.length for one in others if week_of(one.own.day) == week), timedelta())
        if lent + slot.length > timedelta(minutes=self.root.weekly_minutes or 0):
            found.append(Fault(Misfit.SHARE))
        earlier = max((one for one in others if one.own.ends_at <= slot.starts_at), key=lambda one: one.own.ends_at, default=None)
        later = min((one for one in others if one.own.starts_at >= slot.ends_at), key=lambda one: one.own.starts_at, default=None)
        if earlier and slot.starts_at - earlier.own.ends_at < travel_time(earlier.place, place):
            found.append(Fault(Misfit.TRAVEL, earlier.holder, earlier.own))
        if later and later.own.starts_at - slot.ends_at < travel_time(place, later.place):
            found.append(Fault(Misfit.TRAVEL, later.holder, later.own))
        return found

    def free_times(self, slot: Slot, *, now: datetime, place: Place | None = None, by_terms: bool = False, ignoring: int | None = None, most: int = 3) -> list[Slot]:
        """Free times of the same length on the same day, on the resource's own interval, the nearest first."""
        if by_terms and self.is_outside_terms(slot.day):
            return []
        step = timedelta(minutes=self.root.start_interval)
        week = day_slot(week_of(slot.day) - timedelta(days=1), week_of(slot.day) + timedelta(days=7))
        # What is far from the day decides nothing, and a term of bookings is long.
        near = replace(self, held=[one for one in self.held if one.slot.overlaps(week)], busy=[one for one in self.busy if one.overlaps(week)])
        candidates = []
        for opened in self.opened_on(slot.day):
            start = opened.starts_at + -(opened.starts_at - MIDNIGHT_OF_TIMES) % step
            while start + slot.length <= opened.ends_at:
                candidates.append(Slot(start, start + slot.length))
                start += step
        candidates.sort(key=lambda one: (abs(one.starts_at - slot.starts_at), one.starts_at))
        free = (one for one in candidates if not near.faults(one, now=now, place=place, by_terms=by_terms, ignoring=ignoring))
        return list(islice(free, most))


def read_calendar(resource: Resource, first_day: date, last_day: date, *, borrower_id: int | None = None) -> Calendar:
    """Everything that decides between the two days, both included: seven queries, eight with the terms of both sides."""
    root = resource if resource.whole_id is None else Resource.objects.get(pk=resource.whole_id)
    leaves = leaves_of(resource)
    # A whole week around, for the share of a week and the way from the day before.
    around = day_slot(week_of(first_day) - timedelta(days=1), week_of(last_day) + timedelta(days=7))
    busy = BusyTime.objects.filter(resource__in={root.pk, resource.pk, *leaves}, starts_at__lt=around.ends_at, ends_at__gt=around.starts_at)
    terms = TermPeriod.objects.filter(organisation__in={root.owner_id, borrower_id}) if borrower_id else TermPeriod.objects.none()
    return Calendar(
        resource=resource,
        root=root,
        leaves=leaves,
        # All of them: one that has hours in a season only is closed outside it, not open always.
        hours=list(OpeningHours.objects.filter(resource=root)),
        exceptions=list(OpeningException.objects.filter(resource=root, first_day__lte=last_day, last_day__gte=first_day)),
        held=held_times(leaves, around),
        busy=[Slot(row.starts_at, row.ends_at) for row in busy],
        terms=list(terms),
    )


def held_times(leaves: list[int], within: Slot) -> list[Held]:
    """What holds any of the leaves, each booking once, in order."""
    rows = Occupancy.objects.filter(resource__in=leaves, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at)
    rows = rows.select_related("booking__organisation", "booking__place__municipality").only(*HELD).order_by("starts_at", "pk")
    once = {row.booking_id: row for row in rows}
    return [
        Held(Slot(row.starts_at, row.ends_at), Slot(row.booking.starts_at, row.booking.ends_at), row.booking.organisation, row.booking.place, row.booking_id)
        for row in once.values()
    ]


def leaves_of(resource: Resource) -> list[int]:
    """What is held when the resource is: its parts, or itself when it has none."""
    return sorted(Resource.objects.filter(whole=resource.pk).values_list("pk", flat=True)) or [resource.pk]


def outside_terms(terms: list[TermPeriod], day: date) -> bool:
    """In a break of any of the organisations, or outside the terms of one that has told its terms."""
    for organisation in {row.organisation_id for row in terms}:
        rows = [row for row in terms if row.organisation_id == organisation]
        holding = {row.kind for row in rows if row.first_day <= day <= row.last_day}
        if TermPeriodKind.BREAK in holding:
            return True
        if any(row.kind == TermPeriodKind.TERM for row in rows) and TermPeriodKind.TERM not in holding:
            return True
    return False


def on_interval(starts: time, root: Resource) -> bool:
    return starts.second == 0 and (starts.hour * 60 + starts.minute) % root.start_interval == 0


def has_future(resource: Resource) -> bool:
    """Whether somebody holds the resource, or a part of it, from now on: then its parts stay as they are."""
    return Booking.objects.filter(Q(resource=resource.pk) | Q(resource__whole=resource.pk), state__in=HOLDING, ends_at__gt=timezone.now()).exists()


def is_holiday(day: date) -> bool:
    """A public holiday in Finland, Midsummer Eve and Christmas Eve among them; source: the package holidays."""
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FI", years=year))


def travel_time(one: Place | None, other: Place | None) -> timedelta:
    """By car between two places, rounded up to five minutes; none within a place or where one is not known."""
    if one is None or other is None or one.pk == other.pk or one.position is None or other.position is None:
        return timedelta()
    hours = line_km(one.position, other.position) * ROAD_TO_LINE / KM_AN_HOUR
    return timedelta(minutes=5 * ceil(hours * 60 / 5)) + PARKING


def line_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance in kilometres of two positions in degrees (haversine formula)."""
    (lat_1, lon_1), (lat_2, lon_2) = ((radians(lat), radians(lon)) for lat, lon in (one, other))
    half = sin((lat_2 - lat_1) / 2) ** 2 + cos(lat_1) * cos(lat_2) * sin((lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


