"""Runs of courses: what they are, seats for the own organisation, and the provider's own pages."""
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.courses import EDITABLE, call_off_run, change_run, offer_run, set_quota
from services.actions.enrolments import enrol, move_enrolment, note_attendance
from services.choices import ENDED, EnrolmentState, Entry, Publication, ServiceKind
from services.conflicts import Conflict
from services.forms.courses import CallOffForm, EnrolForm, MoveForm, QuotaForm, RunForm, tell_refusal
from services.models import CourseRun, SharedService
from services.permissions import enrolment_moves, may_enrol, may_manage_run, may_note_attendance
from services.queries.courses import READ_WITH, enrolments_of, get_enrolment, get_run, read_seats, waiting_list

INVALID, TAKEN = 422, 409
NOTE = "note"
handles_services = permission_required(Permission.HANDLE_SERVICES)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _done(form: forms.Form, act: Callable[[], object]) -> int:
    """Does it, or tells the form why not: the answer's status, 200 when done."""
    try:
        act()
    except ValidationError as error:
        tell_refusal(form, error)
        return INVALID
    except Conflict as conflict:
        form.add_error(None, conflict.message)
        return TAKEN
    return 200


def _way(run: CourseRun, title: str = "") -> list[tuple[str, str | None]]:
    service = run.service
    way = [(_("Shared services"), reverse("services:service_list")), (service.name, service.get_absolute_url())]
    return [*way, (run.title, run.get_absolute_url()), (title, None)] if title else [*way, (run.title, None)]


def _own_run(request: HttpRequest, pk: int) -> CourseRun:
    run = get_run(request.acting, pk)
    if not may_manage_run(request.acting, run):
        raise Http404
    return run


@require_safe
@login_required
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_run(request.acting, pk)
    seats, today = read_seats(run, timezone.localdate()), timezone.localdate()
    is_open = run.called_off_at is None and today <= run.enrol_by and run.service.state == Publication.PUBLIC
    context = {
        "breadcrumbs": _way(run),
        "run": run,
        "service": run.service,
        "seats": seats,
        "open_to_you": seats.open_to(request.acting.organisation_id),
        "is_open": is_open,
        "today": today,
        "may_ask": is_open and run.entry != Entry.ASK and may_enrol(request.acting),
        "may_manage": may_manage_run(request.acting, run),
        "own": list(enrolments_of(request.acting).filter(run=run, organisation=request.acting.organisation_id).exclude(state__in=ENDED)[:20]),
    }
    return render(request, "services/run_detail.html", context)


@form_methods
@login_required
def run_enrol(request: HttpRequest, pk: int) -> HttpResponse:
    if not may_enrol(request.acting):
        raise PermissionDenied
    run, status = get_run(request.acting, pk), 200
    form = EnrolForm(request.POST if request.method == "POST" else None, run=run)
    if form.is_valid():
        made = []
        status = _done(form, lambda: made.append(enrol(by=request.acting, run=run, **form.asked())))
        if made:
            messages.success(request, _told(made[0].state))
            return redirect(made[0])
    seats = read_seats(run, timezone.localdate())
    context = {"breadcrumbs": _way(run, _("Ask for seats")), "form": form, "run": run, "cancel_url": run.get_absolute_url(), "open_to_you": seats.open_to(request.acting.organisation_id)}
    return render(request, "services/run_enrol.html", context, status=status if status != 200 or not form.errors else INVALID)


def _told(state: str) -> str:
    return {
        EnrolmentState.HELD: _("The seats are held for you. Confirm them in time."),
        EnrolmentState.WAITING: _("No seats are free now. You are on the waiting list and told when there are."),
        EnrolmentState.APPLIED: _("The application has been sent. The provider answers it."),
        EnrolmentState.ENROLLED: _("The seats are yours."),
    }.get(EnrolmentState(state), _("Saved."))


@form_methods
@handles_services
def run_add(request: HttpRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(SharedService.objects.select_related("organisation"), pk=pk, organisation=request.acting.organisation_id, kind=ServiceKind.COURSE)
    form = RunForm(request.POST if request.method == "POST" else None, service=service, instance=CourseRun(service=service, created_at=timezone.now()))
    if form.is_valid():
        made = []
        _done(form, lambda: made.append(offer_run(by=request.acting, service=service, **{name: form.cleaned_data[name] for name in EDITABLE})))
        if made:
            messages.success(request, _("The run is open for enrolment."))
            return redirect(made[0])
    way = [(_("Shared services"), reverse("services:service_list")), (service.name, service.get_absolute_url()), (_("Add a run"), None)]
    context = {"breadcrumbs": way, "form": form, "service": service, "run": None, "cancel_url": service.get_absolute_url()}
    return render(request, "services/run_form.html", context, status=INVALID if form.errors else 200)


@form_methods
@handles_services
def run_edit(request: HttpRequest, pk: int) -> HttpResponse:
    run, status = _own_run(request, pk), 200
    way = _way(run, _("Change the run"))
    form = RunForm(request.POST if request.method == "POST" else None, service=run.service, instance=run)
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in EDITABLE}
        status = _done(form, lambda: change_run(by=request.acting, run=run, version=form.cleaned_data["version"] or 0, **fields))
        if status == 200:
            messages.success(request, _("Saved."))
            return redirect(run)
    context = {"breadcrumbs": way, "form": form, "service": run.service, "run": run, "cancel_url": run.get_absolute_url()}
    return render(request, "services/run_form.html", context, status=status if status != 200 or not form.errors else INVALID)


