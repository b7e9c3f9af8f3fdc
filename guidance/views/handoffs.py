"""A hand-off as both sides see it."""
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.choices import OPEN_HANDOFF, HandoffState, LogAction, Purpose
from guidance.models import Handoff, Pathway
from guidance.permissions import may_answer, may_give_answer, may_see_handoff, may_see_pathway, may_steer_sent
from guidance.queries.handoff_page import handoffs, is_receiving, passed_on
from guidance.queries.handoff_words import LadderWords, history_of, ladder_words
from guidance.reading import Refused, client_page, log_access
from services.conflicts import Conflict

FORM = ["GET", "HEAD", "POST"]
CLOSED = (HandoffState.DECLINED, HandoffState.WITHDRAWN)
# How long a page with the buttons may have lain open.
TOLD_FOR = timedelta(minutes=30)


def get_handoff_for(request: HttpRequest, pk: int, *, expected: tuple[str, ...] = ()) -> Handoff:
    """The hand-off, when the organisation acted for may see it now; says that its client is shown.

    Whoever presses a button that was there a moment ago is told what happened (`Conflict`), and nothing of the client;
    later it is as missing to them as to anybody.
    """
    handoff = handoffs().filter(pk=pk).first()
    if handoff is None:
        raise Refused
    pathway = handoff.pathway
    if not may_see_handoff(request.acting, handoff):
        if request.method == "POST" and may_answer(request.acting, handoff) and _has_just_ended(handoff):
            log_access(request, LogAction.REFUSAL, Purpose.HANDOFF, [pathway.pseudonym])
            request.reading.counts_only()
            raise Conflict(handoff, _told(handoff))
        raise Refused([pathway.pseudonym])
    request.reading.show([pathway], action=LogAction.CHANGE if request.method == "POST" else LogAction.VIEW, purpose=Purpose.HANDOFF, basis=handoff.basis)
    if expected and handoff.state not in expected:
        raise Conflict(handoff, _told(handoff))
    return handoff


def _has_just_ended(handoff: Handoff) -> bool:
    moments = [at for at in (handoff.answered_at, handoff.withdrawn_at, handoff.met_at) if at]
    return bool(moments) and timezone.now() - max(moments) < TOLD_FOR


def _told(handoff: Handoff) -> str:
    return _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": handoff.get_state_display()}


def handoff_breadcrumbs(request: HttpRequest, pathway: Pathway, *own: tuple[str, str]) -> list[tuple[str, str]]:
    start = (pathway.pseudonym, pathway.get_absolute_url()) if may_see_pathway(request.acting, pathway) else (_("Hand-offs"), reverse("guidance:handoff_list"))
    return [(_("Waiting for me"), reverse("guidance:waiting")), start, *own]


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
        "breadcrumbs": handoff_breadcrumbs(request, handoff.pathway, (_("Hand-off"), "")),
    }
    return render(request, "guidance/handoff_detail.html", context)
