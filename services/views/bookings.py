"""Bookings of one's organisation, lent and borrowed."""
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from services.permissions import moves_for
from services.queries.bookings import get_booking


@require_safe
@login_required
def booking_detail(request: HttpRequest, pk: int) -> HttpResponse:
    booking = get_booking(request.acting, pk)
    return render(request, "services/booking_detail.html", {"booking": booking, "moves": moves_for(request.acting, booking)})
