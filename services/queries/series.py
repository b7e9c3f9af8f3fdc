"""A weekly series before it is sent: which dates fit, which do not and why, and what could be taken instead."""
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from pilots.models import Organisation
from services.choices import Misfit
from services.models import Place, Resource
from services.queries.fitting import Calendar, Fault, Held, read_calendar
from services.queries.times import Slot, slot_on, weekly

MOST_DATES = 60


def misdated(first_day: date, last_day: date) -> dict[str, str]:
    """What is wrong with the days of a series, by the field's name."""
    if last_day < first_day:
        return {"last_day": _("The last day must not be before the first.")}
    if (last_day - first_day).days >= MOST_DATES * 7:
        return {"last_day": _("A series has at most %(count)d dates. End it earlier, and make another one after it.") % {"count": MOST_DATES}}
    return {}


@dataclass(frozen=True)
class PlannedDate:
    """`slot` is None on a night that has no such hour; `faults` is empty when the date fits."""

    day: date
    slot: Slot | None
    faults: tuple[Fault, ...]
    alternative: Slot | None = None

    @property
    def fits(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Plan:
    calendar: Calendar
    dates: list[PlannedDate]

    @property
    def fitting(self) -> list[PlannedDate]:
        return [one for one in self.dates if one.fits]

    @property
    def rejected(self) -> list[PlannedDate]:
        return [one for one in self.dates if not one.fits]


def plan_series(
    *, resource: Resource, borrower: Organisation, first_day: date, last_day: date, starts: time, ends: time, place: Place | None, now: datetime
) -> Plan:
    """Each week's date judged in turn, earlier ones of the same series counted; the queries do not grow with the dates."""
    calendar = read_calendar(resource, first_day, last_day, borrower_id=borrower.pk)
    dates = []
    for day in weekly(first_day, last_day):
        slot = slot_on(day, starts, ends)
        if slot is None:
            dates.append(PlannedDate(day, None, (Fault(Misfit.NOT_A_TIME),)))
            continue
        faults = tuple(calendar.faults(slot, now=now, place=place, by_terms=True))
        others = calendar.free_times(slot, now=now, place=place, by_terms=True, most=1) if faults else []
        dates.append(PlannedDate(day, slot, faults, others[0] if others else None))
        if not faults:
            calendar.held.append(Held(calendar.with_buffers(slot), slot, borrower, place, None))
    return Plan(calendar, dates)
