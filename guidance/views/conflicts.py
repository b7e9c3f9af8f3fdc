"""Somebody else was quicker: what happened, by which organisation, when, and what to do next. Answered 409."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from guidance.choices import HandoffState
from guidance.models import Handoff
from guidance.permissions import may_see_handoff
from guidance.queries.handoff_page import handoffs, is_receiving
from services.conflicts import Conflict


@dataclass(frozen=True)
class Happened:
    organisation: str = ""
    at: datetime | None = None
    next: str = ""


def conflict_page(request: HttpRequest, conflict: Conflict, *, back_url: str = "", back_label: str = "") -> HttpResponse:
    """Tells nothing of a client: of a hand-off, who answered it and when; of anything else, the action's own sentence."""
    happened = Happened(next=_("Look at it as it is now, and make your change again if it is still needed."))
    if isinstance(conflict.obj, Handoff):
        handoff = handoffs().get(pk=conflict.obj.pk)
        happened = _happened(request, handoff)
        if may_see_handoff(request.acting, handoff):
            back_url, back_label = back_url or reverse("guidance:handoff_detail", args=[handoff.pk]), back_label or _("Look at the hand-off as it is now")
        else:
            back_url, back_label = reverse("guidance:handoff_list"), _("Hand-offs of your organisation")
    context = {"message": conflict.message, "happened": happened, "back_url": back_url or reverse("guidance:waiting"), "back_label": back_label or _("To what waits for you")}
    return render(request, "guidance/conflict.html", context, status=409)


def tells_conflicts(view: Callable) -> Callable:
    """View decorator, inside `client_page`."""

    @wraps(view)
    def told(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Conflict as conflict:
            return conflict_page(request, conflict)

    return told


def _happened(request: HttpRequest, handoff: Handoff) -> Happened:
    receiving, sending = is_receiving(request.acting, handoff), request.acting.organisation_id == handoff.from_organisation_id
    nothing = _("There is nothing left for you to do here.")
    answerer = handoff.answered_by.organisation.name if handoff.answered_by else handoff.receiver_name
    match handoff.state:
        case HandoffState.ACCEPTED:
            meet = _("Hold the first contact and confirm it, or name another time.") if receiving else _("The first contact is agreed. You are told when it has been held.")
            return Happened(answerer, handoff.answered_at, meet)
        case HandoffState.DECLINED:
            return Happened(answerer, handoff.answered_at, _("Read the reason, and send the client to somebody else or again later.") if sending else nothing)
        case HandoffState.WITHDRAWN:
            withdrawer = handoff.withdrawn_by.organisation.name if handoff.withdrawn_by else handoff.from_organisation.name
            return Happened(withdrawer, handoff.withdrawn_at, _("You can send it again, or to somebody else.") if sending else nothing)
        case HandoffState.MET:
            return Happened(answerer, handoff.met_at, _("The client has been met; go on from the pathway."))
    return Happened(handoff.from_organisation.name, handoff.sent_at, _("The hand-off still waits for an answer."))
