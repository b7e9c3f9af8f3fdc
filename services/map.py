"""The map of shared services: Finland whole, a mark with a number in each municipality that has some. Built with the network's own sheet."""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pilots.map.layout import spread
from pilots.map.outline import outline_path
from pilots.map.projection import Panel, Point, project

# Finland whole, in units of the picture.
WHOLE = Panel(west=55, south=6640, east=760, north=7790, left=0, top=0, scale=0.6)
# So far are the middles of two marks apart, while there are few enough to part them in a moment.
MARKS_APART, MOST_PARTED = 29.0, 90


@dataclass(frozen=True)
class Mark:
    x: int
    y: int
    number: int
    url: str
    title: str


@dataclass(frozen=True)
class ServiceMap:
    view_box: str
    land: str
    marks: tuple[Mark, ...]


def service_map(places: Sequence[tuple[float, float, int, str, str]]) -> ServiceMap:
    """From (latitude, longitude, number, address, title) of each place, in the order in which the keyboard walks."""
    at = _positions(tuple((lat, lon) for lat, lon, *_rest in places))
    marks = (Mark(round(x), round(y), number, url, title) for (x, y), (_lat, _lon, number, url, title) in zip(at, places, strict=True))
    return ServiceMap(f"0 0 {WHOLE.width:.0f} {WHOLE.height:.0f}", outline_path(WHOLE), tuple(marks))


@lru_cache(maxsize=64)
def _positions(degrees: tuple[tuple[float, float], ...]) -> tuple[Point, ...]:
    points = [WHOLE.place(project(*one)) for one in degrees]
    return tuple(spread([(point, True) for point in points], MARKS_APART) if len(points) <= MOST_PARTED else points)
