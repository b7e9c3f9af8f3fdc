"""The maps as finished pieces of a page. A picture follows from its rows alone, so it is drawn once for the same rows."""
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


@lru_cache(maxsize=MOST_PICTURES)
def _network_picture(areas: tuple[MapArea, ...], language: str) -> SafeString:
    return render_to_string("pilots/_network_map.html", {"network_map": network_map(areas)})


@lru_cache(maxsize=MOST_PICTURES)
def _area_picture(areas: tuple[MapArea, ...], number: int, language: str) -> SafeString:
    return render_to_string("pilots/_area_map.html", {"area_map": area_map(areas, number)})
