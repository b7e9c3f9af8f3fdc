"""Which cooperation models serve which goal, how far they have come, in which area and when. Public models only."""
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Min, Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.addresses import address
from pilots.choices import ModelStatus, PublicationState
from pilots.models import CooperationModel, Goal, ModelGoal, ModelStatusPeriod, PilotArea
from pilots.models.base import sort_field
from pilots.queries.cooperation import for_rows

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
    """Of every goal, also of those that nothing serves. One query."""
    progress = {goal.pk: Progress(goal, area) for goal in goals}
    rows = ModelGoal.objects.filter(model__area=area, model__state=PublicationState.PUBLIC).order_by(f"model__{sort_field()}", "model_id")
    for row in rows.values("goal_id", "model_id", "model__name_fi", "model__name_sv", "model__statuses__status", "model__statuses__ends_on"):
        found = progress[row["goal_id"]]
        if row["model__statuses__status"] and row["model__statuses__ends_on"]:
            continue
        found.counts[row["model__statuses__status"] or ""] += 1
        if len(found.models) < FIRST_MODELS:
            found.models.append(CooperationModel(pk=row["model_id"], name_fi=row["model__name_fi"], name_sv=row["model__name_sv"]))
    return list(progress.values())


def goals_by_area(day: date) -> dict[tuple[int, int], Counter]:
    """(area, number of the goal) -> how many models had which status on `day`. One query, however many models."""
    rows = ModelStatusPeriod.objects.on(day).filter(model__state=PublicationState.PUBLIC, model__area__isnull=False, model__served_goals__isnull=False)
    found: dict[tuple[int, int], Counter] = {}
    for row in rows.order_by().values("status", area=F("model__area"), number=F("model__served_goals__goal__number")).annotate(count=Count("pk")):
        found.setdefault((row["area"], row["number"]), Counter())[row["status"]] = row["count"]
    return found


def first_year() -> int | None:
    """Of the statuses of public models; None when there are none."""
    first = ModelStatusPeriod.objects.filter(model__state=PublicationState.PUBLIC).aggregate(first=Min("starts_on"))["first"]
    return first.year if first else None


def years_of_goal(goal: Goal, years: list[int], today: date) -> list[tuple[int, Counter]]:
    """How many models that serve the goal had which status at the end of each year; this year's as of today. One query."""
    periods = ModelStatusPeriod.objects.filter(model__state=PublicationState.PUBLIC, model__served_goals__goal=goal).values_list("status", "starts_on", "ends_on")
    found: dict[int, Counter] = {year: Counter() for year in years}
    days = {year: min(date(year, 12, 31), today) for year in years}
    for status, starts_on, ends_on in periods:
        for year, day in days.items():
            if starts_on <= day and (ends_on is None or ends_on > day):
                found[year][status] += 1
    return list(found.items())


def models_serving(goal: Goal) -> QuerySet[CooperationModel]:
    """With `how`: the row that says how each serves this goal."""
    rows = for_rows(CooperationModel.objects.filter(state=PublicationState.PUBLIC, served_goals__goal=goal))
    return rows.prefetch_related(Prefetch("served_goals", ModelGoal.objects.filter(goal=goal), to_attr="how"))
