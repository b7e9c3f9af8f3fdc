"""Whether the lines of a list of bookings can be stored.

What is taken, here, in the owner's own system or by another line, stops the list; so do the share of a week, the way
between two places, a time that does not exist and one that is over. Outside the opening hours, on a day off and off the
usual interval is a warning: the owner brings in what it has agreed already.
"""
from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from services.choices import BookingState, Misfit, Publication
from services.models import Booking, ListImport, ListRow, Resource, SharedService
from services.queries.fitting import LONGEST, Calendar, Held, on_interval, read_calendar
from services.queries.judging import WHOLE_LINE, Judged, Line, borrowers, by_name, only
from services.queries.offering import not_ended
from services.queries.times import FINLAND, Slot, instant, slot_on
from services.tables.cells import Wrong, read_count, read_day, read_time
from services.tables.columns import BookingColumn
from services.tables.headers import folded, words_of

WARNED = (Misfit.CLOSED, Misfit.EXCEPTION, Misfit.HOLIDAY)
FARTHEST = timedelta(days=731)
# Each is read with a handful of queries.
MOST_RESOURCES = 100


class Taken:
    """What the earlier lines of the file hold, for each leaf in order; none overlap, for each was asked before it was added."""

    def __init__(self) -> None:
        self._of: dict[int, list[tuple[datetime, datetime, int]]] = defaultdict(list)

    def by(self, leaves: list[int], slot: Slot) -> int | None:
        """The line that has a part of this time."""
        for leaf in leaves:
            rows = self._of[leaf]
            place = bisect_right(rows, (slot.starts_at, slot.ends_at, 0))
            for one in rows[max(0, place - 1) : place + 1]:
                if one[0] < slot.ends_at and slot.starts_at < one[1]:
                    return one[2]
        return None

    def add(self, leaves: list[int], slot: Slot, line: int) -> None:
        for leaf in leaves:
            rows = self._of[leaf]
            rows.insert(bisect_right(rows, (slot.starts_at, slot.ends_at, line)), (slot.starts_at, slot.ends_at, line))


def judge_bookings(batch: ListImport, rows: list[ListRow], now: datetime | None = None) -> list[Judged]:
    now = now or timezone.now()
    owned = list(Resource.objects.filter(not_ended(), owner=batch.organisation_id).select_related("whole__place__municipality", "place__municipality"))
    wholes = by_name(one for one in owned if one.whole_id is None)
    parts: dict[int, list[Resource]] = defaultdict(list)
    for one in owned:
        if one.whole_id:
            parts[one.whole_id].append(one)
    services: dict[int | None, list[SharedService]] = defaultdict(list)
    for service in SharedService.objects.filter(organisation=batch.organisation_id, resource__isnull=False).exclude(state=Publication.ARCHIVED).order_by("pk"):
        services[service.resource_id].append(service)
    organisations = borrowers()
    judged = [_read(batch, row, wholes, parts, services, organisations) for row in rows]
    calendars = _calendars([one for one in judged if not one.row.is_left_out and one.thing is not None])
    taken = Taken()
    for found in judged:
        if found.thing is not None and not found.row.is_left_out:
            _fit(found, calendars.get(found.thing.resource_id), taken, now)
    return judged


def _read(batch: ListImport, row: ListRow, wholes, parts, services, organisations) -> Judged:
    line = Line(batch.kind, row, len(batch.header))
    resource = only(line, BookingColumn.RESOURCE, wholes.get(folded(line.take(BookingColumn.RESOURCE, longest=200) or ""), []), _("Your organisation has nothing of this name to book."))
    part = line.take(BookingColumn.PART, longest=200) or ""
    whole = resource
    if part and whole:
        resource = only(line, BookingColumn.PART, by_name(parts[whole.pk]).get(folded(part), []), _("It has no part of this name."))
    service = _service(line, whole, resource, services)
    organisation = only(line, BookingColumn.BORROWER, organisations.get(folded(line.take(BookingColumn.BORROWER, longest=200) or ""), []), _("No organisation in the portal has this name. Write its name as the portal has it, or its Business ID."))
    slot = _slot(line)
    booking = Booking(purpose=line.take(BookingColumn.PURPOSE, longest=200) or "", people=line.take(BookingColumn.PEOPLE, _people), state=BookingState.CONFIRMED)
    line.take(BookingColumn.STATE, _confirmed)
    if not (resource and service and organisation and slot):
        return line.judged(None)
    booking.service, booking.resource, booking.organisation, booking.starts_at, booking.ends_at = service, resource, organisation, slot.starts_at, slot.ends_at
    booking.place = resource.place or (whole.place if whole else None)
    return line.judged(booking)


