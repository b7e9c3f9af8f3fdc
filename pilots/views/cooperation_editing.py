"""Writing a cooperation model: the form with its preview, two people at once, copying, publishing, "right still"."""
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pilots.actions.cooperation import add_model, confirm_model, copy_model, edit_model, move_model
from pilots.actions.editing import ChangedMeanwhile
from pilots.choices import PublicationState
from pilots.forms.cooperation import CLOSED_PARTS, WholeForm, initial_of, more_rows, with_theirs
from pilots.forms.cooperation_rows import ROW_FORMS
from pilots.models import CooperationModel
from pilots.queries import network
from pilots.queries.changes import State, changes_between
from pilots.queries.cooperation import FIELDS, PARTS, contacts_for, get_model, get_model_to_edit, names_near, values_of
from pilots.views.cooperation import crumbs, may_write
from pilots.views.people import refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def model_add(request: HttpRequest) -> HttpResponse:
    if not may_write(request.acting):
        raise PermissionDenied
    whole = _form(request, None, {"version": 0})
    if _asks_to_save(request) and whole.is_valid():
        try:
            model = add_model(by=request.acting, values=whole.values())
        except ValidationError as error:
            refused(whole.form, error)
        else:
            messages.success(request, _("The model was saved as a draft. This is what it will look like; publish it when it is ready."))
            return redirect(model)
    return _page(request, whole, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def model_edit(request: HttpRequest, pk: int) -> HttpResponse:
    model = get_model_to_edit(request.acting, pk)
    # Only a form that is shown for the first time needs what is saved.
    whole = _form(request, model, {} if request.method == "POST" else initial_of(values_of(model), model.version))
    if _asks_to_save(request) and whole.is_valid():
        version = whole.form.cleaned_data["version"]
        try:
            changed = edit_model(by=request.acting, model_id=model.pk, version=version, values=whole.values())
        except ChangedMeanwhile:
            return _conflict(request, model, version, whole)
        except ValidationError as error:
            refused(whole.form, error)
        else:
            if changed:
                messages.success(request, _("The model was saved. The history tells who changed what."))
            else:
                messages.info(request, _("Nothing was saved, for nothing had changed."))
            return redirect(model)
    return _page(request, whole, model)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def model_copy(request: HttpRequest, pk: int) -> HttpResponse:
    model = get_model(request.acting, pk)
    if not may_write(request.acting) or model.state != PublicationState.PUBLIC:
        raise PermissionDenied
    if request.method == "POST":
        copied = copy_model(by=request.acting, model=model)
        messages.success(request, _("The copy is a draft of your area. Write what is different with you; the page tells what it was copied from."))
        return redirect("pilots:model_edit", pk=copied.pk)
    context = {"model": model, "area": request.acting.area, "cancel_url": model.get_absolute_url(), "danger": False, "breadcrumbs": crumbs(model, _("Copy to your area"))}
    return render(request, "pilots/model_copy.html", context)


@require_POST
@login_required
def model_move(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    model = get_model_to_edit(request.acting, pk)
    if state not in (PublicationState.PUBLIC, PublicationState.ARCHIVED):
        raise PermissionDenied
    try:
        moved = move_model(by=request.acting, model_id=model.pk, state=state)
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        told = {PublicationState.PUBLIC: _("The model is public."), PublicationState.ARCHIVED: _("The model is archived: its page can still be read, but no list shows it.")}
        messages.success(request, told[PublicationState(moved.state)])
    return redirect(model)


@require_POST
@login_required
def model_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    model = confirm_model(by=request.acting, model_id=get_model_to_edit(request.acting, pk).pk)
    messages.success(request, _("%(name)s is right today. You are asked again in a year.") % {"name": model.name})
    return redirect(model)


def _asks_to_save(request: HttpRequest) -> bool:
    return request.method == "POST" and "preview" not in request.POST and "more" not in request.POST


def _fixed(request: HttpRequest, model: CooperationModel | None) -> dict[str, Any]:
    return {"contacts": contacts_for(model or request.acting), "goals": list(network.goals())}


def _form(request: HttpRequest, model: CooperationModel | None, initial: dict[str, Any]) -> WholeForm:
    data = request.POST if request.method == "POST" else None
    if data is not None and (more := data.get("more")) in ROW_FORMS:
        whole = WholeForm(more_rows(data, str(more)), **_fixed(request, model))
        whole.quiet()
        return whole
    return WholeForm(data, initial=initial, **_fixed(request, model))


def _page(request: HttpRequest, whole: WholeForm, model: CooperationModel | None, *, status: int = 200, **more: Any) -> HttpResponse:
    preview = None
    if request.method == "POST" and "preview" in request.POST and whole.is_valid():
        preview = _previewed(whole.values())
    context = {
        "whole": whole,
        "form": whole.form,
        "model": model,
        "preview": preview,
        "conflict": None,
        # A conflict is compared with all of the form; a part to which rows were added stays as it was.
        "open_parts": set(CLOSED_PARTS) if "conflict" in more else whole.wrong_parts() | {request.POST.get("more")},
        "bodies": names_near(model.area_id if model else request.acting.area_id),
        "cancel_url": model.get_absolute_url() if model else crumbs(None)[0][1],
        "breadcrumbs": crumbs(model, _("Edit") if model else _("Add a model")),
    }
    return render(request, "pilots/model_edit.html", context | more, status=status)


def _previewed(values: dict[str, Any]) -> CooperationModel:
    """An unsaved model with the texts that were sent: they are drawn by the same tags as on its page."""
    return CooperationModel(**{name: values[name] for name in FIELDS})


def _conflict(request: HttpRequest, model: CooperationModel, version: int, whole: WholeForm) -> HttpResponse:
    """409: both versions side by side, and the form with what this person wrote; what only the other one changed is taken over."""
    current = CooperationModel.objects.get(pk=model.pk)
    base = current.history.filter(version=version).first()
    mine = State(whole.values())
    untouched = [name for name in (*FIELDS, *PARTS) if base is not None and mine.same(base, name) and not mine.same(current, name)]
    data = with_theirs(request.POST, untouched, values_of(current), current.version, **_fixed(request, current))
    again = WholeForm(data, **_fixed(request, current))
    # What the form shows now: the page would else call "yours" what this person has not written.
    mine.take(current, untouched)
    latest = current.history.select_related("history_user").first()
    conflict = {
        "sides": list(changes_between(current, mine, whole=True)),
        "untouched": untouched,
        "saved_at": latest.history_date,
        "saved_by": latest.history_user.name if latest.history_user else "",
    }
    return _page(request, again, current, status=409, conflict=conflict)
