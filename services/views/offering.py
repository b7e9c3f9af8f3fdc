"""Our services: the own organisation's offers, and the three steps in which one is written, looked through and published."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilots.choices import Permission
from pilots.models.base import sort_field
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.offering import add_service, archive_service, confirm_service, copy_service, edit_service, publish_service, set_where
from services.choices import Publication
from services.conflicts import Conflict
from services.filters import OwnFilterSet
from services.forms.offering import CheckForm, TermsForm, VersionForm, WhatForm, WhereForm
from services.forms.outcomes import INVALID, posted, refused
from services.models import SharedService
from services.permissions import may_manage_service
from services.queries.catalogue import SHOWN_WITH, visible_services
from services.queries.offering import own_services, waiting_services
from services.views.catalogue import audience_of, facts_of
from services.views.conflicts import changed_page, over_theirs

WHAT, WHERE, TERMS, PUBLISH = "services:offer_what", "services:offer_where", "services:offer_terms", "services:offer_publish"
TEMPLATES = {WHAT: "services/offer_what.html", WHERE: "services/offer_where.html", TERMS: "services/offer_terms.html", PUBLISH: "services/offer_publish.html"}
WRITTEN_WITH = (*SHOWN_WITH, "contact", "resource__place__municipality")


@dataclass(frozen=True)
class Step:
    label: str
    state: str
    url: str | None


def own_service(view: Callable) -> Callable:
    """A page about a service of the own organisation; another's is as if it were missing."""

    @wraps(view)
    @permission_required(Permission.HANDLE_SERVICES)
    def page(request: HttpRequest, pk: int) -> HttpResponse:
        service = visible_services(request.acting).select_related(*WRITTEN_WITH).filter(pk=pk).first()
        if service is None or not may_manage_service(request.acting, service):
            raise Http404
        return view(request, service)

    return page


