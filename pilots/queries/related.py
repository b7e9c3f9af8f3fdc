"""What else is worth reading beside a thing, each with the reason; nothing where there is no reason. One query for each kind of thing."""
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from pilots.choices import PublicationState
from pilots.map import MapArea
from pilots.models import CooperationModel, ModelGoal, Obstacle, Publication
from pilots.queries.obstacles import LONG, seen_by
from pilots.queries.similar import KM_PER_DOUBLING, kilometres

MOST = 3


@dataclass(frozen=True)
class Related:
    thing: Any
    reason: str


@dataclass(frozen=True)
class NearArea:
    area: MapArea
    municipalities: int
    distance_km: float


def models_like(*, forms: Sequence, goals: Sequence, but: int | None = None) -> list[Related]:
    """The newest public models that cross one of the forms of education and serve one of the goals."""
    if not forms or not goals:
        return []
    serving = ModelGoal.objects.filter(model=OuterRef("pk"), goal__in=goals)
    rows = CooperationModel.objects.filter(_of_forms(CooperationModel, forms), Exists(serving), state=PublicationState.PUBLIC).exclude(pk=but)
    goal = serving.order_by().values("model").annotate(first=Min("goal__number")).values("first")
    return _with_reasons(rows.only("name_fi", "name_sv").annotate(goal=Subquery(goal)))


def obstacles_like(*, forms: Sequence, goals: Sequence, but: int | None = None) -> list[Related]:
    """The newest published obstacles that bite one of the forms of education and stand in the way of one of the goals."""
    if not forms or not goals:
        return []
    standing = Obstacle.goals.through.objects.filter(obstacle=OuterRef("pk"), goal__in=goals)
    rows = Obstacle.objects.filter(seen_by(None), _of_forms(Obstacle, forms), Exists(standing)).exclude(pk=but)
    goal = standing.order_by().values("obstacle").annotate(first=Min("goal__number")).values("first")
    return _with_reasons(rows.defer(*LONG).annotate(goal=Subquery(goal)))


def _of_forms(model: Any, forms: Sequence) -> Exists:
    through = model.education_forms.through
    return Exists(through.objects.filter(Q(**{model._meta.model_name: OuterRef("pk")}), educationform__in=forms))


def _with_reasons(rows: QuerySet) -> list[Related]:
    return [Related(one, _("Same form of education, same goal (%(number)s)") % {"number": one.goal}) for one in rows.order_by("-pk")[:MOST]]


def publications_like(publication: Publication) -> list[Related]:
    """By the same author, the newest first."""
    if not publication.author:
        return []
    rows = Publication.objects.filter(author=publication.author, archived_at=None).exclude(pk=publication.pk).only("name_fi", "name_sv")
    return [Related(one, _("Same author")) for one in rows.order_by("-published_on", "-pk")[:MOST]]


def areas_near(number: int, areas: Sequence[MapArea]) -> list[NearArea]:
    """The nearest in size and place, by the rule of `similar_municipalities`: size is the number of municipalities, place their midpoint. No query."""
    known = {area.number: (area, *place) for area in areas if (place := _place_of(area))}
    if number not in known:
        return []
    _area, size, latitude, longitude = known.pop(number)
    judged = []
    for area, other, other_latitude, other_longitude in known.values():
        away = kilometres(latitude, longitude, other_latitude, other_longitude)
        judged.append((abs(log2(other / size)) + away / KM_PER_DOUBLING, area.number, NearArea(area, other, away)))
    return [one for _unlikeness, _number, one in sorted(judged, key=lambda row: row[:2])[:MOST]]


def _place_of(area: MapArea) -> tuple[int, float, float] | None:
    places = [(member.lat, member.lon) for member in area.members if member.kind == "municipality" and member.lat is not None and member.lon is not None]
    if not places:
        return None
    return len(places), sum(latitude for latitude, _longitude in places) / len(places), sum(longitude for _latitude, longitude in places) / len(places)

