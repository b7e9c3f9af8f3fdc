"""The rows of the client list and of a search. 25 stand on a page, and written as a template they took half of its time."""
from datetime import date
from functools import cache, lru_cache
from html import escape

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.kopa import badge, short_date
from guidance.choices import Stage
from guidance.queries.client_list import ClientRow
from guidance.queries.client_search import FoundRow
from guidance.templatetags.pathway import pathway_url

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
    ended = escape(_("ended %(day)s") % {"day": short_date(timezone.localdate(row.ended_at))}) if row.ended_at else ""
    return _row(row.pseudonym, row.name, [escape(_("born %(day)s") % {"day": short_date(row.born_on)}), ended or _stage(row.stage, language)], "")


def _row(pseudonym: str, name: str, facts: list[str], badges: str) -> SafeString:
    link = pathway_url("guidance:pathway_detail", pseudonym)
    return mark_safe(
        f'<li class="row-item"><h3 class="row-name"><a href="{link}">{escape(name)}</a> <span class="soft small desk-pseudonym">{pseudonym}</span></h3>\n'
        f'<p class="row-facts">{"".join(f"<span>{words}</span>" for words in facts)}</p>{badges}</li>\n'
    )


@cache
def _stage(stage: str, language: str) -> str:
    return escape(Stage(stage).label)


@lru_cache(maxsize=MOST_DAYS)
def _next_step(day: date, language: str) -> str:
    return escape(_("next step %(day)s") % {"day": short_date(day)})


@lru_cache(maxsize=MOST_DAYS)
def _last_event(day: date, language: str) -> str:
    return escape(_("last event %(day)s") % {"day": short_date(day)})


@cache
def _badge(name: str, language: str) -> str:
    words, kind = BADGES[name]
    return badge(kind, words())
