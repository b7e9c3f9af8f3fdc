"""Seats on shared courses: found for a client, asked for, confirmed or cancelled; and the sheet with the names."""
from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.enrolments import enrol_client, move_seat
from guidance.choices import LogAction
from guidance.documents.course_sheet import CONTENT_TYPE, workbook
from guidance.forms.outcomes import refused
from guidance.forms.seats import AskForm, FindForm, SeatForm
from guidance.models import PathwayEnrolment
from guidance.queries.course_matching import find_courses, is_free, wanted_by
from guidance.queries.course_sheets import runs_with_clients, seats_in_all, sheet_of
from guidance.queries.pathway_page import PathwayPage
from guidance.reading import Refused, client_page
from guidance.views.pathways import back_to, breadcrumbs, conflict, form_page, page_of, posted
from pilots.views.listing import list_context
from services.choices import EnrolmentState, Entry, Publication
from services.conflicts import Conflict
from services.models import CourseRun, SharedService
from services.permissions import enrolment_moves
from services.queries.catalogue import may_use
from services.queries.courses import get_run, read_seats


@require_safe
@client_page
def course_find(request: HttpRequest, pseudonym: str) -> HttpResponse:
    page = page_of(request, pseudonym)
    if page.is_ended:
        return _ended(request, page)
    form = FindForm(request.GET)
    found = find_courses(request.acting, wanted_by(page), today=timezone.localdate(), **form.narrow)
    for hit in found.hits:
        hit.is_free = is_free(hit.seats, request.acting.organisation_id)
    count = ngettext("%(count)d open run", "%(count)d open runs", found.count) % {"count": found.count}
    context = {"page": page, "pathway": page.pathway, "form": form, "found": found, "count_text": count, "breadcrumbs": breadcrumbs(page.pathway, (_("Find a course"), ""))}
    return render(request, "guidance/course_find.html", context)


def _ended(request: HttpRequest, page: PathwayPage) -> HttpResponse:
    messages.error(request, _("This pathway has ended. Reopen it before you go on."))
    return back_to(page.pathway)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def course_ask(request: HttpRequest, pseudonym: str, run: int) -> HttpResponse:
    """A seat on this run: held, taken, applied for or waited for; or how the provider is asked."""
    page = page_of(request, pseudonym)
    if page.is_ended:
        return _ended(request, page)
    pathway, course_run = page.pathway, _run_for(request, run)
    seats, today = read_seats(course_run, timezone.localdate()), timezone.localdate()
    free = is_free(seats, request.acting.organisation_id)
    form = AskForm(posted(request), run=course_run, options=page.compared, is_free=free)
    if form.is_valid():
        try:
            link = enrol_client(by=request.acting, pathway=pathway, run=course_run, **form.asked())
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _told(link.enrolment.state))
            return back_to(pathway)
    context = {
        "run": course_run, "seats": seats, "free_for_you": seats.open_to(request.acting.organisation_id), "is_free": free, "is_open": today <= course_run.enrol_by and course_run.entry != Entry.ASK,
        "cancel_url": reverse("guidance:course_find", args=[pseudonym]),
    }
    return form_page(request, "guidance/course_ask.html", pathway, form, _("A seat on a course"), **context)


def _run_for(request: HttpRequest, pk: int) -> CourseRun:
    """Whoever sends the form of a course that was archived meanwhile is told so by the action, and by no bare 404."""
    try:
        return get_run(request.acting, pk)
    except Http404:
        archived = SharedService.objects.filter(may_use(request.acting), state=Publication.ARCHIVED)
        run = CourseRun.objects.select_related("service__organisation").filter(pk=pk, service__in=archived.values("pk")).first()
        if request.method != "POST" or run is None:
            raise
        return run


