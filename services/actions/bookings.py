"""Booking, answering, moving and ending. The whole resource's row is held first, so that those who want one thing follow one another;
what still slipped through the database refuses (`occupancy_no_overlap`), and that too is told as a conflict.

Each raises PermissionDenied for people without the right, `Conflict` when somebody else was quicker, and ValidationError
with the fields' names for what cannot be booked. A request holds its time from the moment it is sent.
"""
import sqlite3
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.actions.notices import tell_about_booking
from services.choices import HOLDING, BookingState, Misfit, Side
from services.conflicts import Conflict
from services.models import Booking, BookingSeries, Occupancy, Place, RejectedDate, Resource, SharedService
from services.permissions import may_book, moves_for, sides_of
from services.queries.bookings import answerable, seen_as
from services.queries.catalogue import find_visible
from services.queries.fitting import LONGEST, Calendar, Fault, on_interval, read_calendar
from services.queries.series import Plan, misdated, plan_series
from services.queries.times import FINLAND, Slot

OVERLAP = "occupancy_no_overlap"
# PostgreSQL: no lock within its time, and a deadlock.
WAITED_TOO_LONG = ("55P03", "40P01")
FARTHEST = timedelta(days=731)


def tells_overlaps(action: Callable) -> Callable:
    """Around the action's transaction: what only the database saw is a conflict like any other, and so is a time for which too many wait."""

    @wraps(action)
    def told(**given: Any) -> Any:
        thing = given.get("booking") or given.get("service")
        try:
            return action(**given)
        except IntegrityError as error:
            if OVERLAP not in str(error):
                raise
            raise Conflict(thing, _("Somebody else has just taken this time. Choose another one.")) from error
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") not in WAITED_TOO_LONG and getattr(error.__cause__, "sqlite_errorcode", 0) != sqlite3.SQLITE_BUSY:
                raise
            raise Conflict(thing, _("Many are booking this right now. Nothing was stored: send it again in a moment.")) from error

    return told


