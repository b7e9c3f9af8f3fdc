"""The times of a day in a calendar. A week of an organisation holds a hundred, and written as a template they took most of its time."""
from datetime import datetime
from functools import cache, lru_cache
from html import escape

from django import template
from django.utils.formats import date_format, time_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.addresses import address
from accounts.templatetags.kopa import badge, name
from services.choices import BookingState
from services.models import SharedService
from services.queries.week import BUSY, FREE, Day, Entry
from services.templatetags.bookings import KINDS
from services.wording import Named

register = template.Library()
# Every quarter of an hour in three languages.
MOST_TIMES = 288
ANY_ROW = 1234567890


@register.simple_tag
def day_times(day: Day, service: SharedService | None = None) -> SafeString:
    """With a service its free times lead to booking it. Each part is escaped by itself."""
    rows = (f'<li class="time-{entry.state}"><span class="hours">{_hours(entry)}</span> {_words(entry, day, service)}</li>\n' for entry in day.entries)
    return mark_safe(f'<ul class="plain-list times">{"".join(rows)}</ul>')


def _words(entry: Entry, day: Day, service: SharedService | None) -> str:
    if entry.state == FREE:
        return _free(entry, day, service) if service else escape(_("free"))
    if entry.state == BUSY:
        return escape(_("taken in the owner's own booking system"))
    row = entry.booking
    resource = name(Named(row.resource__name_fi, row.resource__name_sv))
    if not entry.named:
        taken = escape(_("taken"))
        return f"{taken}: {resource}" if row.resource__whole_id else taken
    service_name = name(Named(row.service__name_fi, row.service__name_sv))
    borrower = name(Named(row.organisation__name_fi, row.organisation__name_sv, row.organisation__name_en))
    return f'{_state(entry.state, get_language())} <a href="{_address_of("services:booking_detail", row.pk)}">{service_name}, {resource}: {borrower}</a>'


def _free(entry: Entry, day: Day, service: SharedService) -> str:
    query = f"?day={day.day:%Y-%m-%d}&amp;starts={entry.starts:%H:%M}&amp;ends={entry.ends:%H:%M}"
    hidden = f'<span class="visually-hidden"> {escape(date_format(day.day, "l"))} {_hours(entry)}</span>'
    words = escape(_("free, book"))
    return f'<a href="{address("services:booking_add", service.pk)}{query}">{words}{hidden}</a>'


def _hours(entry: Entry) -> str:
    return f"{_time(entry.starts)}–{_time(entry.ends)}"


def _time(at: datetime) -> str:
    return _written(at.hour, at.minute, get_language())


@lru_cache(maxsize=MOST_TIMES)
def _written(hour: int, minute: int, language: str) -> str:
    return escape(time_format(datetime(2000, 1, 1, hour, minute), "TIME_FORMAT"))


@cache
def _state(state: str, language: str) -> str:
    return badge(KINDS.get(BookingState(state), "old"), capfirst(BookingState(state).label))


def _address_of(view: str, pk: int) -> str:
    """Made once for all rows: there are more bookings than addresses are kept."""
    return address(view, ANY_ROW).replace(str(ANY_ROW), str(pk))
