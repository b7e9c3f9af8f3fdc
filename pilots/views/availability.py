"""Availability of education: what coordinators tell of their municipalities, and what a learner asks."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.provisions import add_provision, edit_provision, end_provision
from pilots.choices import forms_for
from pilots.forms.availability import LearnerForm, ProvisionForm
from pilots.models import Municipality, PilotArea, Provision
from pilots.queries.availability import PROVISION_FIELDS, REACH_KM, get_provision, within_reach
from pilots.queries.editing import get_area_to_edit
from pilots.queries.indicators import municipalities_of_area
from pilots.queries.provision_history import provision_history
from pilots.views.area_editing import breadcrumbs
from pilots.views.conflicts import both_versions, conflict_page
from pilots.views.history import timeline_of
from pilots.views.people import refused

FORM = require_http_methods(["GET", "HEAD", "POST"])


def _back(municipality: Municipality) -> str:
    return f"{municipality.get_absolute_url()}#availability"


@require_safe
def learner_find(request: HttpRequest) -> HttpResponse:
    """What is within a learner's reach; the answers stand in the address and are kept nowhere."""
    form = LearnerForm(request.GET if "municipality" in request.GET else None)
    context = {"form": form, "reach": None, "has_places": Municipality.objects.exists(), "reach_km": REACH_KM, "breadcrumbs": [(_("Municipalities"), reverse("pilots:municipality_list")), (_("What can I study?"), None)]}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        context |= {"municipality": data["municipality"], "reach": within_reach(data["municipality"], forms_for(data["age"], data["schooling"], data["goal"]), data["language"])}
    return render(request, "pilots/learner_find.html", context)


@FORM
@login_required
def provision_add(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    own = municipalities_of_area(slug)
    chosen = next((one.pk for one in own if one.code == request.GET.get("m")), None)
    form = ProvisionForm(request.POST or None, municipalities=own, initial={"version": 0, "municipality": chosen})
    if form.is_valid():
        try:
            provision = add_provision(by=request.acting, area_id=area.pk, values={name: form.cleaned_data[name] for name in PROVISION_FIELDS})
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("It is shown on the municipality’s page now."))
            return redirect(_back(provision.municipality))
    return _form_page(request, area, form, None)


@FORM
@login_required
def provision_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    provision, own = get_provision(area, pk), municipalities_of_area(slug)
    form = ProvisionForm(request.POST or None, municipalities=own, initial={name: getattr(provision, name) for name in PROVISION_FIELDS} | {"version": provision.version})
    if form.is_valid():
        version, mine = form.cleaned_data["version"], {name: form.cleaned_data[name] for name in PROVISION_FIELDS}
        try:
            edit_provision(by=request.acting, area_id=area.pk, pk=pk, version=version, values=mine)
        except ChangedMeanwhile as conflict:
            return _conflict(request, area, conflict.current, version, mine, own)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(_back(mine["municipality"]))
    return _form_page(request, area, form, provision)


@FORM
@login_required
def provision_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    provision = get_provision(area, pk)
    if request.method == "POST":
        try:
            end_provision(by=request.acting, area_id=area.pk, pk=pk)
        except ValidationError as error:
            messages.info(request, error.messages[0])
        else:
            messages.success(request, _("It is shown no longer."))
        return redirect(_back(provision.municipality))
    return render(request, "pilots/provision_end.html", {"provision": provision, "cancel_url": _back(provision.municipality), "breadcrumbs": breadcrumbs(area, (_("Availability of education"), ""))})


@require_safe
@login_required
def provision_history_page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    provision = get_provision(area, pk)
    context = {"provision": provision, "timeline": timeline_of(provision_history(provision)), "back_url": _back(provision.municipality), "breadcrumbs": breadcrumbs(area, (_("Availability of education"), ""))}
    return render(request, "pilots/provision_history.html", context)


def _form_page(request: HttpRequest, area: PilotArea, form: ProvisionForm, provision: Provision | None) -> HttpResponse:
    end_url = reverse("pilots:provision_end", args=[area.slug, provision.pk]) if provision else ""
    history_url = reverse("pilots:provision_history", args=[area.slug, provision.pk]) if provision else ""
    context = {"area": area, "form": form, "end_url": end_url, "history_url": history_url, "cancel_url": _back(provision.municipality) if provision else area.get_absolute_url(), "breadcrumbs": breadcrumbs(area, (_("Availability of education"), ""))}
    return render(request, "pilots/provision_form.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, area: PilotArea, current: Provision, version: int, mine: dict, own: list[Municipality]) -> HttpResponse:
    """Every field that differs is the reader's to decide: foreign rows stand in the fields as they were sent."""
    theirs = {name: getattr(current, name) for name in PROVISION_FIELDS}
    sides = both_versions(Provision, PROVISION_FIELDS, None, mine, theirs)
    again = ProvisionForm(sides.data(request.POST, version=current.version), municipalities=own)
    return conflict_page(request, current, again, sides, breadcrumbs(area, (_("Availability of education"), "")), _back(current.municipality))
