"""Times of day in Finland and the instants that they are: half open, stored in UTC."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

FINLAND = ZoneInfo("Europe/Helsinki")
MIDNIGHT = time(0)
WEEK = timedelta(days=7)
# A round asks of many resources for the same hours of the same days of a term.
ASKED_AGAIN = 20_000


@dataclass(frozen=True, order=True)
class Slot:
    """From the first instant up to, but not including, the last; both aware, in UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @cached_property
    def day(self) -> date:
        """The day in Finland on which it begins."""
        return self.starts_at.astimezone(FINLAND).date()

    @cached_property
    def last_day(self) -> date:
        """The day in Finland on which it ends; one that ends at midnight ends on the day before."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(FINLAND).date()

    def overlaps(self, other: "Slot") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def widened(self, before: timedelta, after: timedelta) -> "Slot":
        return Slot(self.starts_at - before, self.ends_at + after)


@lru_cache(ASKED_AGAIN)
def slot_on(day: date, starts: time, ends: time) -> Slot | None:
    """Those hours of that day in Finland; an end at 00:00, or before the start, is of the next day.

    None when one of them does not exist: on the night in spring when the clocks go forward. Of the hour that comes
    twice in autumn the first is meant.
    """
    last = day + timedelta(days=1) if ends <= starts else day
    first_instant, last_instant = instant(day, starts), instant(last, ends)
    return Slot(first_instant, last_instant) if first_instant and last_instant else None


def slot_until(day: date, starts: time, last_day: date, ends: time) -> Slot | None:
    """From that time of the first day to that of the last, both in Finland; midnight as the end is the end of the last day."""
    first_instant, last_instant = instant(day, starts), instant(last_day + timedelta(days=1) if ends == MIDNIGHT else last_day, ends)
    return Slot(first_instant, last_instant) if first_instant and last_instant else None


def instant(day: date, at: time) -> datetime | None:
    local = datetime.combine(day, at, FINLAND)
    utc = local.astimezone(UTC)
    return utc if utc.astimezone(FINLAND).replace(tzinfo=None) == local.replace(tzinfo=None) else None


@lru_cache(ASKED_AGAIN)
def day_slot(first_day: date, last_day: date) -> Slot:
    """Those whole days; midnight always exists in Finland."""
    return Slot(
        datetime.combine(first_day, MIDNIGHT, FINLAND).astimezone(UTC),
        datetime.combine(last_day + timedelta(days=1), MIDNIGHT, FINLAND).astimezone(UTC),
    )


def week_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.isoweekday() - 1)


def weekly(first_day: date, last_day: date) -> Iterator[date]:
    """The first day and the same weekday of each week after it, up to and including the last day."""
    day = first_day
    while day <= last_day:
        yield day
        day += WEEK
