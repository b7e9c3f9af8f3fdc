"""The maps, and the lists of areas beside them, as finished pieces of a page.

Each follows from its rows and the language alone, so it is made once for the same rows.
"""
from collections.abc import Iterable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from pilots.map import MapArea, area_map, network_map

# A few kilobytes each: every filtered view of the network in three languages, and each area's own map.
MOST_PICTURES = 256


def network_picture(areas: list[MapArea]) -> SafeString:
    return _network_picture(tuple(areas), get_language())


def area_picture(areas: list[MapArea], number: int) -> SafeString:
    """KeyError when no member of the area has a place."""
    return _area_picture(tuple(areas), number, get_language())


def area_rows(areas: Iterable[MapArea]) -> SafeString:
    """Rows of the list of areas, each with its members."""
    return _rows("pilots/_area_rows.html", tuple(areas), get_language())


def area_lines(areas: Iterable[MapArea]) -> SafeString:
    """The short list of areas."""
    return _rows("pilots/_area_lines.html", tuple(areas), get_language())


@lru_cache(maxsize=MOST_PICTURES)
def _rows(template: str, areas: tuple[MapArea, ...], language: str) -> SafeString:
    return render_to_string(template, {"areas": areas})


@lru_cache(maxsize=MOST_PICTURES)
def _network_picture(areas: tuple[MapArea, ...], language: str) -> SafeString:
    return render_to_string("pilots/_network_map.html", {"network_map": network_map(areas)})


@lru_cache(maxsize=MOST_PICTURES)
def _area_picture(areas: tuple[MapArea, ...], number: int, language: str) -> SafeString:
    return render_to_string("pilots/_area_map.html", {"area_map": area_map(areas, number)})
