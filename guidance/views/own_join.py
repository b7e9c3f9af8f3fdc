"""What a client opens by a link: the invitation to the own page, and the next appointment. Nobody need be signed in.

A GET shows nothing of anybody and consumes nothing, for mail scanners open links; a button goes on.
"""
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.identification import identified
from accounts.identity_providers import providers_for
from guidance.actions.own_account import find_way_back, use_way_back
from guidance.actions.own_invitations import join_as_new, join_signed_in, use_appointment_link
from guidance.choices import Purpose
from guidance.forms.outcomes import refused
from guidance.forms.own import BackForm, JoinForm
from guidance.models import ClientInvitation
from guidance.own_identity import remember_invitation
from guidance.queries.own_access import find_appointment_link, find_client_invitation, why_no_use, why_not_open
from guidance.queries.own_next import next_appointment
from guidance.reading import log_link_opening
from pilots.queries.invitations import has_account

LIMITS = {"own_link": "60/5m/ip", "own_back": "10/h/key"}
FORM = ["GET", "HEAD", "POST"]
INVALID = 422


@sensitive_post_parameters("password")
@require_http_methods(FORM)
@never_cache
def own_join(request: HttpRequest, key: str) -> HttpResponse:
    if not _within_limits(request):
        return ratelimit.respond_429(request)
    invitation = find_client_invitation(key)
    why = why_no_use(invitation, timezone.now()) if invitation else "unknown"
    if invitation is None or why:
        return render(request, "guidance/own_link_dead.html", {"why": why, "is_invitation": True}, status=410 if invitation else 404)
    if request.user.is_authenticated:
        return _join_signed_in(request, invitation)
    if request.method == "POST" and (provider := next((one for one in providers_for("clients") if one.id == request.POST.get("provider")), None)):
        remember_invitation(request, invitation)
        # Goes on as the POST that it is: to the sign-in service, with the page to come back to.
        return HttpResponse(status=307, headers={"Location": reverse("openid_connect_login", args=[provider.id])})
    if has_account(invitation.email):
        return _page(request, "sign_in")
    return _join_as_new(request, invitation)


def _join_signed_in(request: HttpRequest, invitation: ClientInvitation) -> HttpResponse:
    if request.method == "POST":
        if identified(request):
            messages.error(request, _("Sign out, open this link again, and choose the sign-in service there."))
            return redirect(request.path)
        try:
            join_signed_in(invitation=invitation, user=request.user, now=timezone.now())
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect(request.path)
        return redirect("own:path")
    return _page(request, "signed_in")


def _join_as_new(request: HttpRequest, invitation: ClientInvitation) -> HttpResponse:
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            account = join_as_new(invitation=invitation, password=form.cleaned_data["password"], language=invitation.language, now=timezone.now())
        except ValidationError as error:
            refused(form, error)
        else:
            login(request, account.user, backend=settings.AUTHENTICATION_BACKENDS[0])
            # The second factor, which comes next, does not ask for the password that was chosen just now.
            record_authentication(request, account.user, method="password", reauthenticated=True)
            return redirect("own:path")
    return _page(request, "new", form)


def _page(request: HttpRequest, way: str, form: JoinForm | None = None) -> HttpResponse:
    context = {"way": way, "form": form, "here": request.path, "providers": providers_for("clients")}
    return render(request, "guidance/own_join.html", context, status=INVALID if form and form.errors else 200)


@sensitive_post_parameters("password")
@require_http_methods(FORM)
@never_cache
def own_back(request: HttpRequest, key: str) -> HttpResponse:
    """From a counsellor who has checked who the client is: with the password it takes a lost second factor away, and signs in."""
    if not _within_limits(request):
        return ratelimit.respond_429(request)
    account = find_way_back(key)
    if account is None:
        return render(request, "guidance/own_link_dead.html", {"why": "", "is_invitation": False}, status=404)
    form = BackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and ratelimit.consume(request, app="guidance", action="own_back", config=LIMITS, key=str(account.user_id)) is None:
        return ratelimit.respond_429(request)
    if form.is_valid():
        try:
            user = use_way_back(key=key, password=form.cleaned_data["password"], now=timezone.now())
        except ValidationError as error:
            refused(form, error)
        else:
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            record_authentication(request, user, method="password", reauthenticated=True)
            return redirect("own:path")
    return render(request, "guidance/own_back.html", {"form": form}, status=INVALID if form.errors else 200)


@require_http_methods(FORM)
@never_cache
def own_appointment(request: HttpRequest, key: str) -> HttpResponse:
    """The next appointment and whom to ask, once; no name of the client."""
    if not _within_limits(request):
        return ratelimit.respond_429(request)
    link, now = find_appointment_link(key), timezone.now()
    why = why_not_open(link, now) if link else "unknown"
    if link is None or why:
        return render(request, "guidance/own_link_dead.html", {"why": why, "is_invitation": False}, status=410 if link else 404)
    if request.method != "POST":
        return render(request, "guidance/own_link_closed.html", {"link": link})
    try:
        with transaction.atomic():
            link = use_appointment_link(link=link, now=now)
            found = next_appointment([link.pathway_id], now)
            log_link_opening(request, Purpose.OWN, [link.pathway.pseudonym])
            return render(request, "guidance/own_link_open.html", {"found": found})
    except ValidationError as error:
        messages.info(request, error.messages[0])
        return redirect(request.path)


def _within_limits(request: HttpRequest) -> bool:
    return ratelimit.consume(request, app="guidance", action="own_link", config=LIMITS, limit_get=True) is not None
