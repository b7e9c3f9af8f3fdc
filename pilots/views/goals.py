"""The five goals: all areas side by side, and one goal with what serves it."""
from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import content_in, page_language
from pilots.choices import ModelStatus
from pilots.models import Goal, PilotArea
from pilots.models.base import sort_field
from pilots.queries import network
from pilots.queries.goals import first_year, goals_by_area, models_serving, years_of_goal
from pilots.views.listing import LargePaginator, list_context

MOST_YEARS = 15


@dataclass(frozen=True)
class Cell:
    """What an area does for a goal: the words of each status with its number, and the list behind them."""

    goal: Goal
    statuses: list[tuple[str, int]]
    url: str


@dataclass(frozen=True)
class AreaRow:
    area: PilotArea
    cells: list[Cell]


@dataclass(frozen=True)
class Year:
    year: int
    url: str
    current: bool


def in_words(counts: Counter) -> list[tuple[str, int]]:
    return [(str(status.label), counts[status]) for status in ModelStatus if counts[status]]


def years_until(today: date) -> list[int]:
    """From the first status on, the newest first."""
    first = first_year()
    return list(range(today.year, max(first, today.year - MOST_YEARS + 1) - 1, -1)) if first and first <= today.year else []


@require_safe
def goal_table(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    years = years_until(today)
    asked = request.GET.get("year", "")
    year = int(asked) if asked in map(str, years) else today.year
    day = min(date(year, 12, 31), today)
    goals = list(network.goals())
    found = goals_by_area(day)
    list_url = reverse("pilots:model_list")
    rows = [
        AreaRow(area, [Cell(goal, in_words(found.get((area.pk, goal.pk), Counter())), f"{list_url}?area={area.slug}&goal={goal.number}") for goal in goals])
        for area in network.areas_in_order().order_by(sort_field())
    ]
    context = {
        "goals": goals,
        "rows": rows,
        "day": day,
        "is_today": day == today,
        "years": [Year(one, f"?year={one}", one == year) for one in years] if len(years) > 1 else [],
        "breadcrumbs": [(_("Cooperation models"), list_url), (_("Goals"), None)],
    }
    return render(request, "pilots/goal_table.html", context)


@require_safe
def goal_detail(request: HttpRequest, number: int) -> HttpResponse:
    goal = get_object_or_404(Goal, number=number)
    today = timezone.localdate()
    context = list_context(request, models_serving(goal), paginator=LargePaginator)
    for model in context["page_obj"]:
        model.how = [row for row in model.goals if row.goal_id == goal.pk]
    count = context["page_obj"].paginator.count
    title = content_in(goal, "title", page_language())[0]
    context |= {
        "goal": goal,
        "title": title,
        "count_text": ngettext("%(count)s cooperation model serves this goal", "%(count)s cooperation models serve this goal", count) % {"count": count},
        "statuses": list(ModelStatus),
        "years": [(year, [(status.label, counts[status]) for status in ModelStatus]) for year, counts in years_of_goal(goal, years_until(today), today)],
        "today": today,
        "breadcrumbs": [(_("Goals"), reverse("pilots:goal_table")), (title, None)],
    }
    return render(request, "pilots/goal_detail.html", context)
