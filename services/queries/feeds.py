"""What a calendar programme reads from a feed address. Organisations and services only: no person, no purpose, no number of people."""
import hashlib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from icalendar import Calendar, Event, Timezone, vText

from pilots.models import Membership
from pilots.permissions import Acting
from services.choices import HOLDING, BookingState
from services.models import Booking, FeedAddress
from services.permissions import may_offer
from services.queries.bookings import LISTED_WITH
from services.queries.times import FINLAND

ENDED_SHOWN = timedelta(days=30)
PAST_SHOWN = timedelta(days=92)
MOST_EVENTS = 5000
STATUS = {BookingState.REQUESTED: "TENTATIVE", BookingState.CONFIRMED: "CONFIRMED"}


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_feed(token: str) -> FeedAddress | None:
    """The address in use; None when it is revoked, or the membership that made it has ended or lost the right."""
    rows = FeedAddress.objects.filter(token_hash=hashed(token), revoked_at=None, membership__in=Membership.objects.active(), membership__user__is_active=True)
    found = rows.select_related("membership", "organisation", "resource").first()
    return found if found and may_offer(found.membership) else None


def feeds_of(acting: Acting) -> QuerySet[FeedAddress]:
    """In use, of the organisation acted for."""
    if not may_offer(acting):
        return FeedAddress.objects.none()
    return FeedAddress.objects.filter(organisation=acting.organisation_id, revoked_at=None).select_related("resource", "membership__user")


def feed_bookings(feed: FeedAddress, now: datetime) -> list[Booking]:
    """From three months back; what ended without being held only when it was confirmed or asked for and that was within 30 days."""
    if feed.resource_id:
        rows = Booking.objects.filter(Q(resource=feed.resource_id) | Q(resource__whole=feed.resource_id))
    else:
        rows = Booking.objects.filter(Q(organisation=feed.organisation_id) | Q(resource__owner=feed.organisation_id))
    since = now - ENDED_SHOWN
    shown = Q(state__in=HOLDING) | Q(ended_at__gte=since) | Q(state=BookingState.DECLINED, answered_at__gte=since)
    return list(rows.filter(shown, ends_at__gte=now - PAST_SHOWN).select_related(*LISTED_WITH).order_by("starts_at", "pk")[:MOST_EVENTS])


def calendar_of(feed: FeedAddress, now: datetime) -> bytes:
    """RFC 5545. A series comes as its single dates, each of which can be moved or cancelled alone."""
    bookings = feed_bookings(feed, now)
    calendar = Calendar()
    calendar.add("prodid", "-//KOPA//bookings//FI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", feed.resource.name if feed.resource and not feed.resource.is_person else feed.organisation.name)
    calendar.add("x-wr-timezone", str(FINLAND))
    calendar.add("refresh-interval", timedelta(hours=1))
    calendar.add("x-published-ttl", vText("PT1H"))
    days = [one.starts_at.date() for one in bookings] or [now.date()]
    # Each event of the feed lies within the rules; a year on both sides keeps the changes of the clocks.
    calendar.add_component(Timezone.from_tzinfo(FINLAND, first_date=min(days) - timedelta(days=366), last_date=max(days) + timedelta(days=366)))
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname
    for booking in bookings:
        calendar.add_component(_event(booking, host or "localhost"))
    return calendar.to_ical()


def _event(booking: Booking, host: str) -> Event:
    event = Event()
    event.add("uid", f"booking-{booking.pk}@{host}")
    event.add("dtstamp", booking.ended_at or booking.answered_at or booking.requested_at)
    event.add("sequence", booking.version - 1)
    event.add("dtstart", booking.starts_at.astimezone(FINLAND))
    event.add("dtend", booking.ends_at.astimezone(FINLAND))
    # The name of a person who is lent stays in the portal.
    what = booking.service.name if booking.resource.is_person else f"{booking.service.name}, {booking.resource.name}"
    event.add("summary", f"{what}: {booking.organisation.name}")
    event.add("description", f"{booking.resource.owner.name} – {booking.organisation.name}: {booking.get_state_display()}")
    event.add("status", STATUS.get(BookingState(booking.state), "CANCELLED"))
    event.add("url", settings.PUBLIC_ORIGIN + reverse("services:booking_detail", args=[booking.pk]))
    return event
