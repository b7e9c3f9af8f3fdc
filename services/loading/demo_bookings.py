"""A term of invented bookings: asked of the calendars, so that none breaks a rule."""
from datetime import date, time, timedelta

from pilots.models import Membership, Organisation
from services.choices import BookingState
from services.loading.demo_bodies import WEEKS_AFTER, WEEKS_BEFORE, Body, Demo
from services.loading.demo_texts import DECLINED, PURPOSES
from services.models import Booking, BookingSeries, Occupancy, RejectedDate, SharedService
from services.queries.fitting import Calendar, Held, read_calendar
from services.queries.series import plan_series
from services.queries.times import Slot, slot_on, week_of


def book(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Series of the demo's handlers first, with their rejected dates; then single bookings of neighbours where the calendars are free."""
    start = week_of(demo.today) - timedelta(weeks=WEEKS_BEFORE)
    until = start + timedelta(weeks=WEEKS_BEFORE + WEEKS_AFTER)
    made: list[tuple[Booking, Calendar]] = []
    singles = {}
    for number, body in enumerate(bodies):
        for offer in body.offers[:2]:
            if not body.neighbours:
                continue
            calendar = read_calendar(offer.resource, start, until, borrower_id=body.neighbours[0].organisation.pk)
            singles[offer.pk] = calendar
            turn = number % len(body.neighbours)
            for which in range(4):
                borrower = body.neighbours[(turn + which) % len(body.neighbours)].organisation
                day = start + timedelta(days=7 * demo.draw.randrange(1, WEEKS_BEFORE + WEEKS_AFTER - 1) + demo.draw.randrange(5))
                slot = slot_on(day, time(9 + 2 * (which % 3)), time(11 + 2 * (which % 3)))
                if slot is None or calendar.faults(slot, now=demo.now - timedelta(weeks=WEEKS_BEFORE + 1), place=offer.place, by_terms=True):
                    continue
                made.append((_booking(offer, borrower, slot, calendar, handlers, which, demo), calendar))
    Booking.objects.bulk_create(booking for booking, _calendar in made)
    Occupancy.objects.bulk_create(row for booking, calendar in made if booking.holds for row in _occupancies(booking, calendar))
    for body in bodies:
        for other in body.neighbours:
            if (by := handlers.get(body.organisation.pk)) and other.offers:
                first = start + timedelta(weeks=WEEKS_BEFORE + 1, days=demo.draw.randrange(4))
                series_of(other.offers[0], by, first, until, (time(9), time(11)), demo)


def _booking(offer: SharedService, borrower: Organisation, slot: Slot, calendar: Calendar, handlers: dict[int, Membership], which: int, demo: Demo) -> Booking:
    """Confirmed where it is booked at once, or once it is over; else confirmed, requested or declined in turn. What holds time is added to the calendar."""
    over = slot.starts_at <= demo.now
    state = BookingState.CONFIRMED if calendar.at_once or over else (BookingState.CONFIRMED, BookingState.REQUESTED, BookingState.DECLINED, BookingState.REQUESTED)[which]
    asked = min(slot.starts_at, demo.now) - timedelta(days=7 + which)
    booking = Booking(
        service=offer, resource=offer.resource, organisation=borrower, place=offer.place, starts_at=slot.starts_at, ends_at=slot.ends_at, purpose=demo.draw.choice(PURPOSES), people=6 + 2 * which, state=state,
        reason=DECLINED if state == BookingState.DECLINED else "", requested_at=asked, requested_by=handlers.get(borrower.pk), token=demo.token(), is_demo=True,
        answered_at=None if state == BookingState.REQUESTED else asked + timedelta(hours=0 if calendar.at_once else 20),
    )  # fmt: skip
    if booking.holds:
        calendar.held.append(Held(calendar.with_buffers(slot), slot, borrower, offer.place, None))
    return booking


def _occupancies(booking: Booking, calendar: Calendar) -> list[Occupancy]:
    wide = calendar.with_buffers(Slot(booking.starts_at, booking.ends_at))
    return [Occupancy(resource_id=leaf, booking=booking, starts_at=wide.starts_at, ends_at=wide.ends_at) for leaf in calendar.leaves]


def series_of(offer: SharedService, by: Membership, first: date, last_day: date, hours: tuple[time, time], demo: Demo, *, confirmed: bool = False) -> BookingSeries | None:
    """A weekly booking as the action makes it: what does not fit stays with its reason and the time offered instead."""
    starts, ends = hours
    plan = plan_series(resource=offer.resource, borrower=by.organisation, first_day=first, last_day=last_day, starts=starts, ends=ends, place=offer.place, now=demo.now)
    if not plan.fitting:
        return None
    series = BookingSeries.objects.create(
        service=offer, resource=offer.resource, organisation=by.organisation, first_day=first, last_day=last_day, starts=starts, ends=ends, requested_at=demo.now, requested_by=by, token=demo.token()
    )
    at_once = plan.calendar.at_once or confirmed
    bookings = [
        Booking(
            service=offer, resource=offer.resource, series=series, organisation=by.organisation, place=offer.place, starts_at=one.slot.starts_at, ends_at=one.slot.ends_at, purpose=PURPOSES[0], requested_at=demo.now,
            requested_by=by, token=demo.token(), is_demo=True, state=BookingState.CONFIRMED if at_once else BookingState.REQUESTED, answered_at=demo.now if at_once else None,
        )
        for one in plan.fitting if one.slot
    ]  # fmt: skip
    Booking.objects.bulk_create(bookings)
    Occupancy.objects.bulk_create(row for booking in bookings for row in _occupancies(booking, plan.calendar))
    RejectedDate.objects.bulk_create(
        RejectedDate(
            series=series, day=one.day, misfit=one.faults[0].misfit, offered_starts_at=one.alternative.starts_at if one.alternative else None, offered_ends_at=one.alternative.ends_at if one.alternative else None
        )
        for one in plan.rejected
    )
    return series