@require_safe
@permission_required(Permission.HANDLE_SERVICES)
def offer_list(request: HttpRequest) -> HttpResponse:
    """What waits (drafts, not checked in time) is said above and a press away."""
    filterset = OwnFilterSet(request.GET, own_services(request.acting).select_related(*SHOWN_WITH))
    context = list_context(request, filterset.qs.order_by(sort_field(), "pk"), filterset)
    count = context["page_obj"].paginator.count
    context |= {"count_text": ngettext("%(count)s shared service", "%(count)s shared services", count) % {"count": count}, "waits": waiting_services(request.acting)}
    context["breadcrumbs"] = [(_("Shared services"), reverse("services:service_list")), (_("Our services"), None)]
    return render(request, "services/offer_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.HANDLE_SERVICES)
def offer_add(request: HttpRequest) -> HttpResponse:
    form = WhatForm(posted(request), by=request.acting, service=None)
    if form.is_valid():
        try:
            service = add_service(by=request.acting, values={name: form.cleaned_data[name] for name in form.FIELDS})
        except ValidationError as error:
            refused(form, error)
        else:
            return _go_on(request, service, WHERE)
    return _step(request, None, WHAT, form)


@require_http_methods(["GET", "HEAD", "POST"])
@own_service
def offer_what(request: HttpRequest, service: SharedService) -> HttpResponse:
    form = WhatForm(posted(request), by=request.acting, service=service)
    if form.is_valid():
        try:
            edit_service(by=request.acting, service=service, version=form.cleaned_data["version"], values={name: form.cleaned_data[name] for name in form.FIELDS})
        except Conflict as conflict:
            return _again(request, conflict, WHAT, form)
        except ValidationError as error:
            refused(form, error)
        else:
            return _go_on(request, service, WHERE)
    return _step(request, service, WHAT, form)


@require_http_methods(["GET", "HEAD", "POST"])
@own_service
def offer_where(request: HttpRequest, service: SharedService) -> HttpResponse:
    form = WhereForm(posted(request), by=request.acting, service=service)
    if form.is_valid():
        data, makes = form.cleaned_data, form.makes_resource
        given = {
            "place": form.places.get(data["place"]), "new_place": form.place_values() if form.asks_place() else None, "resource": form.resources.get(data.get("resource", "")),
            "new_resource": form.resource_values() if makes else None, "hours": form.hours() if makes else None,
        }  # fmt: skip
        try:
            set_where(by=request.acting, service=service, version=data["version"], **given)
        except Conflict as conflict:
            return _again(request, conflict, WHERE, form)
        except ValidationError as error:
            refused(form, error)
        else:
            return _go_on(request, service, TERMS)
    return _step(request, service, WHERE, form)


@require_http_methods(["GET", "HEAD", "POST"])
@own_service
def offer_terms(request: HttpRequest, service: SharedService) -> HttpResponse:
    form = TermsForm(posted(request), by=request.acting, service=service)
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            edit_service(by=request.acting, service=service, version=form.cleaned_data["version"], values=values)
        except Conflict as conflict:
            return _again(request, conflict, TERMS, form)
        except ValidationError as error:
            refused(form, error)
        else:
            return _go_on(request, service, PUBLISH)
    return _step(request, service, TERMS, form)


@require_http_methods(["GET", "HEAD", "POST"])
@own_service
def offer_publish(request: HttpRequest, service: SharedService) -> HttpResponse:
    """The last look: as others will see it."""
    if service.state == Publication.PUBLIC and request.method != "POST":
        return redirect(service)
    form = VersionForm(posted(request), initial={"version": service.version})
    if form.is_valid():
        try:
            publish_service(by=request.acting, service=service, version=form.cleaned_data["version"])
        except Conflict as conflict:
            return changed_page(request, conflict, service.get_absolute_url())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The service is public now. Others find it among the shared services."))
            return redirect(service)
    return _step(request, service, PUBLISH, form, **facts_of(service), audience=audience_of(service))


@require_http_methods(["GET", "HEAD", "POST"])
@own_service
def offer_confirm(request: HttpRequest, service: SharedService) -> HttpResponse:
    form, theirs = CheckForm(posted(request), initial={"version": service.version, "check_by": CheckForm.likely_day()}), None
    if form.is_valid():
        try:
            confirm_service(by=request.acting, service=service, **form.cleaned_data)
        except Conflict as conflict:
            theirs = over_theirs(form, CheckForm(initial={"version": conflict.obj.version, "check_by": conflict.obj.check_by}), conflict.obj)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Noted: all of it is right today."))
            return redirect("services:offer_list")
    context = {"service": service, "form": form, "theirs": theirs, "cancel_url": reverse("services:offer_list"), "breadcrumbs": way_to(service, _("Still right?"))}
    return render(request, "services/offer_confirm.html", context, status=409 if theirs else INVALID if form.errors else 200)


@require_POST
@own_service
def offer_copy(request: HttpRequest, service: SharedService) -> HttpResponse:
    copy = copy_service(by=request.acting, service=service)
    messages.success(request, _("Here is the copy, as a draft. Change its name first."))
    return redirect(WHAT, pk=copy.pk)


@require_POST
@own_service
def offer_archive(request: HttpRequest, service: SharedService) -> HttpResponse:
    form = VersionForm(request.POST)
    if form.is_valid():
        try:
            archive_service(by=request.acting, service=service, version=form.cleaned_data["version"])
        except Conflict as conflict:
            return changed_page(request, conflict, service.get_absolute_url())
        messages.success(request, _("Archived. It can be published again at any time, and what has been booked stays booked."))
    return redirect("services:offer_list")


def _go_on(request: HttpRequest, service: SharedService, following: str) -> HttpResponse:
    """To the next step, or out: everything is kept either way."""
    if "close" not in request.POST:
        return redirect(following, pk=service.pk)
    messages.success(request, _("Saved. You can go on at any time."))
    return redirect("services:offer_list")


def _again(request: HttpRequest, conflict: Conflict, here: str, form) -> HttpResponse:
    """The step as it was written, over what somebody else saved meanwhile."""
    service = SharedService.objects.select_related(*WRITTEN_WITH).get(pk=conflict.obj.pk)
    theirs = over_theirs(form, type(form)(by=request.acting, service=service), service)
    return _step(request, service, here, form, status=409, theirs=theirs)


def _step(request: HttpRequest, service: SharedService | None, here: str, form, *, status: int = 200, **context) -> HttpResponse:
    labels = {WHAT: _("What it is"), WHERE: _("What is booked and where"), TERMS: _("For whom and how"), PUBLISH: _("Look and publish")}
    if service and service.state == Publication.PUBLIC:
        labels.pop(PUBLISH)
    names = list(labels)
    steps = [
        Step(labels[name], "here" if name == here else "done" if names.index(name) < names.index(here) else "ahead", reverse(name, args=[service.pk]) if service and name != here else None)
        for name in names
    ]
    context |= {
        "service": service, "form": form, "steps": steps, "step_number": names.index(here) + 1, "step_count": len(names), "step_label": labels[here],
        "cancel_url": reverse("services:offer_list"), "breadcrumbs": way_to(service, labels[here]),
    }  # fmt: skip
    return render(request, TEMPLATES[here], context, status=INVALID if form.errors else status)


def way_to(service: SharedService | None, here: str) -> list:
    return [(_("Our services"), reverse("services:offer_list")), *([(service.name, service.get_absolute_url())] if service else []), (here, None)]
