"""Which municipalities are like one, and how far places are from each other."""
from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, log2, radians, sin, sqrt

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from pilots.models import IndicatorValue, Municipality
from pilots.models.indicator import OBSERVED
from pilots.queries.indicators import POPULATION

EARTH_RADIUS_KM = 6371.0
# So many kilometres weigh as much as being twice or half as large.
KM_PER_DOUBLING = 100.0
NOT_READ = ("loaded", "search_words", "source", "change_note")


@dataclass(frozen=True)
class Similar:
    """`population` is the latest observed one, of the year `year`."""

    municipality: Municipality
    population: Decimal
    year: int
    distance_km: float


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """As the crow flies, between two points in degrees (the haversine formula)."""
    north, other_north = radians(latitude), radians(other_latitude)
    half = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def similar_municipalities(municipality: Municipality, count: int = 3) -> list[Similar]:
    """The nearest in size and place, the most similar first; one query.

    The rule: how many doublings lie between the two latest observed populations, plus the distance between the two
    positions in hundreds of kilometres. So a neighbour of twice the size is as similar as one of the same size
    100 km away. Only municipalities that exist today and have both figures are compared; without them the answer is empty.
    """
    latest = IndicatorValue.objects.filter(municipality=OuterRef("pk"), measure=POPULATION, part="", vintage=OBSERVED, value__gt=0).order_by("-year")
    rows = Municipality.objects.on(timezone.localdate()).filter(latitude__isnull=False) | Municipality.objects.filter(pk=municipality.pk)
    found = rows.defer(*NOT_READ).annotate(people=Subquery(latest.values("value")[:1]), people_year=Subquery(latest.values("year")[:1])).order_by("code")
    known = {one.pk: one for one in found if one.people is not None}
    mine = known.pop(municipality.pk, None)
    if mine is None or mine.latitude is None:
        return []
    judged = []
    for one in known.values():
        away = kilometres(mine.latitude, mine.longitude, one.latitude, one.longitude)
        judged.append((abs(log2(one.people / mine.people)) + away / KM_PER_DOUBLING, Similar(one, one.people, one.people_year, away)))
    return [one for _unlikeness, one in sorted(judged, key=lambda pair: (pair[0], pair[1].municipality.code))[:count]]
