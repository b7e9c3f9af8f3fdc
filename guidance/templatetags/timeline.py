"""The row of an event. Thirty stand on each pathway's page, and written as a template they took a seventh of its time."""
from datetime import datetime, time
from functools import cache, lru_cache
from html import escape

from django import template
from django.template.defaultfilters import filesizeformat, linebreaksbr
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.kopa import icon, short_date
from guidance.queries.event_words import ShownEvent
from guidance.templatetags.pathway import pathway_url

register = template.Library()

# Kinds of events, and minutes of the day, in three languages.
MOST_HEADS, MOST_CLOCKS = 128, 4320
TAKEN_BACK = ' <span class="badge-line plain">{}</span>'
TAKE_BACK = ' <a class="timeline-undo" href="{}">{}<span class="visually-hidden">: {} {}</span></a>'
FILE = '<p class="timeline-file"><a href="{}">{}</a> <span class="soft small">{}</span></p>'


@register.simple_tag
def event_row(event: ShownEvent, pseudonym: str) -> SafeString:
    """Each part is escaped by itself: a dozen of them through `format_html` cost as much again as the rest of the row."""
    at = timezone.localtime(event.time)
    who = f"{event.who}, {event.organisation}" if event.who and event.organisation else event.who or event.organisation
    return mark_safe(
        f'<li class="timeline-event{" taken-back" if event.taken_back_at else ""}" id="event-{event.pk:d}">{_head(event.icon, event.kind)}{escape(f" {event.says}") if event.says else ""}'
        f'{_worry() if event.is_worry else ""}{_taken_back(event.taken_back_at) if event.taken_back_at else ""}</p>\n'
        f'{_text(event) if event.text else ""}{_files(event, pseudonym) if event.files else ""}'
        f'<p class="soft small"><time datetime="{at.isoformat()}">{_clock(time(at.hour, at.minute), get_language())}</time>'
        f'{escape("".join(f" · {words}" for words in (who, event.readers) if words))}{_take_back(event, at, pseudonym) if event.may_take_back else ""}{_answer(event, at, pseudonym) if event.entry_pk else ""}</p></div></li>'
    )


@lru_cache(maxsize=MOST_HEADS)
def _head(icon_name: str, kind: str) -> SafeString:
    return format_html('<span class="timeline-mark">{}</span><div><p class="timeline-what"><strong>{}</strong>', icon(icon_name), capfirst(kind))


@cache
def _worry() -> SafeString:
    return format_html(" {}", icon("danger"))


def _taken_back(when: datetime) -> SafeString:
    return format_html(TAKEN_BACK, _("taken back %(when)s") % {"when": date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT")})


def _text(event: ShownEvent) -> SafeString:
    text = linebreaksbr(event.text)
    return format_html('<div class="timeline-text">{}</div>', format_html("<s>{}</s>", text) if event.taken_back_at else text)


def _files(event: ShownEvent, pseudonym: str) -> SafeString:
    return format_html_join("", FILE, ((pathway_url("guidance:attachment_file", pseudonym, file["id"]), file["name"], filesizeformat(file["size"])) for file in event.files))


@lru_cache(maxsize=MOST_CLOCKS)
def _clock(minute: time, language: str) -> str:
    return escape(time_format(minute, "TIME_FORMAT"))


def _take_back(event: ShownEvent, at: datetime, pseudonym: str) -> SafeString:
    return mark_safe(TAKE_BACK.format(pathway_url("guidance:event_take_back", pseudonym, event.pk), escape(_("Take back")), escape(event.kind), f"{escape(short_date(at))} {_clock(time(at.hour, at.minute), get_language())}"))


def _answer(event: ShownEvent, at: datetime, pseudonym: str) -> SafeString:
    words = _("Answer the client") if event.waits_for_answer else _("See the answer")
    return mark_safe(TAKE_BACK.format(pathway_url("guidance:entry_answer", pseudonym, event.entry_pk), escape(words), escape(event.kind), f"{escape(short_date(at))} {_clock(time(at.hour, at.minute), get_language())}"))
