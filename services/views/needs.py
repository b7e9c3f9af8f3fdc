"""Needs: what the own organisation looks for with the offers that could meet it, and what others look for."""
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.needs import answer_need, edit_need, end_need, post_need
from services.choices import NeedState, ServiceKind, ServiceLanguage, Weekday
from services.conflicts import Conflict
from services.filters import NeedFilterSet
from services.forms.needs import AnswerForm, NeedForm, of_booking
from services.forms.offering import VersionForm
from services.forms.outcomes import INVALID, posted, refused
from services.models import Booking, Need
from services.permissions import may_ask_substitute, may_manage_need
from services.queries.bookings import get_booking
from services.queries.meeting import Match, asked_at, matches_of, needs_to_meet, own_matches
from services.queries.needs import answers_to, get_need, get_own_need, needs_of_others, own_needs
from services.views.bookings import Tab
from services.views.conflicts import changed_page

HANDLE = permission_required(Permission.HANDLE_SERVICES)
OWN, COULD, ALL = "own", "could", "all"
LISTED_WITH = ("organisation", "municipality")


@require_safe
@HANDLE
def need_list(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", OWN)
    if show == COULD:
        context = list_context(request, needs_to_meet(request.acting))
        context["met_by"] = True
    else:
        show = ALL if show == ALL else OWN
        rows = (needs_of_others if show == ALL else own_needs)(request.acting).select_related(*LISTED_WITH)
        filterset = NeedFilterSet(request.GET, rows)
        context = list_context(request, filterset.qs.order_by("state" if show == OWN else "pk", "-is_urgent", "-created_at", "-pk") if show == OWN else filterset.qs, filterset) | {"met_by": False}
    here, count = reverse("services:need_list"), context["page_obj"].paginator.count
    labels = {OWN: _("Our needs"), COULD: _("We could help"), ALL: _("All needs of others")}
    context |= {
        "tabs": [Tab(label, f"{here}?show={code}", code == show) for code, label in labels.items()], "show": show,
        "count_text": ngettext("%(count)d need", "%(count)d needs", count) % {"count": count},
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Needs"), None)],
    }  # fmt: skip
    return render(request, "services/need_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def need_add(request: HttpRequest) -> HttpResponse:
    return _post(request, None, _searched(request))


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def need_substitute(request: HttpRequest, pk: int) -> HttpResponse:
    """From the booking of a person, with its day and hours."""
    booking = get_booking(request.acting, pk)
    if not may_ask_substitute(request.acting, booking):
        raise Http404 if request.acting.organisation_id != booking.organisation_id else PermissionDenied
    return _post(request, booking, of_booking(booking))


def _post(request: HttpRequest, booking: Booking | None, initial: dict) -> HttpResponse:
    form = NeedForm(posted(request), by=request.acting, initial=initial)
    if form.is_valid():
        try:
            need = post_need(by=request.acting, values=form.values(), token=form.cleaned_data["token"], booking=booking)
        except ValidationError as error:
            refused(form, error)
        else:
            told = _("Posted. Those whose offers could help have been told.") if booking else _("Posted. Others see it from now on, and below is what could meet it.")
            messages.success(request, told)
            return redirect(need)
    cancel = reverse("services:booking_detail", args=[booking.pk]) if booking else reverse("services:need_list")
    title = _("Ask for a substitute") if booking else _("Post a need")
    return _form_page(request, form, title, cancel, booking=booking)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def need_edit(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_own_need(request.acting, pk)
    form, status = NeedForm(posted(request), by=request.acting, need=need), 200
    if form.is_valid():
        try:
            edit_need(by=request.acting, need=need, version=form.cleaned_data["version"], values=form.values())
        except Conflict as conflict:
            # Nothing typed is lost; sent again it is stored over what the other one wrote.
            form.add_error(None, conflict.message)
            form.data = form.data.copy()
            form.data["version"], status = conflict.obj.version, 409
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(need)
    return _form_page(request, form, _("Change the need"), need.get_absolute_url(), need=need, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def need_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """For who asks: what could meet it, and the answers. For the others: which of their services could, and the answer."""
    need = get_need(request.acting, pk)
    own = may_manage_need(request.acting, need)
    answers = answers_to(request.acting, need)
    matches = [] if not need.is_open or need.is_past else matches_of(need) if own else own_matches(request.acting, need)
    form = None
    if not own and need.is_open:
        mine = answers[0] if answers else None
        first = matches[0].service.pk if matches else None
        form = AnswerForm(posted(request), by=request.acting, initial={"service": mine.service_id, "text": mine.text} if mine else {"service": first})
    if request.method == "POST" and form is None:
        return render(request, "services/changed.html", {"message": _("This need has been ended in the meantime. Nothing of yours was stored."), "back_url": need.get_absolute_url()}, status=409)
    if form is not None and form.is_valid():
        try:
            answer_need(by=request.acting, need=need, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Your answer is on its way to those who asked."))
            return redirect(need)
    context = {
        "need": need, "own": own, "answers": answers, "form": form, "matches": [(match, _url_of(need, match)) for match in matches], "weekdays": [Weekday(day).label for day in sorted(need.weekdays) if day in Weekday.values],
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Needs"), reverse("services:need_list")), (need.what, None)],
    }  # fmt: skip
    return render(request, "services/need_detail.html", context, status=INVALID if form is not None and form.errors else 200)


@require_POST
@HANDLE
def need_end(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    need = get_own_need(request.acting, pk)
    if state not in (NeedState.MET, NeedState.WITHDRAWN):
        raise Http404
    form = VersionForm(request.POST)
    if form.is_valid():
        try:
            end_need(by=request.acting, need=need, version=form.cleaned_data["version"], state=state)
        except Conflict as conflict:
            return changed_page(request, conflict, need.get_absolute_url())
        messages.success(request, _("Noted: the need is met.") if state == NeedState.MET else _("The need is withdrawn."))
    return redirect(need)


def _searched(request: HttpRequest) -> dict:
    """What was searched for in the catalogue stands in the form already; what makes no sense does not."""
    asked = {"what": request.GET.get("q", "").replace("\x00", "").strip()[:200], "subject": request.GET.get("q", "").replace("\x00", "").strip()[:100]}
    for name, choices in (("kind", ServiceKind), ("language", ServiceLanguage)):
        if request.GET.get(name) in choices.values:
            asked[name] = request.GET[name]
    return {name: value for name, value in asked.items() if value}


def _url_of(need: Need, match: Match) -> str:
    """To the booking form with the time that is free, or to the page of the service, from which one asks."""
    if match.service.organisation_id == need.organisation_id or match.first_free is None:
        return match.service.get_absolute_url()
    name = "services:booking_add" if match.dates == 1 else "services:series_add"
    return f"{reverse(name, args=[match.service.pk])}?{urlencode(asked_at(match.first_free))}"


def _form_page(request: HttpRequest, form: NeedForm, title: str, cancel_url: str, *, booking: Booking | None = None, need: Need | None = None, status: int = 200) -> HttpResponse:
    way = [(_("Shared services"), reverse("services:service_list")), (_("Needs"), reverse("services:need_list")), (title, None)]
    context = {"form": form, "title": title, "booking": booking, "need": need, "cancel_url": cancel_url, "breadcrumbs": way}
    return render(request, "services/need_form.html", context, status=status if status != 200 else INVALID if form.errors else 200)


