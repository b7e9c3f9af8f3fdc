"""Kuntaliitto's staff merge a duplicate into another obstacle: find it, see what happens, do it."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pilots.actions.obstacles import merge_obstacles
from pilots.forms.obstacles import MergeSearchForm
from pilots.models import Obstacle
from pilots.models.base import sort_field
from pilots.queries.obstacles import facts_of, merge_candidates
from pilots.views.obstacle_editing import moderates, of_obstacle
from pilots.views.obstacles import breadcrumbs
from pilots.words import matching

MOST_FOUND = 20


@require_safe
@of_obstacle(moderates)
def obstacle_merge(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    """Without words the ones of the same kind are offered, those with the most weight first."""
    form = MergeSearchForm(request.GET or None)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    candidates = merge_candidates(obstacle).filter(matching(words)).order_by(sort_field(), "pk") if words else merge_candidates(obstacle).filter(kind=obstacle.kind).order_by("-support_count", "pk")
    context = {
        "form": form,
        "words": words,
        "obstacle": obstacle,
        "found": list(candidates[:MOST_FOUND]),
        "breadcrumbs": breadcrumbs((obstacle.name, obstacle.get_absolute_url()), (_("Merge"), None)),
    }
    return render(request, "pilots/obstacle_merge.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_obstacle(moderates)
def obstacle_merge_confirm(request: HttpRequest, obstacle: Obstacle, into: int) -> HttpResponse:
    target = merge_candidates(obstacle).filter(pk=into).first()
    if target is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            merge_obstacles(by=request.acting, obstacle_id=obstacle.pk, into_id=target.pk)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            messages.success(request, _("The obstacles were merged. The address of the duplicate leads here now."))
            return redirect(target)
    facts = facts_of(obstacle, request.acting)
    behind = {target.reported_by_id, *target.supports.values_list("area_id", flat=True)}
    context = {
        "obstacle": obstacle,
        "target": target,
        "problem": problem,
        "facts": facts,
        "joining": [area for area in [obstacle.reported_by, *(support.area for support in facts.supports)] if area.pk not in behind],
        "double": [support.area for support in facts.supports if support.area_id in behind],
        "cancel_url": obstacle.get_absolute_url(),
        "danger": True,
        "breadcrumbs": breadcrumbs((obstacle.name, obstacle.get_absolute_url()), (_("Merge"), None)),
    }
    return render(request, "pilots/obstacle_merge_confirm.html", context, status=409 if problem else 200)