def _told(state: str) -> str:
    return {
        EnrolmentState.HELD: _("The seat is held for the client. A next step to confirm it in time has been added."),
        EnrolmentState.WAITING: _("No seat is free now. The client waits in the queue, and the timeline tells when there is one."),
        EnrolmentState.APPLIED: _("The application has been sent. The timeline tells the provider's answer."),
        EnrolmentState.ENROLLED: _("The client is enrolled. No name was sent."),
    }.get(EnrolmentState(state), _("Saved."))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def seat_detail(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """What the seat is now; its organisation confirms or cancels it."""
    page = page_of(request, pseudonym)
    pathway, seat = page.pathway, next((row for row in page.seats if row.pk == pk), None)
    if seat is None:
        raise Refused([pathway.pseudonym])
    link = PathwayEnrolment.objects.select_related("enrolment__run__service").get(pk=pk)
    enrolment = link.enrolment
    moves = [] if page.is_ended else [move.target for move in enrolment_moves(request.acting, enrolment) if _is_ours(request, enrolment, move.target)]
    late = enrolment.held_until is not None and enrolment.held_until <= timezone.now()
    buttons = [(target, _button(target), target == EnrolmentState.CANCELLED) for target in moves if not (late and target == EnrolmentState.ENROLLED)]
    form = SeatForm(posted(request), initial={"version": enrolment.version})
    if form.is_valid():
        target = request.POST.get("target", "")
        try:
            if target not in (EnrolmentState.ENROLLED, EnrolmentState.CANCELLED):
                raise ValidationError(_("Choose what becomes of the seat."))
            move_seat(by=request.acting, link=link, target=target, version=form.cleaned_data["version"])
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The seat is the client's.") if target == EnrolmentState.ENROLLED else _("The seat has been cancelled. Check that the next step fits."))
            return back_to(pathway)
    return form_page(request, "guidance/seat_detail.html", pathway, form, _("Seat on a course"), seat=seat, buttons=buttons, is_ours=enrolment.organisation_id == request.acting.organisation_id)


def _is_ours(request: HttpRequest, enrolment, target: str) -> bool:
    """What the borrower does, also on a course of the own organisation."""
    return enrolment.organisation_id == request.acting.organisation_id and (
        target == EnrolmentState.CANCELLED or (target == EnrolmentState.ENROLLED and enrolment.state == EnrolmentState.HELD)
    )


def _button(target: str) -> str:
    return _("Confirm the seat") if target == EnrolmentState.ENROLLED else _("Cancel the seat")


@require_safe
@client_page
def course_list(request: HttpRequest) -> HttpResponse:
    """Courses on which there are clients whose names the reader may see: numbers alone."""
    request.reading.counts_only()
    context = list_context(request, runs_with_clients(request.acting, timezone.localdate()))
    count = context["page_obj"].paginator.count
    context["count_text"] = ngettext("%(count)s course", "%(count)s courses", count) % {"count": count}
    context["breadcrumbs"] = [(_("Clients"), reverse("guidance:client_list")), (_("Clients on courses"), "")]
    return render(request, "guidance/course_list.html", context)


@require_safe
@client_page
def course_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet with names, for the screen and for paper."""
    run, rows, unnamed = _sheet(request, pk)
    request.reading.show([row.pathway for row in rows], action=LogAction.PRINT)
    way = [(_("Clients"), reverse("guidance:client_list")), (_("Clients on courses"), reverse("guidance:course_list")), (run.service.name, "")]
    return render(request, "guidance/course_sheet.html", {"run": run, "rows": rows, "unnamed": unnamed, "breadcrumbs": way})


@require_safe
@client_page
def course_sheet_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a workbook; its name tells the course's number alone."""
    run, rows, _unnamed = _sheet(request, pk)
    request.reading.show([row.pathway for row in rows], action=LogAction.EXPORT)
    response = HttpResponse(workbook(_("Names"), _lines(run, rows)), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="course-{run.pk}.xlsx"'
    return response


def _sheet(request: HttpRequest, pk: int) -> tuple[CourseRun, list[PathwayEnrolment], int]:
    run = CourseRun.objects.select_related("service__organisation", "place").filter(pk=pk).first()
    seats = seats_in_all(request.acting, run) if run else None
    if run is None or seats is None:
        raise Http404
    rows = sheet_of(request.acting, run)
    return run, rows, max(0, seats - len(rows))


def _lines(run: CourseRun, rows: list[PathwayEnrolment]) -> Iterator[list[str]]:
    yield [run.service.name, run.title, run.timetable]
    yield [_("Name"), _("Identifier"), _("State"), _("Language of service"), _("Interpreter"), _("Organisation")]
    for row in rows:
        client, enrolment = row.pathway.client, row.enrolment
        yield [
            client.full_name, row.pathway.pseudonym, capfirst(enrolment.get_state_display()), client.get_service_language_display(), client.interpreter_language, enrolment.organisation.name,
        ]