@form_methods
@handles_services
def run_call_off(request: HttpRequest, pk: int) -> HttpResponse:
    run, status = _own_run(request, pk), 200
    if run.called_off_at is not None:
        return redirect(run)
    form = CallOffForm(request.POST if request.method == "POST" else None, initial={"version": run.version})
    if form.is_valid():
        status = _done(form, lambda: call_off_run(by=request.acting, run=run, **form.cleaned_data))
        if status == 200:
            messages.success(request, _("The run is called off, and everybody on it has been told."))
            return redirect(run)
    context = {"breadcrumbs": _way(run, _("Call the run off")), "form": form, "run": run, "count": run.enrolments.exclude(state__in=ENDED).count(), "danger": True, "cancel_url": run.get_absolute_url()}
    return render(request, "services/run_call_off.html", context, status=status if status != 200 or not form.errors else INVALID)


@form_methods
@handles_services
def run_quotas(request: HttpRequest, pk: int) -> HttpResponse:
    run, status = _own_run(request, pk), 200
    form = QuotaForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        status = _done(form, lambda: set_quota(by=request.acting, run=run, **form.cleaned_data))
        if status == 200:
            messages.success(request, _("Saved."))
            return redirect("services:run_quotas", run.pk)
    quotas, today = list(run.quotas.select_related("organisation").order_by("organisation__sort_key_fi")), timezone.localdate()
    context = {"breadcrumbs": _way(run, _("Seats kept for organisations")), "form": form, "run": run, "quotas": quotas, "today": today, "seats": read_seats(run, today), "cancel_url": run.get_absolute_url()}
    return render(request, "services/run_quotas.html", context, status=status if status != 200 or not form.errors else INVALID)


@require_safe
@handles_services
def run_enrolments(request: HttpRequest, pk: int) -> HttpResponse:
    """The provider's list: who waits is in order, and first come applications that wait for an answer."""
    run = _own_run(request, pk)
    order = [EnrolmentState.APPLIED, EnrolmentState.HELD, EnrolmentState.ENROLLED, EnrolmentState.WAITING]
    rows = sorted(run.enrolments.select_related("organisation"), key=lambda row: (order.index(row.state) if row.state in order else len(order), row.queue_number or 0, row.asked_at))
    context = list_context(request, rows) | {"breadcrumbs": _way(run, _("Enrolments")), "run": run, "seats": read_seats(run, timezone.localdate())}
    context["count_text"] = ngettext("%(count)s enrolment", "%(count)s enrolments", len(rows)) % {"count": len(rows)}
    return render(request, "services/run_enrolments.html", context)


@require_safe
@login_required
def enrolment_list(request: HttpRequest) -> HttpResponse:
    """The own organisation's, the newest first."""
    if not may_enrol(request.acting):
        raise PermissionDenied
    rows = enrolments_of(request.acting).filter(organisation=request.acting.organisation_id).select_related(*READ_WITH).order_by("-asked_at", "-pk")
    context = list_context(request, rows)
    count = context["page_obj"].paginator.count
    context["count_text"] = ngettext("%(count)s enrolment", "%(count)s enrolments", count) % {"count": count}
    context["breadcrumbs"] = [(_("Shared services"), reverse("services:service_list")), (_("Enrolments of your organisation"), None)]
    return render(request, "services/enrolment_list.html", context)


@form_methods
@login_required
def enrolment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    enrolment, status = get_enrolment(request.acting, pk), 200
    moves, may_note = enrolment_moves(request.acting, enrolment), may_note_attendance(request.acting, enrolment)
    form = MoveForm(request.POST if request.method == "POST" else None, enrolment=enrolment, moves=moves, may_note=may_note)
    if form.is_valid():
        data, target = form.cleaned_data, request.POST.get("target", "")
        if target == NOTE and data.get("attended") is None:
            form.add_error("attended", _("Write how many took part."))
        elif target == NOTE:
            status = _done(form, lambda: note_attendance(by=request.acting, enrolment=enrolment, attended=data["attended"], version=data["version"]))
        else:
            given = {"target": target, "reason": data.get("reason", ""), "attended": data.get("attended"), "version": data["version"]}
            status = _done(form, lambda: move_enrolment(by=request.acting, enrolment=enrolment, **given))
        if status == 200 and not form.errors:
            messages.success(request, _("Saved."))
            return redirect(enrolment)
    ahead = waiting_list(enrolment.run).filter(queue_number__lt=enrolment.queue_number).count() if enrolment.queue_number else 0
    is_late = enrolment.held_until is not None and enrolment.held_until <= timezone.now()
    buttons = [(move.target, _button(move.target), move.target == EnrolmentState.CANCELLED) for move in moves if not (is_late and move.target == EnrolmentState.ENROLLED)]
    if may_note:
        buttons.append((NOTE, _("Save only how many took part"), False))
    context = {
        "breadcrumbs": _way(enrolment.run, _("Enrolment")),
        "enrolment": enrolment,
        "run": enrolment.run,
        "form": form,
        "buttons": buttons,
        "place_in_queue": ahead + 1,
    }
    return render(request, "services/enrolment_detail.html", context, status=status if status != 200 or not form.errors else INVALID)


def _button(target: str) -> str:
    return {
        EnrolmentState.ENROLLED: _("Confirm the seats"),
        EnrolmentState.WAITING: _("Put on the waiting list"),
        EnrolmentState.DECLINED: _("Do not admit"),
        EnrolmentState.COMPLETED: _("Mark as completed"),
        EnrolmentState.INTERRUPTED: _("Mark as interrupted"),
        EnrolmentState.CANCELLED: _("Cancel the enrolment"),
    }[EnrolmentState(target)]
