"""Template tags of every page: icons, and content in the languages it was written in."""
from datetime import date
from functools import cache, lru_cache
from typing import Any

from django import template
from django.core.exceptions import ValidationError
from django.forms import CheckboxInput, Field, FileInput
from django.forms.widgets import ChoiceWidget
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.icons import ICONS
from accounts.identity_providers import IdentityProvider, providers, providers_for

register = template.Library()

CONTENT_LANGUAGES = ("fi", "sv", "en")
# Three years in three languages.
MOST_DAYS = 3288


def content_in(thing: Any, field: str, language: str) -> tuple[str, str]:
    """The text of `field` and the language it is in: `field_<language>` when written, else Finnish, Swedish, English."""
    for code in (language, *CONTENT_LANGUAGES):
        if text := getattr(thing, f"{field}_{code}", ""):
            return text, code
    return "", language


def page_language() -> str:
    return (get_language() or "fi")[:2]


def language_note(code: str) -> SafeString:
    words = {"fi": _("In Finnish"), "sv": _("In Swedish"), "en": _("In English")}[code]
    return format_html('<span class="badge-line language-note">{}{}</span>', icon("language"), words)


@register.simple_tag
@cache
def icon(name: str, turns: bool = False) -> SafeString:
    """One of accounts.icons as inline SVG, hidden from screen readers: the words beside it say what it means."""
    drawing = mark_safe(ICONS[name])
    return format_html('<svg class="icon{}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">{}</svg>', " icon-turns" if turns else "", drawing)


@register.simple_tag
def identity_providers(audience: str) -> list[IdentityProvider]:
    """Where "staff" or "clients" may sign in with OpenID Connect; "all" for everybody. From the settings: no query."""
    return list(providers()) if audience == "all" else providers_for(audience)


# Which icon stands before the word: in order, waits for somebody, dangerous, not confirmed for long, invented; a plain badge has none.
BADGE_ICONS = {"order": "in-order", "waiting": "waiting", "danger": "danger", "old": "old", "demo": "demo"}


@register.simple_tag
def badge(kind: str, text: Any) -> SafeString:
    """A word about the state of a thing: line, icon and text, never colour alone. `kind`: one of BADGE_ICONS, or "plain"."""
    return format_html('<span class="badge-line {}">{}{}</span>', kind, icon(BADGE_ICONS[kind]) if kind in BADGE_ICONS else "", text)


@register.simple_tag
def name(thing: Any) -> SafeString:
    """The name of a thing with `name_fi` and `name_sv`, marked with its language where that is not the page's. A name carries no note."""
    language = page_language()
    text, code = content_in(thing, "name", language)
    if code == language:
        return conditional_escape(text)
    return format_html('<span lang="{}">{}</span>', code, text)


@register.simple_tag
def content(thing: Any, field: str, note: bool = True) -> SafeString:
    """A short text in the reader's language; in another one it says so, unless `note` is off where the words would be taken for something else."""
    text, code = content_in(thing, field, page_language())
    if not text or code == page_language():
        return conditional_escape(text)
    return format_html('<span lang="{}">{}</span>{}', code, text, format_html(" {}", language_note(code)) if note else "")


@register.simple_tag
def content_text(thing: Any, field: str) -> SafeString:
    """A long text in paragraphs; in another language than the page's it says so above the text."""
    text, code = content_in(thing, field, page_language())
    if not text:
        return mark_safe("")
    paragraphs = mark_safe(linebreaks(text, autoescape=True))
    if code == page_language():
        return paragraphs
    return format_html('<p class="language-line">{}</p><div lang="{}">{}</div>', language_note(code), code, paragraphs)


@register.simple_tag
def error_target(field: Any) -> str:
    """The id that a line of the error summary leads to: the field, or the first of its choices."""
    choices = getattr(field, "subwidgets", [])
    if field.use_fieldset and choices:
        return choices[0].id_for_label or field.auto_id
    return field.id_for_label or field.auto_id


@register.filter(expects_localtime=True)
def short_date(day: date | None) -> str:
    """A day in figures as the reader's language writes it: `date:"SHORT_DATE_FORMAT"` of the portal's own days, which are few and stand on every page."""
    return _short_date(day.year, day.month, day.day, get_language()) if day else ""


@lru_cache(maxsize=MOST_DAYS)
def _short_date(year: int, month: int, day: int, language: str) -> str:
    return date_format(date(year, month, day), "SHORT_DATE_FORMAT")


@register.filter
def may_be_empty(field: Any) -> bool:
    """Whether to mark the field as optional: only beside others that are not (a form of filters marks none), and not when an answer elsewhere makes it needed (`needed_when`)."""
    return not field.field.required and not getattr(field.field, "needed_when", "") and any(other.required for other in field.form.fields.values())


@register.filter
def errors_in_words(field: Any) -> list[tuple[str, bool]]:
    """(what is wrong, whether it names the field): a field without a sentence of its own for an empty answer gets one that names it and says what to do."""
    return [_in_words(error, field) for error in field.errors.as_data()]


def _in_words(error: ValidationError, field: Any) -> tuple[str, bool]:
    [said] = error.messages
    if error.code != "required" or said != str(Field.default_error_messages["required"]):
        return said, False
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        sentence = _("Tick “%(field)s” to go on.")
    elif isinstance(widget, ChoiceWidget):
        sentence = _("Choose an answer to “%(field)s”.")
    elif isinstance(widget, FileInput):
        sentence = _("Choose the file for “%(field)s”.")
    else:
        sentence = _("Write “%(field)s”: it cannot be left empty.")
    return sentence % {"field": field.label}, True


@register.filter
def mail_address(address: str) -> SafeString:
    """An address that may break before its @ on a narrow screen, rather than in the middle of a word."""
    name, at, domain = address.rpartition("@")
    return format_html("{}<wbr>{}{}", name, at, domain)
