"""What a search found, shown."""
from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from pilots.words import Piece

register = template.Library()
MARKS = {True: (mark_safe("<mark>"), mark_safe("</mark>")), False: ("", "")}


@register.filter
def with_marks(pieces: Iterable[Piece]) -> SafeString:
    """Pieces of a text, those that matched marked. A template for each piece was a tenth of the page."""
    return format_html_join("", "{}{}{}", ((MARKS[piece.is_hit][0], piece.text, MARKS[piece.is_hit][1]) for piece in pieces))
