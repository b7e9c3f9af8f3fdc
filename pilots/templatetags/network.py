"""Tags of the network's own pages."""
from datetime import date, timedelta
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import content_in, page_language
from pilots.choices import ModelStatus

register = template.Library()


def words_of_period(starts_on: date | None, ends_on: date | None) -> str:
    """A period in words; `ends_on` is the first day on which it no longer holds, so the day before is shown."""
    first = date_format(starts_on, "SHORT_DATE_FORMAT") if starts_on else ""
    last = date_format(ends_on - timedelta(days=1), "SHORT_DATE_FORMAT") if ends_on else ""
    if first and last:
        return f"{first}–{last}"
    if first:
        return _("since %(day)s") % {"day": first}
    if last:
        return _("until %(day)s") % {"day": last}
    return _("always")


@register.simple_tag
def period(row: Any) -> str:
    """Of anything with `starts_on` and `ends_on`."""
    return words_of_period(row.starts_on, row.ends_on)


@register.simple_tag
def status_since(row: Any) -> str:
    """The status of a model in words, with the day since when it has been so; what has ended did so on a day."""
    if row.status == ModelStatus.ENDED and row.ends_on is None:
        return pgettext("cooperation model", "Ended on %(day)s") % {"day": date_format(row.starts_on, "SHORT_DATE_FORMAT")}
    return f"{capfirst(row.get_status_display())}, {words_of_period(row.starts_on, row.ends_on)}"


@register.filter
def last_day(ends_on: date) -> date:
    """The last day on which a thing still held."""
    return ends_on - timedelta(days=1)


@register.simple_tag
def name_link(thing: Any) -> SafeString:
    """A link to a thing's page by its name; the link carries the language of the name where that is not the page's."""
    language = page_language()
    text, code = content_in(thing, "name", language)
    address = thing.get_absolute_url()
    if code == language:
        return format_html('<a href="{}">{}</a>', address, text)
    return format_html('<a href="{}" lang="{}">{}</a>', address, code, text)