def _people(text: str) -> int | None:
    count = read_count(text)
    if count is not None and count > 100_000:
        raise Wrong("count")
    return count


def _confirmed(text: str) -> None:
    """Only what is agreed comes in: a request is asked for, and what is over is over."""
    if text and words_of(BookingState.choices).get(folded(text)) != BookingState.CONFIRMED:
        raise Wrong("choice")


def _service(line: Line, whole: Resource | None, resource: Resource | None, services: dict[int | None, list[SharedService]]) -> SharedService | None:
    name = folded(line.take(BookingColumn.SERVICE, longest=200) or "")
    if whole is None or resource is None:
        return None
    found = services[resource.pk] or services[whole.pk]
    if name:
        return only(line, BookingColumn.SERVICE, by_name([*services[whole.pk], *(services[resource.pk] if resource is not whole else [])]).get(name, []), _("This is not offered under that name."))
    if len(found) > 1:
        public = [one for one in found if one.state == Publication.PUBLIC]
        found = public if len(public) == 1 else found
    if len(found) != 1:
        line.fault(BookingColumn.SERVICE if found else BookingColumn.RESOURCE, _("It is offered under several names. Say under which.") if found else _("Offer it first: a booking is of a service."))
        return None
    return found[0]


def _slot(line: Line) -> Slot | None:
    day: date | None = line.take(BookingColumn.DAY, read_day)
    starts, ends = line.take(BookingColumn.STARTS, read_time), line.take(BookingColumn.ENDS, read_time)
    last: date | None = line.take(BookingColumn.LAST_DAY, read_day)
    if day is None or starts is None or ends is None:
        return None
    slot = slot_on(day, starts, ends)
    if last and last != day and slot:
        end = instant(last, ends)
        slot = Slot(slot.starts_at, end) if end else None
    if slot is None:
        line.fault(BookingColumn.STARTS, str(Misfit.NOT_A_TIME.label).capitalize() + ".")
    elif slot.length > LONGEST or slot.length <= timedelta():
        line.fault(BookingColumn.ENDS, _("A booking lasts two weeks at most. Make several.") if slot.length > LONGEST else _("The end must be after the start."))
        return None
    return slot


def _calendars(judged: list[Judged]) -> dict[int, Calendar]:
    """Of each resource that the file names, over all its days; of more than can be read none, and those lines say so."""
    days: dict[int, list[date]] = defaultdict(list)
    resources: dict[int, Resource] = {}
    for one in judged:
        resources[one.thing.resource_id] = one.thing.resource
        slot = Slot(one.thing.starts_at, one.thing.ends_at)
        days[one.thing.resource_id] += [slot.day, slot.last_day]
    return {pk: read_calendar(resources[pk], min(days[pk]), max(days[pk])) for pk in list(resources)[:MOST_RESOURCES]}


def _fit(one: Judged, calendar: Calendar | None, taken: Taken, now: datetime) -> None:
    booking = one.thing
    slot = Slot(booking.starts_at, booking.ends_at)
    if calendar is None:
        one.faults[WHOLE_LINE] = _("The file names more than %(most)s things to book. Divide it into several files.") % {"most": MOST_RESOURCES}
        return
    if slot.starts_at - now > FARTHEST:
        one.faults.setdefault(BookingColumn.DAY.value, _("Book at most two years ahead."))
        return
    wide = calendar.with_buffers(slot)
    if (line := taken.by(calendar.leaves, wide)) is not None:
        one.faults.setdefault(BookingColumn.STARTS.value, _("Line %(line)s of this file has this time already.") % {"line": line})
        return
    for fault in calendar.faults(slot, now=now, place=booking.place):
        if fault.misfit in WARNED:
            one.warnings.append(_("Stored all the same: %(reason)s.") % {"reason": fault.misfit.label})
        elif fault.misfit == Misfit.TAKEN and fault.holder:
            one.faults.setdefault(BookingColumn.STARTS.value, _("%(organisation)s has this time already.") % {"organisation": fault.holder.name})
        else:
            one.faults.setdefault(BookingColumn.STARTS.value, _("This time cannot be booked: %(reason)s.") % {"reason": fault.misfit.label})
    if not on_interval(slot.starts_at.astimezone(FINLAND).time(), calendar.root):
        one.warnings.append(_("Stored all the same: bookings usually start every %(minutes)s minutes.") % {"minutes": calendar.root.start_interval})
    if not one.faults:
        taken.add(calendar.leaves, wide, one.row.line)
        one.extra["calendar"] = calendar
        if calendar.root.is_person:
            calendar.held.append(Held(wide, slot, booking.organisation, booking.place, None))


