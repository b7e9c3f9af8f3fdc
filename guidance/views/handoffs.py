"""Pages of a hand-off: sending in two steps, both sides' view of it, and the answers."""
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guidance.actions.handoffs import (
    accept_handoff,
    change_first_contact,
    confirm_met,
    decline_handoff,
    pause_ladder,
    send_again,
    send_handoff,
    withdraw_handoff,
)
from guidance.actions.links import renew_outside_link
from guidance.choices import OPEN_HANDOFF, ContactWay, HandoffState, LogAction, Purpose
from guidance.conflicts import Conflict
from guidance.forms.handoffs import AgainForm, DeclineForm, FirstContactForm, HandoffForm, MetForm, PauseForm, ReceiverForm, WithdrawForm
from guidance.forms.outcomes import refused
from guidance.models import Handoff, Pathway
from guidance.permissions import may_answer, may_give_answer, may_see_handoff, may_see_pathway, may_steer_sent
from guidance.queries.handoff_page import earlier_handoffs, handoffs, is_receiving, passed_on, who_can_receive, who_takes_part
from guidance.queries.handoff_words import LadderWords, history_of, ladder_words
from guidance.reading import Refused, client_page, get_pathway_for, log_access
from guidance.views.conflicts import tells_conflicts

FORM = ["GET", "HEAD", "POST"]
CLOSED = (HandoffState.DECLINED, HandoffState.WITHDRAWN)


def get_handoff_for(request: HttpRequest, pk: int, *, expected: tuple[str, ...] = ()) -> Handoff:
    """The hand-off, when the organisation acted for may see it now; says that its client is shown.

    Whoever presses a button that was there a moment ago is told what happened (`Conflict`), and nothing of the client.
    """
    handoff = handoffs().filter(pk=pk).first()
    if handoff is None:
        raise Refused
    pathway = handoff.pathway
    if not may_see_handoff(request.acting, handoff):
        if request.method == "POST" and may_answer(request.acting, handoff):
            log_access(request, LogAction.REFUSAL, Purpose.HANDOFF, [pathway.pseudonym])
            raise Conflict(handoff, _told(handoff))
        raise Refused([pathway.pseudonym])
    request.reading.show([pathway], action=LogAction.CHANGE if request.method == "POST" else LogAction.VIEW, purpose=Purpose.HANDOFF, basis=handoff.basis)
    if expected and handoff.state not in expected:
        raise Conflict(handoff, _told(handoff))
    return handoff


def _told(handoff: Handoff) -> str:
    return _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": handoff.get_state_display()}


def _breadcrumbs(request: HttpRequest, pathway: Pathway, *own: tuple[str, str]) -> list[tuple[str, str]]:
    start = (pathway.pseudonym, pathway.get_absolute_url()) if may_see_pathway(request.acting, pathway) else (_("Hand-offs"), reverse("guidance:handoff_list"))
    return [(_("Waiting for me"), reverse("guidance:waiting")), start, *own]


def _detail(handoff: Handoff) -> HttpResponse:
    return redirect("guidance:handoff_detail", handoff.pk)


