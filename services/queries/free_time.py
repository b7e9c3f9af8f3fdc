"""Which services have time or seats left in a period: the catalogue's filter, in a number of queries that does not grow.

The rule, cheaper than the one that decides a booking, and never stricter than the calendar:
- Of a space, person or post the bookable time is counted: the opening hours with their seasons and exceptions, no public
  holidays, nothing before now; less what is held, with the buffers that a booking would need beside it, and less the
  busy times. Of a space with parts the time in which the whole of it is free. Stretches under half an hour do not count.
- Of a person or post no more counts in a week than is left of the share lent in it. The way between places, the terms
  and the start interval are not looked at.
- A course counts by a run that has a seat left, can still be enrolled for and meets the period; quotas and the
  timetable are not looked at.
"""
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from services.models import BusyTime, CourseRun, Occupancy, OpeningException, OpeningHours, Resource, SharedService
from services.queries.courses import with_taken
from services.queries.fitting import Calendar
from services.queries.offering import not_ended
from services.queries.times import MIDNIGHT, WEEK, Slot, day_slot, slot_on, week_of

# A month: longer ones would read a term of bookings of everything there is.
LONGEST_PERIOD = timedelta(days=31)
SHORTEST_STRETCH = timedelta(minutes=30)
NOTHING = timedelta()


@dataclass(frozen=True)
class Wanted:
    """So many hours in all from the first day to the last, both included; on a weekday and between two times of day when they are given."""

    first_day: date
    last_day: date
    hours: int = 1
    weekday: int | None = None
    opens: time = MIDNIGHT
    closes: time = MIDNIGHT

    def windows(self, now: datetime) -> Iterator[Slot]:
        day = max(self.first_day, timezone.localdate(now))
        while day <= self.last_day:
            if self.weekday in (None, day.isoweekday()) and (slot := slot_on(day, self.opens, self.closes)) and slot.ends_at > now:
                yield Slot(max(slot.starts_at, now), slot.ends_at)
            day += timedelta(days=1)


def with_free_time(services: QuerySet[SharedService], wanted: Wanted, now: datetime) -> QuerySet[SharedService]:
    """Of those that may be used (`usable`), the ones with so much time, or a seat, left."""
    candidates = services.filter(usable=True, resource__isnull=False).order_by().values("resource")
    runs = with_taken(CourseRun.objects.filter(called_off_at=None, first_day__lte=wanted.last_day, last_day__gte=wanted.first_day, enrol_by__gte=timezone.localdate(now))).filter(taken__lt=F("seats"))
    free = free_resources(Resource.objects.filter(not_ended(), pk__in=candidates), wanted, now)
    return services.filter(Q(usable=True) & (Q(resource__in=free) | Q(resource=None, pk__in=runs.order_by().values("service"))))


def free_resources(resources: QuerySet[Resource], wanted: Wanted, now: datetime) -> list[int]:
    """Seven queries at most, however many there are."""
    windows = list(wanted.windows(now))
    rows = list(resources.select_related("whole").order_by("pk"))
    if not windows or not rows:
        return []
    known = _Known(rows, day_slot(week_of(wanted.first_day), week_of(wanted.last_day) + WEEK))
    needed = timedelta(hours=wanted.hours)
    return [row.pk for row in rows if known.has_free(row, windows, needed)]


