"""The second factor where it is obligatory: for everyone who can see a client."""
from collections.abc import Callable
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.identification import identified

COUNTS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user) -> bool:
    """Whether the person has a second factor set up; recovery codes alone are none."""
    return Authenticator.objects.filter(user=user, type__in=COUNTS).exists()


def users_with_second_factor(user_ids: list[int]) -> set[int]:
    """Those of several people who have a second factor set up, in one query."""
    return set(Authenticator.objects.filter(user__in=user_ids, type__in=COUNTS).values_list("user_id", flat=True))


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed since, with a second factor; a strong identity provider has asked for one."""
    return identified(request) or any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def ask_second_factor(request: HttpRequest, template: str = "accounts/second_factor_needed.html") -> HttpResponse | None:
    """What somebody signed in gets instead of the page: without a second factor how to set one up, and before it was
    used in this session the page that asks for it. Read anew on each request, so that removing it ends the right."""
    if identified(request):
        return None
    if not has_second_factor(request.user):
        return render(request, template, status=403)
    if not used_second_factor(request):
        target = request.get_full_path() if request.method == "GET" else reverse("home")
        return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': target})}")
    return None


def second_factor_required(view: Callable) -> Callable:
    """View decorator, inside the sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return ask_second_factor(request) or view(request, *args, **kwargs)

    return guarded
