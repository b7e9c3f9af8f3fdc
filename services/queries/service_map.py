"""Where the services that a search finds lie: by municipality, in one query."""
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from pilots.models import Municipality
from services.models import SharedService


@dataclass(frozen=True)
class Spot:
    """A municipality with how many of the services lie there."""

    municipality: Municipality
    count: int


@dataclass(frozen=True)
class Spots:
    """`nowhere`: how many have neither a place nor a provider in a municipality of today."""

    rows: list[Spot]
    nowhere: int


def spots_of(services: QuerySet[SharedService], municipalities: Iterable[Municipality]) -> Spots:
    """By the place; what has none lies where its provider does, as the filter by municipality has it. In the order of the municipalities."""
    where = Coalesce(F("place__municipality"), F("organisation__municipality"))
    counts = dict(services.order_by().annotate(lies_in=where).values_list("lies_in").annotate(number=Count("pk")))
    rows = [Spot(one, counts.pop(one.pk)) for one in municipalities if one.pk in counts]
    return Spots(rows, sum(counts.values()))
