"""Tags of the drawn figures: the same boxes and moves stand on every client's page, so what is in them is made once."""
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from guidance.figures.path import PathFigure, PathLook
from guidance.figures.shapes import Arrow, Box

register = template.Library()

# Two figures in two shapes and three languages, with some of the numbers that stand in their boxes.
MOST_BOXES = 512
# The same, and each move in three looks.
MOST_MOVES = 1024
# Ten to fifteen thousand bytes each.
MOST_PATHS = 256
MOVE_URL = "/move-of-the-client/"
LINK = '<a href="{}" aria-label="{}" class="{}" data-step="{}">{}</a>'
PLAIN = '<g class="{}" role="img" aria-label="{}" data-step="{}">{}</g>'


@register.simple_tag
def boxes_drawn(boxes: Iterable[Box]) -> SafeString:
    """Where a box leads, how it looks and what is read aloud can be a client's, and are written anew each time."""
    rows = []
    for box in boxes:
        inside = _inside(replace(box, kind="", url="", spoken=""))
        rows.append(format_html(LINK, box.url, box.spoken, box.kind, box.key, inside) if box.url else format_html(PLAIN, box.kind, box.spoken, box.key, inside))
    return format_html_join("\n", "{}", ((row,) for row in rows))


@lru_cache(maxsize=MOST_BOXES)
def _inside(box: Box) -> SafeString:
    return render_to_string("guidance/_figure_box.html", {"box": box})


@register.simple_tag
def moves_drawn(arrows: Iterable[Arrow]) -> SafeString:
    return format_html_join("\n", "{}", ((_move(arrow),) for arrow in arrows))


@lru_cache(maxsize=MOST_MOVES)
def _move(arrow: Arrow) -> SafeString:
    return format_html('<path class="{}" d="{}" data-move="{}"/>', arrow.kind, arrow.path, arrow.key)


@register.simple_tag
def path_drawn(figure: PathFigure) -> SafeString:
    """The drawings of one client's path. What is kept knows stages only; the client's address is written in anew."""
    return mark_safe(_path(figure.look, bool(figure.move_url), get_language()).replace(MOVE_URL, escape(figure.move_url)))


@lru_cache(maxsize=MOST_PATHS)
def _path(look: PathLook, has_links: bool, language: str) -> SafeString:
    return render_to_string("guidance/_path_drawings.html", {"drawings": look.drawings(MOVE_URL if has_links else ""), "text": look.text})
