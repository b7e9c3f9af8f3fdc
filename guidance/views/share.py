"""What a client has shared, opened by its link. Whoever opens it is not known, so nothing here says who the client is (docs/decisions/0023).

A GET shows nothing of the client and consumes nothing, for mail scanners open links; a button opens, and each opening is
written in the read log and told to the client. A link that has ended, has not begun or never was answers as every other
address of nothing does.
"""
import uuid

from allauth.core.internal import ratelimit
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guidance.actions.sharing import open_shared
from guidance.choices import LogAction, Purpose
from guidance.models import AccessLog, AccessLogSubject, ShareLink
from guidance.models.log import NOBODY
from guidance.queries.sharing import find_shared, shared_parts

# By address: every call; by link: what is pressed.
LIMITS = {"share_call": "60/5m/ip", "share_press": "30/10m/key"}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def share_open(request: HttpRequest, key: str) -> HttpResponse:
    if not _within_limits(request, "share_call"):
        return ratelimit.respond_429(request)
    link = find_shared(key)
    if link and request.method == "POST" and not _within_limits(request, "share_press", str(link.pk)):
        return ratelimit.respond_429(request)
    response = _answer(request, link)
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _within_limits(request: HttpRequest, action: str, key: str | None = None) -> bool:
    return ratelimit.consume(request, app="guidance", action=action, config=LIMITS, key=key, limit_get=True) is not None


def _answer(request: HttpRequest, link: ShareLink | None) -> HttpResponse:
    if link and request.method != "POST":
        return render(request, "guidance/share_link.html")
    with transaction.atomic():
        opened = open_shared(link) if link else None
        if opened is None:
            return render(request, "guidance/share_closed.html", status=404)
        _log(request, opened)
        return render(request, "guidance/share_opened.html", {"link": opened, "parts": shared_parts(opened.pathway, opened.sections)})


def _log(request: HttpRequest, link: ShareLink) -> None:
    """Whoever is signed in is told by name of organisation, as in every other row."""
    log = AccessLog.objects.create(
        at=timezone.now(), user_id=request.user.pk or NOBODY, organisation_id=request.acting.organisation_id if request.acting else None,
        action=LogAction.LINK, purpose=Purpose.SHARED, page=request.resolver_match.view_name, request_id=uuid.uuid4(),
    )  # fmt: skip
    AccessLogSubject.objects.create(log_id=log.pk, pseudonym=link.pathway.pseudonym)
