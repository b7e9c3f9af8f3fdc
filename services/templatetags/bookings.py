"""Tags of bookings: their times and states in words."""
from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.templatetags.kopa import badge
from services.choices import BookingState
from services.models import Booking
from services.queries.times import FINLAND, Slot

register = template.Library()
KINDS = {BookingState.REQUESTED: "waiting", BookingState.CONFIRMED: "order", BookingState.DECLINED: "danger"}


@register.simple_tag
def booking_state(booking: Booking) -> SafeString:
    return badge(KINDS.get(BookingState(booking.state), "old"), capfirst(booking.get_state_display()))


@register.simple_tag
def booking_time(booking: Booking) -> str:
    """The weekday, the day and the hours in Finnish time."""
    starts, ends = booking.starts_at.astimezone(FINLAND), booking.ends_at.astimezone(FINLAND)
    return f"{capfirst(date_format(starts, 'D'))} {date_format(starts, 'SHORT_DATE_FORMAT')} {_until(starts, ends)}"


@register.simple_tag
def slot_hours(slot: Slot) -> str:
    return _until(slot.starts_at.astimezone(FINLAND), slot.ends_at.astimezone(FINLAND))


def _until(starts: datetime, ends: datetime) -> str:
    last = date_format(ends, "TIME_FORMAT") if starts.date() == ends.date() else date_format(ends, "SHORT_DATETIME_FORMAT")
    return f"{date_format(starts, 'TIME_FORMAT')}–{last}"