class _Known:
    """All that holds any of the resources in the weeks around, read once and laid out by resource."""

    def __init__(self, rows: list[Resource], around: Slot) -> None:
        roots = {row.root_id for row in rows}
        self.leaves: dict[int | None, list[int]] = defaultdict(list)
        for part, whole in Resource.objects.filter(whole__in=roots).values_list("pk", "whole"):
            self.leaves[whole].append(part)
        self.hours = _by_resource(OpeningHours.objects.filter(resource__in=roots))
        self.exceptions = _by_resource(OpeningException.objects.filter(resource__in=roots, first_day__lte=around.last_day, last_day__gte=around.day))
        everything = {*roots, *(row.pk for row in rows), *(part for parts in self.leaves.values() for part in parts)}
        within = {"resource__in": everything, "starts_at__lt": around.ends_at, "ends_at__gt": around.starts_at}
        self.held = _slots(Occupancy.objects.filter(**within))
        self.busy = _slots(BusyTime.objects.filter(**within))
        people = [row.pk for row in rows if row.is_person]
        lent = Occupancy.objects.filter(**within | {"resource__in": people}) if people else Occupancy.objects.none()
        self.lent = _slots(lent, "booking__starts_at", "booking__ends_at")
        # Most of them are open alike, so each day is worked out once for all of those.
        self.opened: dict[tuple, list[Slot]] = {}

    def has_free(self, row: Resource, windows: list[Slot], needed: timedelta) -> bool:
        root = row.whole or row
        calendar = Calendar(row, root, [], self.hours.get(root.pk, []), self.exceptions.get(root.pk, []), [], [])
        blocked = self._blocked(row, calendar)
        left = self._left_by_week(row)
        found = NOTHING
        for window in windows:
            stretches = _without(self._open_in(window, calendar), blocked)
            free = sum((end - start for start, end in stretches if end - start >= SHORTEST_STRETCH), NOTHING)
            if left is not None:
                week = week_of(window.day)
                free = max(NOTHING, min(free, left[week]))
                left[week] -= free
            found += free
            if found >= needed:
                return True
        return False

    def _open_in(self, window: Slot, calendar: Calendar) -> list[Slot]:
        key = (window.day, *((one.weekday, one.opens, one.closes, one.first_day, one.last_day) for one in calendar.hours))
        if calendar.exceptions or key not in self.opened:
            opened = [one for one in calendar.opened_on(window.day) if one.overlaps(window)]
            clipped = [Slot(max(one.starts_at, window.starts_at), min(one.ends_at, window.ends_at)) for one in opened]
            if calendar.exceptions:
                return clipped
            self.opened[key] = clipped
        return self.opened[key]

    def _blocked(self, row: Resource, calendar: Calendar) -> list[Slot]:
        """Times in which no booking can lie, its own buffers counted: later ones need room before them, earlier ones behind them."""
        own = [row.pk, *self.leaves.get(row.pk, [])]
        taken = [*(one for pk in own for one in self.held.get(pk, [])), *(one for pk in {calendar.root.pk, *own} for one in self.busy.get(pk, []))]
        return sorted(one.widened(calendar.after, calendar.before) for one in taken)

    def _left_by_week(self, row: Resource) -> dict[date, timedelta] | None:
        if not row.is_person:
            return None
        share = timedelta(minutes=row.weekly_minutes or 0)
        left: dict[date, timedelta] = defaultdict(lambda: share)
        for slot in self.lent.get(row.pk, []):
            left[week_of(slot.day)] -= slot.length
        return left


def _by_resource(rows: Iterable) -> dict[int, list]:
    found: dict[int, list] = defaultdict(list)
    for row in rows:
        found[row.resource_id].append(row)
    return found


def _slots(rows: QuerySet, starts: str = "starts_at", ends: str = "ends_at") -> dict[int, list[Slot]]:
    found: dict[int, list[Slot]] = defaultdict(list)
    for resource, start, end in rows.order_by().values_list("resource", starts, ends):
        found[resource].append(Slot(start, end))
    return found


def _without(opened: list[Slot], blocked: list[Slot]) -> Iterator[tuple[datetime, datetime]]:
    """What is left of the opened times; `blocked` in order."""
    for slot in opened:
        start = slot.starts_at
        for one in blocked:
            if one.ends_at <= start:
                continue
            if one.starts_at >= slot.ends_at:
                break
            if one.starts_at > start:
                yield start, one.starts_at
            start = max(start, one.ends_at)
        if start < slot.ends_at:
            yield start, slot.ends_at
