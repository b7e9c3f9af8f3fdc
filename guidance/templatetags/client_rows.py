"""The rows of the client list and of a search. 25 stand on a page, and written as a template they took half of its time."""
from datetime import date
from functools import cache, lru_cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.addresses import address
from guidance.choices import Stage
from guidance.queries.client_list import ClientRow
from guidance.queries.client_search import FoundRow
from guidance.templatetags.timeline import ANY_PSEUDONYM

register = template.Library()

# Days of some years in three languages.
MOST_DAYS = 4096
BADGES = {
    "is_late": (lambda: _("Late"), "danger"),
    "is_stale": (lambda: _("Nothing has happened for long"), "waiting"),
    "is_waiting": (lambda: _("Not reached"), "waiting"),
    "is_protected": (lambda: _("Non-disclosure"), "plain"),
}


@register.simple_tag
def listed_client(row: ClientRow) -> SafeString:
    """Each part is escaped by itself, as in `event_row`."""
    language = get_language()
    person = escape(row.person)
    facts = [_stage(row.stage, language), f"<strong>{person}</strong>" if row.is_mine else person]
    if row.due_on:
        facts.append(_next_step(row.due_on, language))
    if row.last_event_at:
        facts.append(_last_event(timezone.localdate(row.last_event_at), language))
    badges = "".join(_badge(name, language) for name in BADGES if getattr(row, name))
    return _row(row.pseudonym, row.name, facts, f'<p class="desk-tags">{badges}</p>' if badges else "")


@register.simple_tag
def found_client(row: FoundRow) -> SafeString:
    language = get_language()
    ended = escape(_("ended %(day)s") % {"day": _day(timezone.localdate(row.ended_at), language)}) if row.ended_at else ""
    return _row(row.pseudonym, row.name, [escape(_("born %(day)s") % {"day": _day(row.born_on, language)}), ended or _stage(row.stage, language)], "")


def _row(pseudonym: str, name: str, facts: list[str], badges: str) -> SafeString:
    link = address("guidance:pathway_detail", ANY_PSEUDONYM).replace(ANY_PSEUDONYM, pseudonym)
    return mark_safe(
        f'<li class="row-item"><h3 class="row-name"><a href="{link}">{escape(name)}</a> <span class="soft small desk-pseudonym">{pseudonym}</span></h3>\n'
        f'<p class="row-facts">{"".join(f"<span>{words}</span>" for words in facts)}</p>{badges}</li>\n'
    )


@cache
def _stage(stage: str, language: str) -> str:
    return escape(Stage(stage).label)


@lru_cache(maxsize=MOST_DAYS)
def _day(day: date, language: str) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


@lru_cache(maxsize=MOST_DAYS)
def _next_step(day: date, language: str) -> str:
    return escape(_("next step %(day)s") % {"day": _day(day, language)})


@lru_cache(maxsize=MOST_DAYS)
def _last_event(day: date, language: str) -> str:
    return escape(_("last event %(day)s") % {"day": _day(day, language)})


@cache
def _badge(name: str, language: str) -> str:
    words, kind = BADGES[name]
    return render_to_string("components/badge.html", {"text": words(), "kind": kind})
