"""Bookings as pages and actions read them."""
from datetime import datetime
from zlib import crc32

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from pilots.permissions import Acting
from services.choices import BOOKING_MOVES, BookingMove, BookingState
from services.models import Booking, BookingSeries, SharedService
from services.permissions import may_offer, sides_between

READ_WITH = ("service", "resource__whole", "organisation", "resource__owner", "place__municipality", "series", "requested_by__user", "answered_by__user", "ended_by__user")
LISTED_WITH = ("service", "resource__whole", "resource__owner", "organisation", "series")


def lent(acting: Acting) -> QuerySet[Booking]:
    """Of the own organisation's resources, for people who handle its services; nobody else sees any."""
    return Booking.objects.filter(resource__owner=acting.organisation_id) if may_offer(acting) else Booking.objects.none()


def borrowed(acting: Acting) -> QuerySet[Booking]:
    return Booking.objects.filter(organisation=acting.organisation_id) if may_offer(acting) else Booking.objects.none()


def bookings_of(acting: Acting) -> QuerySet[Booking]:
    """Those in which the organisation acted for lends or borrows."""
    if not may_offer(acting):
        return Booking.objects.none()
    return Booking.objects.filter(Q(organisation=acting.organisation_id) | Q(resource__owner=acting.organisation_id))


def requests_to_answer(acting: Acting) -> QuerySet[Booking]:
    """What waits for the own organisation's answer. A series is answered at once, so only the first of its requests stands for it."""
    return lent(acting).filter(waits_for_answer())


def waits_for_answer() -> Q:
    earlier = Booking.objects.filter(series=OuterRef("series"), state=BookingState.REQUESTED, pk__lt=OuterRef("pk"))
    return Q(Q(series=None) | ~Exists(earlier), state=BookingState.REQUESTED)


def get_booking(acting: Acting, pk: int) -> Booking:
    """Http404 when there is none, or none that the person may see."""
    booking = bookings_of(acting).select_related(*READ_WITH).filter(pk=pk).first()
    if booking is None:
        raise Http404
    return booking


def get_series(acting: Acting, pk: int) -> BookingSeries:
    """Like `get_booking`."""
    rows = BookingSeries.objects.select_related("service", "resource__whole", "resource__owner", "organisation", "requested_by__user")
    mine = Q(organisation=acting.organisation_id) | Q(resource__owner=acting.organisation_id) if may_offer(acting) else Q(pk__in=[])
    series = rows.filter(mine, pk=pk).first()
    if series is None:
        raise Http404
    return series


def sides_of_series(acting: Acting, series: BookingSeries) -> frozenset[str]:
    return sides_between(acting, owner_id=series.resource.owner_id, borrower_id=series.organisation_id)


def answerable(acting: Acting, series: BookingSeries, target: str, now: datetime) -> tuple[list[Booking], list[BookingMove]]:
    """The bookings of the series that the person can turn to `target` at once, and by which moves. Of confirmed ones those to come."""
    moves = [move for move in BOOKING_MOVES if move.target == target and move.side in sides_of_series(acting, series)]
    rows = series.bookings.filter(state__in={move.source for move in moves}).select_related(*LISTED_WITH).order_by("starts_at", "pk")
    if target == BookingState.CANCELLED:
        rows = rows.filter(starts_at__gt=now)
    return list(rows) if moves else [], moves


def seen_as(bookings: list[Booking]) -> int:
    """A number that is another one as soon as one of the bookings has changed, come or gone."""
    return crc32(" ".join(f"{booking.pk}.{booking.version}" for booking in sorted(bookings, key=lambda one: one.pk)).encode())


def booked_services(rows: QuerySet[Booking]) -> list[tuple[str, str]]:
    """Choices of the services that the bookings are of."""
    found = SharedService.objects.filter(Exists(rows.order_by().filter(service=OuterRef("pk")))).order_by("sort_key_fi", "pk")
    return [(str(service.pk), service.name) for service in found[:200]]
