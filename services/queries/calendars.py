"""The calendars of several resources at once: the queries grow neither with the resources nor with what they hold."""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pilots.models import Organisation
from services.choices import Misfit
from services.models import BusyTime, Occupancy, OpeningException, OpeningHours, Resource, TermPeriod
from services.queries.fitting import Calendar, Fault, Held
from services.queries.times import WEEK, Slot, day_slot, week_of

# A date of a weekly slot on which nobody expects it to be held: it is left out, and speaks against no slot.
LEFT_OUT = frozenset({Misfit.HOLIDAY, Misfit.EXCEPTION, Misfit.BREAK, Misfit.PAST, Misfit.NOT_A_TIME})


@dataclass(frozen=True)
class Weeks:
    """A calendar cut into weeks, for what is far from a day decides nothing about it. `first_day` and `last_day` as they were read."""

    calendar: Calendar
    first_day: date
    last_day: date
    cut: dict[date, Calendar]

    def on(self, day: date) -> Calendar:
        return self.cut[week_of(day)]

    def faults(self, slot: Slot, *, now: datetime) -> list[Fault]:
        """Those of a date of a series; nothing when the date is to be left out, which `is_left_out` tells."""
        return self.on(slot.day).faults(slot, now=now, place=self.calendar.resource.place or self.calendar.root.place, by_terms=True)

    def minutes_left(self) -> int | None:
        """Of the share that is lent, in the week that has least left; None of a space."""
        if not self.calendar.root.is_person:
            return None
        weeks = [monday for monday in self.cut if monday + WEEK > self.first_day and monday <= self.last_day]
        held = [sum((one.own.length for one in self.cut[monday].held if week_of(one.own.day) == monday), timedelta()) for monday in weeks]
        return (self.calendar.root.weekly_minutes or 0) - int(max(held, default=timedelta()).total_seconds() // 60)


def is_left_out(faults: Iterable[Fault]) -> bool:
    return any(one.misfit in LEFT_OUT for one in faults)


def read_weeks(resources: Iterable[Resource], first_day: date, last_day: date, borrower: Organisation | None = None) -> dict[int, Weeks]:
    """By resource; six queries. Give the resources with their whole and its place."""
    resources = list(resources)
    roots = {one.pk: one.whole or one for one in resources}
    root_ids = {root.pk for root in roots.values()}
    parts = defaultdict(list)
    for pk, whole in Resource.objects.filter(whole__in=[one.pk for one in resources]).values_list("pk", "whole"):
        parts[whole].append(pk)
    leaves = {one.pk: sorted(parts[one.pk]) or [one.pk] for one in resources}
    every = {leaf for found in leaves.values() for leaf in found}
    around = day_slot(week_of(first_day) - timedelta(days=1), week_of(last_day) + timedelta(days=7))
    inside = {"starts_at__lt": around.ends_at, "ends_at__gt": around.starts_at}
    hours, exceptions, busy, held = (defaultdict(list) for _kind in range(4))
    for row in OpeningHours.objects.filter(resource__in=root_ids):
        hours[row.resource_id].append(row)
    for exception in OpeningException.objects.filter(resource__in=root_ids, first_day__lte=last_day, last_day__gte=first_day):
        exceptions[exception.resource_id].append(exception)
    for time in BusyTime.objects.filter(resource__in=root_ids | every | set(roots), **inside):
        busy[time.resource_id].append(Slot(time.starts_at, time.ends_at))
    for taken in Occupancy.objects.filter(resource__in=every, **inside).select_related("booking__organisation", "booking__place__municipality").order_by("starts_at", "pk"):
        held[taken.resource_id].append(Held(Slot(taken.starts_at, taken.ends_at), Slot(taken.booking.starts_at, taken.booking.ends_at), taken.booking.organisation, taken.booking.place, taken.booking_id))
    terms = list(TermPeriod.objects.filter(organisation__in={root.owner_id for root in roots.values()} | ({borrower.pk} if borrower else set())))
    found = {}
    for one in resources:
        root, sides = roots[one.pk], {roots[one.pk].owner_id, borrower.pk if borrower else None}
        once = {hold.booking_id: hold for leaf in leaves[one.pk] for hold in held[leaf]}
        calendar = Calendar(
            resource=one, root=root, leaves=leaves[one.pk], hours=hours[root.pk], exceptions=exceptions[root.pk], held=sorted(once.values(), key=lambda hold: hold.slot),
            busy=[slot for pk in {root.pk, one.pk, *leaves[one.pk]} for slot in busy[pk]], terms=[term for term in terms if term.organisation_id in sides],
        )  # fmt: skip
        found[one.pk] = cut_into_weeks(calendar, first_day, last_day)
    return found


def cut_into_weeks(calendar: Calendar, first_day: date, last_day: date) -> Weeks:
    """Each week with the days before and after it, for the way from one place to another."""
    held, busy = defaultdict(list), defaultdict(list)
    for hold in calendar.held:
        for monday in _weeks_around(hold.slot):
            held[monday].append(hold)
    for slot in calendar.busy:
        for monday in _weeks_around(slot):
            busy[monday].append(slot)
    monday, cut = week_of(first_day), {}
    while monday <= last_day:
        cut[monday] = replace(calendar, held=held[monday], busy=busy[monday])
        monday += WEEK
    return Weeks(calendar, first_day, last_day, cut)


def _weeks_around(slot: Slot) -> Iterable[date]:
    monday = week_of(slot.day - timedelta(days=1))
    while monday <= slot.last_day + timedelta(days=1):
        yield monday
        monday += WEEK