@tells_overlaps
@transaction.atomic
def request_booking(
    *, by: Membership, service: SharedService, resource: Resource, slot: Slot, purpose: str, people: int | None = None, place: Place | None = None, token: uuid.UUID,
    series: BookingSeries | None = None, now: datetime | None = None,
) -> Booking:
    """Confirmed at once when the resource is booked so, otherwise a request. The same form sent twice makes one.

    `series`: the one to which the booking comes as the alternative for a date that did not fit.
    """
    now = now or timezone.now()
    root = _hold(service, resource)
    if (made := Booking.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    # Its rules as they stand now that it is held, not as the page read them.
    resource = root if resource.whole_id is None else resource
    _require_usable(by, service, resource)
    place = place or resource.place or root.place
    calendar = read_calendar(resource, slot.day, slot.last_day)
    _check_slot(slot, calendar, now)
    _refuse(calendar.faults(slot, now=now, place=place), service)
    booking = _booking(by, service, resource, slot, calendar, purpose=purpose, people=people, place=place, token=token, series=series, now=now)
    booking.save(force_insert=True)
    Occupancy.objects.bulk_create(_occupancies(booking, calendar))
    record_event(by=by.user, verb="request_booking", target=booking, organisation_id=by.organisation_id, detail={"state": booking.state})
    tell_about_booking(booking, by=by)
    return booking


@tells_overlaps
@transaction.atomic
def request_series(
    *, by: Membership, service: SharedService, resource: Resource, first_day: date, last_day: date, starts: time, ends: time, purpose: str,
    people: int | None = None, place: Place | None = None, token: uuid.UUID, expected: frozenset[date] | None = None, now: datetime | None = None,
) -> BookingSeries:
    """The same hours each week. Dates that do not fit stay in the series with their reason and the time offered instead.

    `expected`: the days that the reader saw as fitting. `Conflict` when they are others by now, and nothing is stored.
    """
    now = now or timezone.now()
    root = _hold(service, resource)
    if (made := BookingSeries.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    resource = root if resource.whole_id is None else resource
    plan = propose_series(by=by, service=service, resource=resource, first_day=first_day, last_day=last_day, starts=starts, ends=ends, place=place, now=now)
    place = place or resource.place or root.place
    if not plan.fitting:
        raise ValidationError(_("None of the dates fits. Choose another time or other days."))
    if expected is not None and expected != {one.day for one in plan.fitting}:
        raise Conflict(service, _("Some of the dates were taken while you were looking. Nothing was sent: look at the dates again."))
    series = BookingSeries.objects.create(
        service=service, resource=resource, organisation=by.organisation, first_day=first_day, last_day=last_day, starts=starts, ends=ends, requested_at=now, requested_by=by, token=token,
    )
    bookings = [
        _booking(by, service, resource, one.slot, plan.calendar, purpose=purpose, people=people, place=place, token=uuid.uuid4(), now=now, series=series) for one in plan.fitting if one.slot
    ]
    Booking.objects.bulk_create(bookings)
    Occupancy.objects.bulk_create([row for booking in bookings for row in _occupancies(booking, plan.calendar)])
    RejectedDate.objects.bulk_create([
        RejectedDate(
            series=series, day=one.day, misfit=one.faults[0].misfit,
            offered_starts_at=one.alternative.starts_at if one.alternative else None, offered_ends_at=one.alternative.ends_at if one.alternative else None,
        )
        for one in plan.rejected
    ])
    record_event(by=by.user, verb="request_series", target=series, organisation_id=by.organisation_id, detail={"dates": len(bookings), "rejected": len(plan.rejected)})
    tell_about_booking(bookings[0], by=by, dates=len(bookings))
    return series


def propose_series(
    *, by: Membership, service: SharedService, resource: Resource, first_day: date, last_day: date, starts: time, ends: time, place: Place | None = None, now: datetime | None = None
) -> Plan:
    """What `request_series` would store now; nothing is stored. Raises what it would raise for the days and times themselves."""
    now = now or timezone.now()
    _require_usable(by, service, resource)
    if wrong := misdated(first_day, last_day):
        raise ValidationError(wrong)
    place = place or resource.place or (resource.whole.place if resource.whole else None)
    plan = plan_series(resource=resource, borrower=by.organisation, first_day=first_day, last_day=last_day, starts=starts, ends=ends, place=place, now=now)
    for one in plan.dates:
        if one.slot:
            _check_slot(one.slot, plan.calendar, now, day_field="last_day")
    return plan


@transaction.atomic
def answer_booking(*, by: Membership, booking: Booking, target: str, reason: str = "", version: int | None = None, now: datetime | None = None) -> Booking:
    """Confirm, decline, withdraw or cancel, as `BOOKING_MOVES` allows; whoever comes second is told what happened."""
    now = now or timezone.now()
    booking = _hold_booking(booking)
    if not sides_of(by, booking):
        raise PermissionDenied
    if target == BookingState.CANCELLED and booking.state == BookingState.CONFIRMED and booking.ends_at <= now:
        raise ValidationError(_("This booking is over; it cannot be cancelled any more."))
    moves = [move for move in moves_for(by, booking) if move.target == target]
    if not moves or (version is not None and version != booking.version):
        raise _changed(booking)
    reason = reason.strip()
    if all(move.needs_reason for move in moves) and not reason:
        raise ValidationError({"reason": _("Give the reason: the other organisation reads it.")})
    side = Side.BORROWER if any(move.side == Side.BORROWER for move in moves) else Side.OWNER
    booking.state, booking.version = target, booking.version + 1
    if target in (BookingState.CONFIRMED, BookingState.DECLINED):
        booking.answered_at, booking.answered_by = now, by
    else:
        booking.ended_at, booking.ended_by = now, by
    booking.reason = reason[:300]
    booking.save()
    if not booking.holds:
        booking.occupancies.all().delete()
    record_event(by=by.user, verb=f"{target}_booking", target=booking, organisation_id=by.organisation_id, detail={"side": side})
    tell_about_booking(booking, by=by)
    return booking


@transaction.atomic
def answer_series(*, by: Membership, series: BookingSeries, target: str, reason: str = "", seen: int | None = None, now: datetime | None = None) -> int:
    """The same answer to every booking of the series that it can be given to; of confirmed ones only to those that have not begun.

    `seen`: what they were for the reader (`seen_as`). `Conflict` when they are others by now, or have moved, and nothing is stored.
    """
    now = now or timezone.now()
    _hold(series.service, series.resource)
    bookings, moves = answerable(by, series, target, now)
    if not moves:
        raise PermissionDenied
    if not bookings or (seen is not None and seen != seen_as(bookings)):
        raise Conflict(series, _("The series has changed in the meantime. Nothing was stored: look at it again."))
    reason = reason.strip()
    if all(move.needs_reason for move in moves) and not reason:
        raise ValidationError({"reason": _("Give the reason: the other organisation reads it.")})
    happened = {"answered_at": now, "answered_by": by} if target in (BookingState.CONFIRMED, BookingState.DECLINED) else {"ended_at": now, "ended_by": by}
    rows = Booking.objects.filter(pk__in=[booking.pk for booking in bookings])
    rows.update(state=target, version=F("version") + 1, reason=reason[:300], **happened)
    if target not in HOLDING:
        Occupancy.objects.filter(booking__in=rows).delete()
    record_event(by=by.user, verb=f"{target}_series", target=series, organisation_id=by.organisation_id, detail={"dates": len(bookings)})
    first = bookings[0]
    first.state, first.reason = target, reason[:300]
    tell_about_booking(first, by=by, dates=len(bookings))
    return len(bookings)


@tells_overlaps
@transaction.atomic
def move_booking(*, by: Membership, booking: Booking, slot: Slot, version: int, now: datetime | None = None) -> Booking:
    """Another time for what is held. Where the owner answers requests, a confirmed one is asked for again; when it does not fit, all stays as it was."""
    now = now or timezone.now()
    booking = _hold_booking(booking)
    if Side.BORROWER not in sides_of(by, booking):
        raise PermissionDenied
    if not booking.holds or booking.version != version:
        raise _changed(booking)
    if booking.starts_at < now:
        raise ValidationError(_("This booking has begun already; it cannot be moved any more."))
    _require_usable(by, booking.service, booking.resource)
    calendar = read_calendar(booking.resource, slot.day, slot.last_day)
    _check_slot(slot, calendar, now)
    _refuse(calendar.faults(slot, now=now, place=booking.place, ignoring=booking.pk), booking.service)
    booking.occupancies.all().delete()
    booking.starts_at, booking.ends_at, booking.version = slot.starts_at, slot.ends_at, booking.version + 1
    if not calendar.at_once:
        booking.state, booking.answered_at, booking.answered_by = BookingState.REQUESTED, None, None
    booking.save()
    Occupancy.objects.bulk_create(_occupancies(booking, calendar))
    record_event(by=by.user, verb="move_booking", target=booking, organisation_id=by.organisation_id, detail={"state": booking.state})
    tell_about_booking(booking, by=by)
    return booking


def _hold(service: SharedService, resource: Resource) -> Resource:
    """The whole that the resource is a part of, locked: the application's guard, before the database's own."""
    return Resource.objects.select_for_update().get(pk=resource.root_id)


def _hold_booking(booking: Booking) -> Booking:
    _hold(booking.service, booking.resource)
    Booking.objects.select_for_update().get(pk=booking.pk)
    return Booking.objects.select_related("service", "resource", "organisation", "place", "answered_by__user", "ended_by__user").get(pk=booking.pk)


def _require_usable(by: Membership, service: SharedService, resource: Resource) -> None:
    """The service as it stands now lets this organisation book, and the resource is what it offers."""
    current = find_visible(by, service.pk)
    if current is None or not getattr(current, "usable", False) or not may_book(by, current):
        raise PermissionDenied
    if current.resource_id not in (resource.pk, resource.whole_id) or resource.ended_on is not None and resource.ended_on <= timezone.localdate():
        raise ValidationError({"resource": _("This is no longer offered. Choose another part, or ask the organisation that offers it.")})


def _check_slot(slot: Slot, calendar: Calendar, now: datetime, day_field: str = "day") -> None:
    if slot.ends_at <= slot.starts_at:
        raise ValidationError({"ends": _("The end must be after the start.")})
    if slot.length > LONGEST:
        raise ValidationError({"ends": _("A booking lasts two weeks at most. Make several.")})
    if slot.starts_at - now > FARTHEST:
        raise ValidationError({day_field: _("Book at most two years ahead.")})
    if not on_interval(slot.starts_at.astimezone(FINLAND).time(), calendar.root):
        minutes = calendar.root.start_interval
        raise ValidationError({"starts": _("Bookings start every %(minutes)s minutes, from the full hour on. Choose such a time.") % {"minutes": minutes}})


def _refuse(faults: list[Fault], service: SharedService) -> None:
    """A time that is held is a conflict, with who and when; all else is told at the field."""
    if not faults:
        return
    fault = faults[0]
    if fault.misfit == Misfit.TAKEN and fault.holder and fault.held:
        raise Conflict(service, _("%(organisation)s has this time already: %(time)s. Choose another one.") % {"organisation": fault.holder.name, "time": written(fault.held)})
    raise ValidationError({"starts": [_("This time cannot be booked: %(reason)s.") % {"reason": one.misfit.label} for one in faults]})


def written(slot: Slot) -> str:
    """A slot in the reader's own way of writing, in Finnish time."""
    starts, ends = slot.starts_at.astimezone(FINLAND), slot.ends_at.astimezone(FINLAND)
    last = date_format(ends, "TIME_FORMAT") if starts.date() == ends.date() else date_format(ends, "SHORT_DATETIME_FORMAT")
    return f"{date_format(starts, 'SHORT_DATETIME_FORMAT')}–{last}"


def _booking(by: Membership, service: SharedService, resource: Resource, slot: Slot, calendar: Calendar, *, now: datetime, **given: Any) -> Booking:
    at_once = calendar.at_once
    return Booking(
        service=service, resource=resource, organisation=by.organisation, starts_at=slot.starts_at, ends_at=slot.ends_at, requested_at=now, requested_by=by,
        state=BookingState.CONFIRMED if at_once else BookingState.REQUESTED, answered_at=now if at_once else None, **given,
    )


def _occupancies(booking: Booking, calendar: Calendar) -> list[Occupancy]:
    wide = calendar.with_buffers(Slot(booking.starts_at, booking.ends_at))
    return [Occupancy(resource_id=leaf, booking=booking, starts_at=wide.starts_at, ends_at=wide.ends_at) for leaf in calendar.leaves]


def _changed(booking: Booking) -> Conflict:
    return Conflict(booking, _("This booking has changed in the meantime: it is now “%(state)s”.") % {"state": booking.get_state_display()})
