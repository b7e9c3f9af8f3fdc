"""Which cooperation models serve which goal, how far they have come, in which area and when. Public models only."""
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.db.models import BigIntegerField, Count, DateField, FilteredRelation, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from accounts.addresses import address
from pilots.choices import ModelStatus, PublicationState
from pilots.models import CooperationModel, Goal, ModelGoal, ModelStatusPeriod, PilotArea
from pilots.models.base import sort_field
from pilots.queries.cooperation import for_rows
from pilots.queries.prepared import Given, Prepared

FIRST_MODELS = 5


@dataclass
class Progress:
    """Towards one goal: how many models there are by status, and some of them."""

    goal: Goal
    area: PilotArea
    counts: Counter = field(default_factory=Counter)
    models: list[CooperationModel] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def counts_in_words(self) -> list[tuple[str, int]]:
        """In the order in which a model goes on; those without a status last."""
        words = [*ModelStatus.choices, ("", _("status not said"))]
        return [(str(label), self.counts[status]) for status, label in words if self.counts[status]]

    @property
    def url(self) -> str:
        return f"{address('pilots:model_list')}?area={self.area.slug}&goal={self.goal.number}"


def area_progress(area: PilotArea, goals: Iterable[Goal]) -> list[Progress]:
    """Of every goal, also of those that nothing serves. Two queries, however many models."""
    progress = {goal.pk: Progress(goal, area) for goal in goals}
    counts, first = _of_area(f"model__{sort_field()}")
    for goal, today, count in counts.ask(area=area.pk):
        progress[goal].counts[today or ""] = count
    for goal, model, name_fi, name_sv in first.ask(area=area.pk):
        progress[goal].models.append(CooperationModel(pk=model, name_fi=name_fi, name_sv=name_sv))
    return list(progress.values())


@cache
def _of_area(by_name: str) -> tuple[Prepared, Prepared]:
    """How many models serve which goal by the status of today, and the first of each goal."""
    rows = ModelGoal.objects.filter(model__area=Given("area", BigIntegerField()), model__state=PublicationState.PUBLIC).order_by()
    status = FilteredRelation("model__statuses", condition=Q(model__statuses__ends_on=None))
    counts = rows.annotate(today=status).values_list("goal_id", "today__status").annotate(count=Count("pk"))
    placed = rows.annotate(place=Window(RowNumber(), partition_by="goal_id", order_by=(by_name, "model_id"))).filter(place__lte=FIRST_MODELS)
    return Prepared(counts), Prepared(placed.order_by(by_name, "model_id").values_list("goal_id", "model_id", "model__name_fi", "model__name_sv"))


def goals_by_area(day: date) -> dict[tuple[int, int], Counter]:
    """(area, goal) -> how many models had which status on `day`. One query, however many models."""
    found: dict[tuple[int, int], Counter] = {}
    for status, area, goal, count in _goals_by_area().ask(day=day):
        found.setdefault((area, goal), Counter())[status] = count
    return found


@cache
def _goals_by_area() -> Prepared:
    day = Given("day", DateField())
    rows = ModelStatusPeriod.objects.on(day).filter(model__state=PublicationState.PUBLIC, model__area__isnull=False, model__served_goals__isnull=False)
    return Prepared(rows.order_by().values_list("status", "model__area", "model__served_goals__goal").annotate(count=Count("pk")))


def first_year() -> int | None:
    """Of the statuses of public models; None when there are none."""
    first = ModelStatusPeriod.objects.filter(model__state=PublicationState.PUBLIC).order_by("starts_on").values_list("starts_on", flat=True).first()
    return first.year if first else None


def years_of_goal(goal: Goal, years: list[int], today: date) -> list[tuple[int, Counter]]:
    """How many models that serve the goal had which status at the end of each year; this year's as of today. One query."""
    periods = ModelStatusPeriod.objects.filter(model__state=PublicationState.PUBLIC, model__served_goals__goal=goal).order_by()
    found: dict[int, Counter] = {year: Counter() for year in years}
    days = {year: min(date(year, 12, 31), today) for year in years}
    for status, starts_on, ends_on, count in periods.values_list("status", "starts_on", "ends_on").annotate(count=Count("pk")):
        for year, day in days.items():
            if starts_on <= day and (ends_on is None or ends_on > day):
                found[year][status] += count
    return list(found.items())


def models_serving(goal: Goal) -> QuerySet[CooperationModel]:
    return for_rows(CooperationModel.objects.filter(state=PublicationState.PUBLIC, served_goals__goal=goal))
