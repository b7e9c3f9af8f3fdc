"""When the demo's further invented clients come: after the source's own, month by month, more of them lately.

Nothing of it is the source's, whose clients were all there on one day; without these the figures by month would have
nothing to show. Whoever comes in a month is drawn for that month alone, the first of them first: told up to another
day there may be more or fewer of them, and each has the same past.
"""
import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from guidance.loading.demo_handoffs import office_hours

# The source's clients were there before.
FIRST_MONTH = date(2021, 2, 1)
# In an ordinary month, beside as many of the source's clients as the source counts.
A_MONTH = 86
# What of it each month of a year has: after holidays, schools and seasonal work more people come.
RHYTHM = (1.24, 1.02, 0.96, 0.89, 0.95, 1.14, 0.81, 1.22, 1.08, 1.0, 0.93, 0.76)
# So many months before today come as many; before them ever fewer, down to a few.
LATELY, FEWER, FEW = 24, 0.15, 0.12


@dataclass(frozen=True)
class Arrival:
    """`number` tells apart whoever is invented; `rng` goes on with the same person."""

    number: int
    at: datetime
    rng: random.Random
    is_young: bool
    is_unqualified: bool
    seeks: bool


def arrivals(until: datetime, share: float, seed: int) -> Iterator[Arrival]:
    """From month to month, and in each by time. `share`: of the source's clients, how many are there."""
    for place, month in enumerate(_months(until.date())):
        ago = (until.year - month.year) * 12 + until.month - month.month
        come = (_arrival(random.Random(f"{seed} {month:%Y-%m} {turn}"), (place + 1) * 100_000 + turn, month) for turn in range(_how_many(month, ago, share, seed)))  # noqa: S311  invented people, nothing secret
        yield from sorted((one for one in come if one.at < until), key=lambda one: (one.at, one.number))


def _months(last: date) -> list[date]:
    months = (last.year - FIRST_MONTH.year) * 12 + last.month - FIRST_MONTH.month + 1
    return [date(FIRST_MONTH.year + (FIRST_MONTH.month - 1 + number) // 12, (FIRST_MONTH.month - 1 + number) % 12 + 1, 1) for number in range(months)]


def _how_many(month: date, ago: int, share: float, seed: int) -> int:
    """No two years are quite alike."""
    rng = random.Random(f"{seed} {month:%Y-%m}")  # noqa: S311
    usual = A_MONTH * RHYTHM[month.month - 1] * rng.uniform(0.93, 1.07) * share
    return int(usual * max(FEW, 1 - FEWER * max(0, ago - LATELY)) + rng.random())


def _arrival(rng: random.Random, number: int, month: date) -> Arrival:
    """On a working day. Who seeks competence development is somewhat more common than among the source's, of whom nobody had come for it."""
    days = [day for day in range(1, monthrange(month.year, month.month)[1] + 1) if month.replace(day=day).weekday() < 5]
    at = office_hours(datetime.combine(month.replace(day=rng.choice(days)), time()), rng)
    is_young = rng.random() < 0.42
    is_unqualified = rng.random() < (0.34 if is_young else 0.17)
    return Arrival(number, at, rng, is_young, is_unqualified, seeks=rng.random() < (0.62 if is_unqualified else 0.42))
