"""Obstacles: their list, one's page, and its history."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.choices import Permission
from pilots.filters import named
from pilots.filters.obstacles import ObstacleFilterSet
from pilots.forms.obstacles import host_of
from pilots.models.base import sort_field
from pilots.permissions import may, may_edit_obstacle, may_edit_proposal, may_move_proposal, may_propose, may_support
from pilots.queries import network
from pilots.queries.obstacle_history import obstacle_days
from pilots.queries.obstacles import events_of, facts_of, get_obstacle, obstacles_in_list
from pilots.queries.related import models_like, obstacles_like
from pilots.views.discussion import discussion_context
from pilots.views.listing import LargePaginator, chosen_sort, list_context

HISTORY_PAGE = 100


def breadcrumbs(*own: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [(_("Obstacles"), reverse("pilots:obstacle_list")), *own]


def goal_choices() -> list[tuple[str, str]]:
    return [(str(goal.number), _("Goal %(number)s") % {"number": goal.number}) for goal in network.goals()]


@require_safe
def obstacle_list(request: HttpRequest) -> HttpResponse:
    sorts = {"weight": _("by weight"), "newest": _("newest first"), "name": _("by name")}
    filterset = ObstacleFilterSet(
        request.GET, obstacles_in_list(request.acting), area=named(network.areas_in_order(), "slug"), form=named(network.education_forms(), "code"), goal=goal_choices()
    )
    order = {"weight": ("-support_count", "-published_at"), "newest": ("-published_at",), "name": (sort_field(),)}[chosen_sort(request, sorts)]
    context = list_context(request, filterset.qs.order_by(*order, "-pk"), filterset, sorts, paginator=LargePaginator)
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)s obstacle", "%(count)s obstacles", count) % {"count": count},
        "may_add": may(request.acting, Permission.EDIT_OWN_AREA),
    }
    return render(request, "pilots/obstacle_list.html", context)


@require_safe
def obstacle_detail(request: HttpRequest, pk: int) -> HttpResponse:
    obstacle = get_obstacle(request.acting, pk)
    if obstacle.merged_into_id:
        return redirect("pilots:obstacle_detail", obstacle.merged_into_id)
    acting, facts = request.acting, facts_of(obstacle, request.acting)
    moderates = may(acting, Permission.MODERATE)
    for proposal in facts.proposals:
        proposal.obstacle = obstacle
        proposal.editable, proposal.movable = may_edit_proposal(acting, proposal), may_move_proposal(acting, proposal)
    behind = len(facts.supports)
    context = {
        "breadcrumbs": breadcrumbs((obstacle.name, None)),
        "obstacle": obstacle,
        "facts": facts,
        "like": {"models": models_like(forms=facts.education_forms, goals=facts.goals), "obstacles": obstacles_like(forms=facts.education_forms, goals=facts.goals, but=obstacle.pk)},
        "links": [(link, host_of(link)) for link in obstacle.evidence_links.splitlines()],
        "support_text": ngettext("%(count)s other area stands behind it", "%(count)s other areas stand behind it", behind) % {"count": behind},
        "own_support": facts.support_of(acting.area_id) if acting and may_support(acting, obstacle) else None,
        "may_edit": may_edit_obstacle(acting, obstacle),
        "may_support": may_support(acting, obstacle),
        "may_propose": may_propose(acting) and not obstacle.is_draft,
        "moderates": moderates and not obstacle.is_draft,
    }
    return render(request, "pilots/obstacle_detail.html", context | discussion_context(request, obstacle))


@require_safe
def obstacle_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Newest first; who made a change is named to readers with a membership only."""
    obstacle = get_obstacle(request.acting, pk)
    if obstacle.merged_into_id:
        return redirect("pilots:obstacle_history", obstacle.merged_into_id)
    events = list(events_of(obstacle)[: HISTORY_PAGE + 1])
    days = obstacle_days(obstacle, events[:HISTORY_PAGE], with_people=request.acting is not None)
    context = {
        "obstacle": obstacle,
        "timeline": days,
        "has_more": len(events) > HISTORY_PAGE,
        "names_people": request.acting is not None,
        "breadcrumbs": breadcrumbs((obstacle.name, obstacle.get_absolute_url()), (_("History"), None)),
    }
    return render(request, "pilots/obstacle_history.html", context)

