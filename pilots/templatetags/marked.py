"""Markdown in templates; the rules are those of pilots/markdown.py, on a page and in its preview alike."""
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.templatetags.kopa import content_in, language_note, page_language
from pilots.markdown import FIRST_LEVEL, plain, rendered

register = template.Library()


@register.filter
def markdown(text: str, first_level: int = FIRST_LEVEL) -> SafeString:
    """Text that somebody wrote, in a block of its own: `<div class="written">{{ text|markdown }}</div>`."""
    return rendered(text or "", first_level)


@register.filter
def without_marks(text: str) -> str:
    """One line for a list."""
    return plain(text or "")


@register.simple_tag
def marked_content(thing: Any, field: str, first_level: int = FIRST_LEVEL) -> SafeString:
    """`field_fi`, `field_sv` or `field_en` in the reader's language; in another one it says so above the text."""
    text, code = content_in(thing, field, page_language())
    if not text:
        return mark_safe("")
    html = rendered(text, first_level)
    if code == page_language():
        return format_html('<div class="written">{}</div>', html)
    return format_html('<p class="language-line">{}</p><div class="written" lang="{}">{}</div>', language_note(code), code, html)
