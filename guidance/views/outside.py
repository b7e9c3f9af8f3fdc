"""The page that a body outside the portal opens by its link. Nobody is signed in, so nothing here names the client.

A GET shows only who asks and consumes nothing, for mail scanners open links; a button opens, and each opening is
written in the read log. One answer, and the link gives nothing any more.
"""
import uuid

from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guidance.actions.outside import accept_by_link, decline_by_link, open_link
from guidance.choices import LogAction, Purpose
from guidance.forms.handoff_answers import DeclineForm, OutsideAcceptForm
from guidance.forms.outcomes import refused
from guidance.models import AccessLog, AccessLogSubject, OutsideLink
from guidance.models.log import NOBODY
from guidance.queries.outside import find_link, next_appointment, why_closed
from guidance.registries import before_pages
from services.conflicts import Conflict

# By address: every call; by link: what is pressed.
LIMITS = {"outside_call": "60/5m/ip", "outside_press": "20/10m/key"}
ACCEPT, DECLINE = "accept", "decline"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def outside_answer(request: HttpRequest, token: str) -> HttpResponse:
    if not _within_limits(request, "outside_call"):
        return ratelimit.respond_429(request)
    for do in before_pages:
        do()
    link = find_link(token)
    if link is None:
        return _closed(request, "unknown", None, 404)
    if why := why_closed(link):
        return _closed(request, why, link, 410)
    if request.method != "POST":
        return render(request, "guidance/outside_link.html", {"link": link, "handoff": link.handoff})
    if not _within_limits(request, "outside_press", str(link.handoff_id)):
        return ratelimit.respond_429(request)
    try:
        return _pressed(request, link)
    except (Conflict, ValidationError):
        # Answered, withdrawn or replaced by a newer link since this request read it: the page says so.
        return redirect(request.path)


def _within_limits(request: HttpRequest, action: str, key: str | None = None) -> bool:
    return ratelimit.consume(request, app="guidance", action=action, config=LIMITS, key=key, limit_get=True) is not None


def _pressed(request: HttpRequest, link: OutsideLink) -> HttpResponse:
    press = request.POST.get("press", "")
    accept = OutsideAcceptForm(request.POST if press == ACCEPT else None, prefix=ACCEPT)
    decline = DeclineForm(request.POST if press == DECLINE else None, prefix=DECLINE)
    if link.opened_at and (accept.is_valid() or decline.is_valid()):
        try:
            if press == ACCEPT:
                accept_by_link(link=link, first_contact_at=accept.cleaned_data["first_contact_at"], first_contact_way=accept.cleaned_data["first_contact_way"])
            else:
                decline_by_link(link=link, reason=decline.cleaned_data["decline_reason"])
        except ValidationError as error:
            refused(accept if press == ACCEPT else decline, error)
        else:
            return redirect(request.path)
    return _opened(request, link, accept, decline)


@transaction.atomic
def _opened(request: HttpRequest, link: OutsideLink, accept: OutsideAcceptForm, decline: DeclineForm) -> HttpResponse:
    """What is shown before strong identification: the sender's contact and the next appointment; logged or not shown."""
    open_link(link)
    handoff = link.handoff
    _log(request, link)
    context = {"link": link, "handoff": handoff, "appointment": next_appointment(handoff), "accept": accept, "decline": decline}
    return render(request, "guidance/outside_open.html", context, status=422 if accept.errors or decline.errors else 200)


def _log(request: HttpRequest, link: OutsideLink) -> None:
    log = AccessLog.objects.create(
        at=timezone.now(), user_id=NOBODY, organisation_id=None, action=LogAction.LINK, purpose=Purpose.HANDOFF, basis=link.handoff.basis, page=request.resolver_match.view_name, request_id=uuid.uuid4()
    )
    AccessLogSubject.objects.create(log_id=log.pk, pseudonym=link.handoff.pathway.pseudonym)


def _closed(request: HttpRequest, why: str, link: OutsideLink | None, status: int) -> HttpResponse:
    return render(request, "guidance/outside_closed.html", {"why": why, "handoff": link.handoff if link else None}, status=status)
