"""Degrees to a flat sheet in kilometres, and the sheet to the units of a drawing.

Transverse Mercator on the meridian of 27° E, as ETRS-TM35FIN, for that is the shape in which Finland is known; a simple
equirectangular sheet would draw Lapland a quarter too wide. On a sphere it is two lines, and with the radius that fits
64.5° N it keeps distances in Finland within half a per cent, which no eye sees.
"""

from dataclasses import dataclass
from math import atan2, atanh, cos, radians, sin, tan

CENTRAL_MERIDIAN = 27.0
RADIUS_KM = 6391.6
FALSE_EASTING_KM = 500.0

Point = tuple[float, float]


def project(lat: float, lon: float) -> Point:
    """Easting and northing in kilometres; northings count from the equator along the sphere."""
    east_of_middle = radians(lon - CENTRAL_MERIDIAN)
    phi = radians(lat)
    easting = FALSE_EASTING_KM + RADIUS_KM * atanh(cos(phi) * sin(east_of_middle))
    northing = RADIUS_KM * atan2(tan(phi), cos(east_of_middle))
    return easting, northing


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The shared surface in square units."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    def meets(self, other: "Box") -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom

    def holds(self, point: Point) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def grown(self, by: float) -> "Box":
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def inside(self, other: "Box") -> bool:
        return self.left >= other.left and self.right <= other.right and self.top >= other.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class Panel:
    """A window on the sheet (kilometres) drawn at `left`, `top` of the picture, `scale` units to a kilometre."""

    west: float
    south: float
    east: float
    north: float
    left: float
    top: float
    scale: float

    @property
    def width(self) -> float:
        return (self.east - self.west) * self.scale

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def place(self, point: Point) -> Point:
        return self.left + (point[0] - self.west) * self.scale, self.top + (self.north - point[1]) * self.scale

    def shows(self, point: Point) -> bool:
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)
