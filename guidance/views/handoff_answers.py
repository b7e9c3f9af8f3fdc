"""What is done with a hand-off that was sent: answers, the first contact, a pause, a new link."""
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guidance.actions.answers import accept_handoff, decline_handoff
from guidance.actions.first_contacts import change_first_contact, confirm_met
from guidance.actions.handoffs import pause_ladder, withdraw_handoff
from guidance.actions.links import renew_outside_link
from guidance.choices import OPEN_HANDOFF, ContactWay, HandoffState, Purpose
from guidance.forms.handoff_answers import AnotherTimeForm, DeclineForm, FirstContactForm, MetForm, OutsideDeclinedForm, PauseForm, WithdrawForm
from guidance.forms.outcomes import refused
from guidance.models import Handoff
from guidance.permissions import may_answer, may_give_answer, may_see_handoff, may_see_protected_details, may_steer_sent
from guidance.queries.handoff_page import handoffs, is_receiving, passed_on
from guidance.reading import client_page
from guidance.views.conflicts import tells_conflicts
from guidance.views.handoffs import FORM, get_handoff_for, handoff_breadcrumbs


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_accept(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = get_handoff_for(request, pk, expected=(HandoffState.SENT,))
    if not may_give_answer(request.acting, handoff):
        raise PermissionDenied
    form = FirstContactForm(request.POST or None)
    shown = passed_on(handoff.pathway, handoff.sections, handoff.to_organisation_id) if handoff.to_organisation_id else []

    def act() -> None:
        accept_handoff(by=request.acting, handoff=handoff, **form.cleaned_data)
        if handoff.to_organisation_id is None:
            messages.success(request, _("The acceptance is written down. Ask after the time you named whether the client was met, and confirm it here."))
        else:
            messages.success(request, _("Accepted. Hold the first contact at the time you named, and confirm it here afterwards."))

    return _answer(request, handoff, form, act, "guidance/handoff_accept.html", {"passed_on": shown})


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_decline(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = get_handoff_for(request, pk, expected=(HandoffState.SENT,))
    if not may_give_answer(request.acting, handoff):
        raise PermissionDenied
    outside = handoff.to_organisation_id is None
    form = (OutsideDeclinedForm if outside else DeclineForm)(request.POST or None)

    def act() -> None:
        decline_handoff(by=request.acting, handoff=handoff, reason=form.cleaned_data["decline_reason"])
        if outside:
            messages.success(request, _("The refusal is written down. The client stays with you, and a dated step to go on from is on the list."))
        else:
            messages.success(request, _("Declined. The sender has been told and has a dated step to go on from; the client is where they were."))

    return _answer(request, handoff, form, act, "guidance/handoff_decline.html")


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an unanswered one back; undo an accepted one with a reason. Whoever saw another state than it has now is told first."""
    seen = request.POST.get("seen")
    handoff = get_handoff_for(request, pk, expected=(seen,) if seen in OPEN_HANDOFF else OPEN_HANDOFF)
    accepted = handoff.state == HandoffState.ACCEPTED
    if not (may_steer_sent(request.acting, handoff) or (accepted and may_answer(request.acting, handoff))):
        raise PermissionDenied
    form = WithdrawForm(request.POST if request.method == "POST" else None, state=handoff.state)

    def act() -> None:
        withdraw_handoff(by=request.acting, handoff=handoff, **form.cleaned_data)
        messages.success(request, _("The hand-off is withdrawn. The receiver sees nothing of it from now on.") if not accepted else _("The hand-off is undone. Lead and owner are again who they were before."))

    return _answer(request, handoff, form, act, "guidance/handoff_withdraw.html", {"accepted": accepted})


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_met(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = get_handoff_for(request, pk, expected=(HandoffState.ACCEPTED,))
    if not is_receiving(request.acting, handoff):
        raise PermissionDenied
    form = MetForm(request.POST or None, answered_at=handoff.answered_at, initial={"held_at": min(handoff.first_contact_at, timezone.now()), "way": handoff.first_contact_way})

    def act() -> None:
        confirm_met(by=request.acting, handoff=handoff, **form.cleaned_data)
        messages.success(request, _("The first contact is confirmed. The sender has been told, and the reminders have ended."))

    return _answer(request, handoff, form, act, "guidance/handoff_met.html")


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time for a first contact that was not held."""
    handoff = get_handoff_for(request, pk, expected=(HandoffState.ACCEPTED,))
    if not is_receiving(request.acting, handoff):
        raise PermissionDenied
    form = AnotherTimeForm(request.POST or None, initial={"first_contact_way": handoff.first_contact_way}, shows_place=may_see_protected_details(request.acting, handoff.pathway))

    def act() -> None:
        change_first_contact(by=request.acting, handoff=handoff, **form.cleaned_data)
        messages.success(request, _("The new time of the first contact is written down. The reminders go on from where they were."))

    return _answer(request, handoff, form, act, "guidance/handoff_contact.html")


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_pause(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = get_handoff_for(request, pk, expected=OPEN_HANDOFF)
    if not may_steer_sent(request.acting, handoff):
        raise PermissionDenied
    form = PauseForm(request.POST or None, initial={"pause_reason": handoff.pause_reason})

    def act() -> None:
        pause_ladder(by=request.acting, handoff=handoff, until=form.cleaned_data["paused_until"], reason=form.cleaned_data["pause_reason"])
        messages.success(request, _("The reminders rest until the day you chose. The hand-off itself stays open."))

    return _answer(request, handoff, form, act, "guidance/handoff_pause.html")


@require_POST
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link for a body outside whose link has expired or was lost."""
    handoff = get_handoff_for(request, pk, expected=(HandoffState.SENT,))
    if not may_steer_sent(request.acting, handoff):
        raise PermissionDenied
    try:
        renew_outside_link(by=request.acting, handoff=handoff)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("A new link is on its way; the old one no longer works."))
    return redirect("guidance:handoff_detail", handoff.pk)


def _answer(request: HttpRequest, handoff: Handoff, form: Form, act, template: str, more: dict | None = None) -> HttpResponse:
    """Form, action, then the hand-off as both sides see it now; who may no longer see it goes to the list."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("guidance:handoff_detail", handoff.pk) if may_see_handoff(request.acting, handoffs().get(pk=handoff.pk)) else redirect("guidance:handoff_list")
    context = {
        "handoff": handoff,
        "form": form,
        "ways": ContactWay,
        "cancel_url": reverse("guidance:handoff_detail", args=[handoff.pk]),
        "breadcrumbs": handoff_breadcrumbs(request, handoff.pathway, (_("Hand-off"), reverse("guidance:handoff_detail", args=[handoff.pk])), (_("Answer"), "")),
    }
    return render(request, template, context | (more or {}), status=422 if form.errors else 200)
