"""Next steps and appointments: add, change, give to somebody, mark as done; one appointment for the worker's own calendar."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.timeline import add_step, change_step, finish_step
from guidance.documents.calendar import appointment_calendar
from guidance.forms.outcomes import refused
from guidance.forms.steps import AttendedForm, FollowingStepForm, StepForm
from guidance.models import NextStep
from guidance.permissions import may_see_protected_details
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.pathways import back_to, conflict, form_page, get_of, posted
from pilots.actions.people import portal_url
from services.conflicts import Conflict

STEPS = NextStep.objects.select_related("responsible__user", "responsible__organisation", "handoff")


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def step_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    form = StepForm(posted(request), pathway=pathway, acting=request.acting)
    if form.is_valid():
        try:
            step = add_step(by=request.acting, pathway=pathway, token=form.cleaned_data["token"], **form.values())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _said_of(step, request))
            return back_to(pathway)
    return form_page(request, "guidance/step_add.html", pathway, form, _("Add a next step"))


def _said_of(step: NextStep, request: HttpRequest) -> str:
    if step.responsible_id == request.acting.pk:
        return _("The step is on your list. On its day it waits for you under “Waiting for me”.")
    return _("The step is on the list of the person whom you named.")


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def step_change(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """Another day, time, place or wording; and another person."""
    pathway = get_pathway_for(request, pseudonym)
    step = get_of(pathway, STEPS, pk)
    shows_place = may_see_protected_details(request.acting, pathway)
    form = StepForm.of_step(step, posted(request), pathway=pathway, acting=request.acting, shows_place=shows_place)
    if form.is_valid():
        values = form.values()
        if not shows_place:
            values.pop("place", None)
        try:
            change_step(by=request.acting, step=step, **values)
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The step is changed."))
            return back_to(pathway)
    return form_page(request, "guidance/step_add.html", pathway, form, _("Change the step"), step=step)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def step_finish(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """Done, and in the same form the step that follows: needed when no other is open."""
    pathway = get_pathway_for(request, pseudonym)
    step = get_of(pathway, STEPS, pk)
    if step.done_at and request.method != "POST":
        messages.info(request, _("This step is already done."))
        return back_to(pathway)
    if step.is_first_contact:
        messages.info(request, _("This is the first contact of a hand-off: confirm on its page that the client was met, or name a new time."))
        return redirect("guidance:handoff_detail", step.handoff_id)
    needed = not pathway.next_steps.open().exclude(pk=step.pk).exists()
    data = posted(request)
    asks_attended = step.starts_at is not None
    attended = AttendedForm(data) if asks_attended else None
    form = FollowingStepForm(data, needed=needed, pathway=pathway, acting=request.acting, initial={"responsible": step.responsible_id})
    if form.is_valid() and (attended is None or attended.is_valid()):
        following = form.values() | {"token": form.cleaned_data["token"]} if form.is_filled else None
        try:
            finish_step(by=request.acting, step=step, attended=attended.value() if attended else None, following=following)
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Done. The following step is dated and has its person.") if following else _("Done. The other open steps are below."))
            return back_to(pathway)
    response = form_page(request, "guidance/step_finish.html", pathway, form, _("Mark the step as done"), step=step, attended=attended, needed=needed)
    if attended and attended.errors:
        response.status_code = 422
    return response


@require_safe
@client_page
def step_calendar(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """One appointment as an iCalendar file. It leaves the portal, so it holds the pseudonym only: no name, no place."""
    pathway = get_pathway_for(request, pseudonym)
    step = get_of(pathway, STEPS, pk)
    if step.starts_at is None:
        raise Refused([pseudonym])
    response = HttpResponse(appointment_calendar(pathway, step, portal_url(pathway.get_absolute_url())), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{pseudonym}.ics"'
    return response
