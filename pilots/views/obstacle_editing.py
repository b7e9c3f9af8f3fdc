"""What coordinators write of obstacles, the weight of their areas, and what Kuntaliitto's staff answer."""
from collections.abc import Callable
from datetime import date
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.obstacles import add_weight, edit_obstacle, move_obstacle, publish_obstacle, take_weight_back, write_obstacle
from pilots.choices import ObstacleKind, Permission
from pilots.forms.obstacles import ObstacleForm, ObstacleMoveForm, WeightForm
from pilots.models import Obstacle, ObstacleEvent
from pilots.permissions import may, may_edit_obstacle, may_support, permission_required
from pilots.queries import network
from pilots.queries.history import language_of
from pilots.queries.obstacles import OBSTACLE_FIELDS, edits_since, facts_of, get_obstacle, values_before, values_of
from pilots.views.conflicts import Side
from pilots.views.obstacles import breadcrumbs
from pilots.views.people import refused


def of_obstacle(may_do: Callable) -> Callable:
    """View decorator: the obstacle itself instead of its key, for whom `may_do` lets; a merged one leads to what it was merged into."""

    def decorate(view):
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, pk: int, **kwargs) -> HttpResponse:
            obstacle = get_obstacle(request.acting, pk)
            if not may_do(request.acting, obstacle):
                raise PermissionDenied
            if obstacle.merged_into_id:
                messages.info(request, _("This obstacle has been merged into another one: you are on its page now."))
                return redirect("pilots:obstacle_detail", obstacle.merged_into_id)
            return view(request, obstacle, **kwargs)

        return guarded

    return decorate


def moderates(acting, obstacle: Obstacle) -> bool:
    return may(acting, Permission.MODERATE)


def _form(data, **options) -> ObstacleForm:
    areas, forms, goals = list(network.areas_in_order()), list(network.education_forms()), list(network.goals())
    return ObstacleForm(data, areas=areas, education_forms=forms, goals=goals, **options)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_OWN_AREA)
