"""Rules for every request and answer: it has a number, nothing of a signed-in person is stored by a browser or proxy, and sessions end."""
import re
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation import gettext as _

from accounts.logs import current_request
from accounts.sessions import SEEN_AT, STARTED_AT

# Of hexadecimal digits alone, as proxies make them: nothing that somebody is called can be written so.
REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def named_request(get_response):
    """Each request has an id, the proxy's or one of our own: in every log line, in the answer, and on the page of a fault."""

    def middleware(request):
        given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        request.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        before = current_request.set(request)
        try:
            response = get_response(request)
        finally:
            current_request.reset(before)
        response["X-Request-ID"] = request.request_id
        return response

    return middleware


def no_store(get_response):
    """`no-store` on each answer to a signed-in person and on each answer to a form.

    A view may say `response.privately_kept = True` of what tells of nobody (a photo of a room): the reader's own browser keeps it as its headers say.
    """

    def middleware(request):
        response = get_response(request)
        user = getattr(request, "user", None)
        if getattr(response, "privately_kept", False):
            patch_vary_headers(response, ("Cookie",))
        elif request.method not in ("GET", "HEAD") or (user is not None and user.is_authenticated):
            add_never_cache_headers(response)
            patch_vary_headers(response, ("Cookie",))
        return response

    return middleware


def session_limits(get_response):
    """Ends a session after 30 minutes without use and after 10 hours in any case; notes use at most every 5 minutes."""

    def middleware(request):
        if request.user.is_authenticated:
            # For the pseudonym in log lines.
            request.user_pk = request.user.pk
            now = timezone.now()
            started = datetime.fromisoformat(request.session.setdefault(STARTED_AT, now.isoformat()))
            seen = datetime.fromisoformat(request.session.setdefault(SEEN_AT, now.isoformat()))
            too_old = (now - started).total_seconds() >= settings.SESSION_COOKIE_AGE
            if too_old or now - seen >= settings.SESSION_IDLE:
                logout(request)
                messages.info(request, _("You were signed out because the session had ended. Sign in again to go on."))
            elif now - seen >= settings.SESSION_TOUCH_EVERY:
                request.session[SEEN_AT] = now.isoformat()
        return get_response(request)

    return middleware
