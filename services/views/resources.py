"""One page for each thing that is booked, with small forms: its parts, hours and exceptions; and the organisation's school year."""
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pilots.choices import Permission
from pilots.permissions import permission_required
from services.actions.resources import (
    add_exception,
    add_hours,
    add_part,
    add_period,
    edit_place,
    edit_resource,
    remove_exception,
    remove_hours,
    remove_part,
    remove_period,
)
from services.conflicts import Conflict
from services.forms.offering import PlaceForm
from services.forms.outcomes import INVALID, posted, refused
from services.forms.resources import ExceptionForm, HoursForm, PartForm, PeriodForm, RemoveForm, SettingsForm
from services.models import Resource
from services.queries.resources import get_own_place, get_own_resource, periods_of, resource_page, resource_version
from services.views.conflicts import over_theirs


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.HANDLE_SERVICES)
def resource_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """`do` says which of the page's forms was sent."""
    resource = get_own_resource(request.acting, pk)
    done = request.POST.get("do", "") if request.method == "POST" else ""
    forms = {
        "settings": SettingsForm(posted(request) if done == "settings" else None, resource=resource, version=resource_version(resource)),
        "part": PartForm(posted(request) if done == "part" else None, prefix="part"),
        "hours": HoursForm(posted(request) if done == "hours" else None, prefix="hours"),
        "exception": ExceptionForm(posted(request) if done == "exception" else None, prefix="exception"),
    }
    problem = theirs = None
    if done:
        form = forms.get(done) or RemoveForm(request.POST)
        act = _acts(request, resource, form).get(done)
        if act is None:
            raise Http404
        if form.is_valid():
            try:
                act()
            except Conflict as conflict:
                resource = get_own_resource(request.acting, pk)
                theirs = over_theirs(form, SettingsForm(resource=resource, version=resource_version(resource)), conflict.obj)
            except ValidationError as error:
                if done in forms:
                    refused(form, error)
                else:
                    problem = error.messages[0]
            else:
                messages.success(request, _("Saved."))
                return redirect("services:resource_detail", pk=resource.pk)
    context = {
        "page": resource_page(resource), "forms": forms, "problem": problem, "theirs": theirs, "wrong": next((form for form in forms.values() if form.errors), None),
        "breadcrumbs": [(_("Our services"), reverse("services:offer_list")), (resource.name, None)],
    }  # fmt: skip
    return render(request, "services/resource_detail.html", context, status=409 if theirs else INVALID if problem or context["wrong"] else 200)


def _acts(request: HttpRequest, resource: Resource, form) -> dict[str, Callable]:
    def row() -> int:
        return form.cleaned_data["row"]

    def part() -> Resource:
        found = resource.parts.filter(pk=row()).first()
        if found is None:
            raise Http404
        return found

    by = request.acting
    return {
        "settings": lambda: edit_resource(by=by, resource=resource, version=form.cleaned_data["version"], values=form.values()),
        "part": lambda: add_part(by=by, resource=resource, values=form.cleaned_data),
        "hours": lambda: add_hours(by=by, resource=resource, **form.cleaned_data),
        "exception": lambda: add_exception(by=by, resource=resource, values=form.cleaned_data),
        "remove_part": lambda: remove_part(by=by, resource=resource, part=part()),
        "remove_hours": lambda: remove_hours(by=by, resource=resource, pk=row()),
        "remove_exception": lambda: remove_exception(by=by, resource=resource, pk=row()),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.HANDLE_SERVICES)
def place_edit(request: HttpRequest, pk: int) -> HttpResponse:
    place = get_own_place(request.acting, pk)
    form, theirs = PlaceForm(posted(request), place=place), None
    if form.is_valid():
        try:
            edit_place(by=request.acting, place=place, version=form.cleaned_data["version"], values=form.place_values())
        except Conflict as conflict:
            theirs = over_theirs(form, PlaceForm(place=conflict.obj), conflict.obj)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved. All that is shared in this place tells the same."))
            return redirect("services:offer_list")
    context = {"form": form, "place": place, "theirs": theirs, "cancel_url": reverse("services:offer_list"), "breadcrumbs": [(_("Our services"), reverse("services:offer_list")), (place.name, None)]}
    return render(request, "services/place_edit.html", context, status=409 if theirs else INVALID if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.HANDLE_SERVICES)
def term_calendar(request: HttpRequest) -> HttpResponse:
    """Terms, breaks and exam weeks of the own organisation; series keep to them."""
    removes = request.method == "POST" and "row" in request.POST
    form = PeriodForm(None if removes else posted(request))
    removal = RemoveForm(request.POST) if removes else None
    if removal and removal.is_valid():
        remove_period(by=request.acting, pk=removal.cleaned_data["row"])
        messages.success(request, _("Removed."))
        return redirect("services:term_calendar")
    if form.is_valid():
        try:
            add_period(by=request.acting, values=form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("services:term_calendar")
    context = {"form": form, "periods": periods_of(request.acting), "breadcrumbs": [(_("Our services"), reverse("services:offer_list")), (_("Our school year"), None)]}
    return render(request, "services/term_calendar.html", context, status=INVALID if form.errors else 200)