def obstacle_add(request: HttpRequest) -> HttpResponse:
    form = _form(request.POST or None, initial={"version": 0, "areas": [request.acting.area_id]})
    if form.is_valid() and "preview" not in request.POST:
        values = {name: form.cleaned_data[name] for name in OBSTACLE_FIELDS}
        try:
            obstacle = write_obstacle(by=request.acting, values=values, publish="publish" in request.POST)
        except ValidationError as error:
            refused(form, error)
        else:
            if obstacle.is_draft:
                messages.success(request, _("The draft was saved. Only people of your area see it until you publish it."))
            else:
                messages.success(request, _("The obstacle is public now. Other areas can add their weight, and Kuntaliitto sees it as new."))
            return redirect(obstacle)
    context = {"form": form, "preview": _previewed(request, form), "obstacle": None, "cancel_url": breadcrumbs()[0][1], "breadcrumbs": breadcrumbs((_("Report an obstacle"), None))}
    return render(request, "pilots/obstacle_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@of_obstacle(may_edit_obstacle)
def obstacle_edit(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    form = _form(request.POST or None, initial=values_of(obstacle) | {"version": obstacle.version})
    if form.is_valid() and "preview" not in request.POST:
        values = {name: form.cleaned_data[name] for name in OBSTACLE_FIELDS}
        version = form.cleaned_data["version"]
        try:
            changed = edit_obstacle(by=request.acting, obstacle_id=obstacle.pk, version=version, values=values)
        except ChangedMeanwhile as conflict:
            return _conflict(request, conflict.current, version, values, form)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The obstacle was saved.")) if changed else messages.info(request, _("Nothing was saved, for nothing had changed."))
            return redirect(obstacle)
    context = {"form": form, "preview": _previewed(request, form), "obstacle": obstacle, "cancel_url": obstacle.get_absolute_url(), "breadcrumbs": _below(obstacle, _("Edit"))}
    return render(request, "pilots/obstacle_form.html", context, status=422 if form.errors else 200)


def _previewed(request: HttpRequest, form: ObstacleForm) -> Obstacle | None:
    """An unsaved obstacle with the texts that were sent: they are drawn by the same tags as on its page."""
    if request.method != "POST" or "preview" not in request.POST or not form.is_valid():
        return None
    return Obstacle(**{name: form.cleaned_data[name] for name in ("name_fi", "name_sv", "description_fi", "description_sv", "evidence_fi", "evidence_sv")})


def _below(obstacle: Obstacle, label: str) -> list[tuple[str, str | None]]:
    return breadcrumbs((obstacle.name, obstacle.get_absolute_url()), (label, None))


def _conflict(request: HttpRequest, current: Obstacle, version: int, mine: dict, form: ObstacleForm) -> HttpResponse:
    """Both versions beside each other. Where only the other person changed a field, the form takes their value."""
    theirs, events = values_of(current), edits_since(current, version)
    base = values_before(theirs, events)
    if isinstance(base["check_by"], str):
        base["check_by"] = date.fromisoformat(base["check_by"])
    data = request.POST.copy()
    data["version"] = str(current.version)
    differing = [name for name in OBSTACLE_FIELDS if mine[name] != theirs[name]]
    untouched = [name for name in differing if mine[name] == base[name]]
    for name in untouched:
        _put(data, name, theirs[name])
    again = _form(data)
    sides = [Side(name, _shown(again, name, theirs[name]), language_of(name), name not in untouched, again[name]) for name in differing]
    return conflict_answer(request, again, sides, events, _below(current, _("Edit")), current.get_absolute_url())


def conflict_answer(request: HttpRequest, form, sides: list[Side], events: list[ObstacleEvent], crumbs: list, cancel_url: str) -> HttpResponse:
    """Answers 409: nothing was saved. `events`: what was saved meanwhile, the newest first."""
    latest, differing = (events[0] if events else None), {side.name for side in sides}
    context = {
        "form": form,
        "sides": sides,
        "other_fields": [field for field in form.visible_fields() if field.name not in differing],
        "saved_at": latest.at if latest else None,
        "saved_by": latest.by.name if latest and latest.by else "",
        "breadcrumbs": crumbs,
        "cancel_url": cancel_url,
    }
    return render(request, "pilots/area_conflict.html", context, status=409)


def _put(data, name: str, value) -> None:
    if isinstance(value, list):
        data.setlist(name, [str(one) for one in value])
    elif isinstance(value, date):
        data[name] = f"{value.day}.{value.month}.{value.year}"
    else:
        data[name] = value or ""


def _shown(form: ObstacleForm, name: str, value) -> str:
    """A saved value as a reader knows it, in the words of the form's own choices."""
    if isinstance(value, list):
        labels = dict(form.fields[name].choices)
        return "\n".join(str(labels.get(one, one)) for one in value)
    if name == "kind":
        return capfirst(str(ObstacleKind(value).label))
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    return value or ""


@require_POST
@of_obstacle(may_edit_obstacle)
def obstacle_publish(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    publish_obstacle(by=request.acting, obstacle_id=obstacle.pk)
    messages.success(request, _("The obstacle is public now. Other areas can add their weight, and Kuntaliitto sees it as new."))
    return redirect(obstacle)


@require_http_methods(["GET", "HEAD", "POST"])
@of_obstacle(may_support)
def weight_add(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    own = obstacle.supports.filter(area=request.acting.area_id).first()
    form = WeightForm(request.POST or None, initial={"reason_fi": own.reason_fi, "reason_sv": own.reason_sv} if own else None)
    if form.is_valid():
        try:
            add_weight(by=request.acting, obstacle_id=obstacle.pk, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Your area stands behind this obstacle now. You can take the weight back on this page."))
            return redirect(obstacle)
    context = {"form": form, "obstacle": obstacle, "own": own, "cancel_url": obstacle.get_absolute_url(), "breadcrumbs": _below(obstacle, _("Weight of your area"))}
    return render(request, "pilots/obstacle_weight.html", context, status=422 if form.errors else 200)


@require_POST
@of_obstacle(may_support)
def weight_take_back(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    if take_weight_back(by=request.acting, obstacle_id=obstacle.pk):
        messages.success(request, _("Your area’s weight was taken back. The history keeps that it was given."))
    else:
        messages.info(request, _("Your area had given no weight to this obstacle."))
    return redirect(obstacle)


@require_http_methods(["GET", "HEAD", "POST"])
@of_obstacle(moderates)
def obstacle_move(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    initial = {"version": obstacle.version, "status": obstacle.status, "answer_fi": obstacle.answer_fi, "answer_sv": obstacle.answer_sv}
    form = ObstacleMoveForm(request.POST or None, obstacle=obstacle, initial=initial)
    changed_meanwhile = False
    if form.is_valid():
        try:
            changed = move_obstacle(by=request.acting, obstacle_id=obstacle.pk, **form.cleaned_data)
        except ChangedMeanwhile as conflict:
            # What was written stays in the fields; the page shows what is saved now beside it.
            changed_meanwhile, obstacle = True, conflict.current
            form = ObstacleMoveForm({**request.POST.dict(), "version": str(obstacle.version)}, obstacle=obstacle)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The status and the answer were saved. The areas see them on this page.")) if changed else messages.info(request, _("Nothing was saved, for nothing had changed."))
            return redirect(obstacle)
    context = {
        "form": form, "obstacle": obstacle, "changed_meanwhile": changed_meanwhile, "facts": facts_of(obstacle, request.acting),
        "cancel_url": obstacle.get_absolute_url(), "breadcrumbs": _below(obstacle, _("Answer")),
    }  # fmt: skip
    return render(request, "pilots/obstacle_move.html", context, status=409 if changed_meanwhile else 422 if form.errors else 200)