# Sending -----------------------------------------------------------------------------------------


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_send(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Two steps and nothing stored between them: a POST shows what the receiver would see, a second one sends it."""
    pathway = get_pathway_for(request, pseudonym, Pathway.objects.select_related("client", "partnership").prefetch_related(who_takes_part()))
    if pathway.closed_at:
        messages.info(request, _("This pathway has ended. Reopen it before you hand the client over."))
        return redirect(pathway)
    receivers = who_can_receive(pathway.partnership)
    form = HandoffForm(request.POST or None, receivers=receivers, acting=request.acting, initial={"token": uuid4()})

    def send() -> Handoff:
        data = form.cleaned_data
        return send_handoff(
            by=request.acting, pathway=pathway, kind=data["kind"], reason=data["reason"], sections=data["sections"], due_on=data["due_on"], token=data["token"], **form.receiver(), **form.ground()
        )

    kind = dict(form.fields["kind"].choices).get(request.POST.get("kind", ""), "") if form.is_bound else ""
    return _two_steps(request, pathway, form, send, {"cancel_url": pathway.get_absolute_url(), "kind_words": kind, "again": None})


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A declined or withdrawn hand-off again, or to somebody else."""
    handoff = get_handoff_for(request, pk, expected=CLOSED)
    if not may_steer_sent(request.acting, handoff):
        raise PermissionDenied
    pathway = handoff.pathway
    receivers = who_can_receive(pathway.partnership)
    form = AgainForm(request.POST or None, receivers=receivers, acting=request.acting, initial=_as_before(handoff, receivers) | {"token": uuid4()})

    def send() -> Handoff:
        data = form.cleaned_data
        return send_again(by=request.acting, handoff=handoff, reason=data["reason"], due_on=data["due_on"], token=data["token"], **form.receiver(), **form.ground())

    return _two_steps(request, pathway, form, send, {"cancel_url": reverse("guidance:handoff_detail", args=[handoff.pk]), "kind_words": handoff.get_kind_display(), "again": handoff}, handoff.sections)


def _as_before(handoff: Handoff, receivers) -> dict:
    """What was chosen the first time; a receiver who can no longer receive is left to choose anew."""
    if handoff.to_person_id and receivers.person(handoff.to_person_id):
        to = f"person:{handoff.to_person_id}"
    elif handoff.to_organisation_id:
        to = f"organisation:{handoff.to_organisation_id}"
    else:
        to = "outside"
    names = ("to_outside", "to_outside_email", "basis", "basis_statute", "consented_on", "reason")
    return {"to": to} | {name: getattr(handoff, name) for name in names}


def _two_steps(request: HttpRequest, pathway: Pathway, form: ReceiverForm, send, context: dict, sections: list[str] | None = None) -> HttpResponse:
    phase = request.POST.get("phase", "")
    context |= {"pathway": pathway, "form": form, "breadcrumbs": _breadcrumbs(request, pathway, (_("Hand over"), ""))}
    if request.method == "POST" and form.is_valid() and phase != "back":
        if phase == "send":
            try:
                handoff = send()
            except ValidationError as error:
                refused(form, _at_fields(error))
            else:
                messages.success(request, _("The hand-off is on its way. You stay responsible until the client has been met."))
                return _detail(handoff)
        else:
            chosen = form.cleaned_data.get("sections", []) if sections is None else sections
            receiver = form.organisation
            context |= {"receiver": receiver, "to_person": form.person, "outside": form.is_outside, "passed_on": passed_on(pathway, chosen, receiver.pk) if receiver else []}
            return render(request, "guidance/handoff_preview.html", context)
    context["earlier"] = earlier_handoffs(pathway)
    return render(request, "guidance/handoff_send.html", context, status=422 if form.errors else 200)


def _at_fields(error: ValidationError) -> ValidationError:
    """The form has one field for organisation and person."""
    if not hasattr(error, "error_dict"):
        return error
    found: dict = {}
    for name, errors in error.error_dict.items():
        found.setdefault("to" if name in ("to_organisation", "to_person") else name, []).extend(errors)
    return ValidationError(found)


# Both sides' page --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD"])
@client_page(purpose=Purpose.HANDOFF)
def handoff_detail(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = get_handoff_for(request, pk)
    acting, is_open = request.acting, handoff.state in OPEN_HANDOFF
    waits, accepted = handoff.state == HandoffState.SENT, handoff.state == HandoffState.ACCEPTED
    sees_pathway = may_see_pathway(acting, handoff.pathway)
    steers, receives = may_steer_sent(acting, handoff), is_receiving(acting, handoff)
    context = {
        "handoff": handoff,
        "pathway": handoff.pathway,
        "sees_pathway": sees_pathway,
        "history": history_of(handoff),
        "ladder": ladder_words(handoff, timezone.now()) if is_open else LadderWords(),
        "passed_on": passed_on(handoff.pathway, handoff.sections, handoff.to_organisation_id) if waits and handoff.to_organisation_id else [],
        "may_answer": waits and may_give_answer(acting, handoff),
        "may_withdraw": is_open and (steers or (accepted and may_answer(acting, handoff))),
        "may_pause": is_open and steers,
        "may_meet": accepted and receives,
        "may_send_again": handoff.state in CLOSED and steers and handoff.pathway.closed_at is None,
        "may_renew_link": waits and steers and bool(handoff.to_outside_email),
        "breadcrumbs": _breadcrumbs(request, handoff.pathway, (_("Hand-off"), "")),
    }
    return render(request, "guidance/handoff_detail.html", context)


# Answers and what follows ------------------------------------------------------------------------


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
        messages.success(request, _("Accepted. Hold the first contact at the time you named, and confirm it here afterwards."))

    return _answer(request, handoff, form, act, "guidance/handoff_accept.html", {"passed_on": shown})


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_decline(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = get_handoff_for(request, pk, expected=(HandoffState.SENT,))
    if not may_give_answer(request.acting, handoff):
        raise PermissionDenied
    form = DeclineForm(request.POST or None)

    def act() -> None:
        decline_handoff(by=request.acting, handoff=handoff, reason=form.cleaned_data["decline_reason"])
        messages.success(request, _("Declined. The sender has been told and has a dated step to go on from; the client is where they were."))

    return _answer(request, handoff, form, act, "guidance/handoff_decline.html")


@require_http_methods(FORM)
@client_page(purpose=Purpose.HANDOFF)
@tells_conflicts
def handoff_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an unanswered one back; undo an accepted one with a reason."""
    handoff = get_handoff_for(request, pk, expected=OPEN_HANDOFF)
    accepted = handoff.state == HandoffState.ACCEPTED
    if not (may_steer_sent(request.acting, handoff) or (accepted and may_answer(request.acting, handoff))):
        raise PermissionDenied
    form = WithdrawForm(request.POST if request.method == "POST" else None, needed=accepted)

    def act() -> None:
        withdraw_handoff(by=request.acting, handoff=handoff, reason=form.cleaned_data["reason"])
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
    form = FirstContactForm(request.POST or None, initial={"first_contact_way": handoff.first_contact_way})

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
    return _detail(handoff)


def _answer(request: HttpRequest, handoff: Handoff, form: Form, act, template: str, more: dict | None = None) -> HttpResponse:
    """Form, action, then the hand-off as both sides see it now; who may no longer see it goes to the list."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except ValidationError as error:
            refused(form, error)
        else:
            return _detail(handoff) if may_see_handoff(request.acting, handoffs().get(pk=handoff.pk)) else redirect("guidance:handoff_list")
    context = {
        "handoff": handoff,
        "form": form,
        "ways": ContactWay,
        "cancel_url": reverse("guidance:handoff_detail", args=[handoff.pk]),
        "breadcrumbs": _breadcrumbs(request, handoff.pathway, (_("Hand-off"), reverse("guidance:handoff_detail", args=[handoff.pk])), (_("Answer"), "")),
    }
    return render(request, template, context | (more or {}), status=422 if form.errors else 200)
