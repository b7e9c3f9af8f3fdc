"""Mails about bookings: which service, when, and the way to the page."""
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.actions.outbox import queue_mail
from pilots.choices import PERMISSIONS, Permission
from pilots.models import Membership
from services.choices import BookingState
from services.models import Booking

HANDLING = [role for role, permissions in PERMISSIONS.items() if Permission.HANDLE_SERVICES in permissions]


def handlers_of(organisation_id: int) -> list[Membership]:
    """Active people who handle the organisation's services, each human once."""
    rows = Membership.objects.active().filter(organisation=organisation_id, role__in=HANDLING, user__is_active=True).select_related("user").order_by("pk")
    return list({row.user_id: row for row in rows}.values())


def tell_about_booking(booking: Booking, *, by: Membership, dates: int = 1) -> None:
    """The other side's handlers are told; whoever confirmed one's own booking is told nothing."""
    to_owner = by.organisation_id == booking.organisation_id
    other = booking.resource.owner_id if to_owner else booking.organisation_id
    if other == by.organisation_id:
        return
    kind = "booking_asked" if booking.state == BookingState.REQUESTED else "booking_changed"
    for person in handlers_of(other):
        with translation.override(person.user.language):
            page = reverse("services:series_detail", args=[booking.series_id]) if dates > 1 else reverse("services:booking_detail", args=[booking.pk])
            link = settings.PUBLIC_ORIGIN + page
            context = {"booking": booking, "service": booking.service, "by": by.organisation, "state": booking.get_state_display(), "dates": dates, "address": link}
            queue_mail(kind=kind, to_email=person.user.email, language=person.user.language, context=context)
