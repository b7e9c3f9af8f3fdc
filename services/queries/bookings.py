"""Bookings as pages and actions read them."""
from django.db.models import Q, QuerySet
from django.http import Http404

from pilots.permissions import Acting
from services.models import Booking
from services.permissions import may_offer

READ_WITH = ("service", "resource__whole", "organisation", "resource__owner", "place", "series")


def bookings_of(acting: Acting) -> QuerySet[Booking]:
    """Those in which the organisation acted for lends or borrows, for people who handle its services; nobody else sees any."""
    if not may_offer(acting):
        return Booking.objects.none()
    return Booking.objects.filter(Q(organisation=acting.organisation_id) | Q(resource__owner=acting.organisation_id))


def get_booking(acting: Acting, pk: int) -> Booking:
    """Http404 when there is none, or none that the person may see."""
    booking = bookings_of(acting).select_related(*READ_WITH).filter(pk=pk).first()
    if booking is None:
        raise Http404
    return booking
