"""The account page, and allauth's pages that write more than one row."""
from collections.abc import Callable
from functools import wraps

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.sessions import end_other_sessions
from accounts.actions.users import change_profile
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.queries import addresses_of, second_factor_of, sessions_of
from accounts.registries import account_sections


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account(request: HttpRequest) -> HttpResponse:
    # A copy: a name that is refused must not show in the frame around the form.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk) if request.method == "POST" else request.user)
    if request.method == "POST" and form.is_valid():
        change_profile(by=request.user, **form.cleaned_data)
        messages.success(request, _("Your name and language are saved."))
        return redirect("account")
    context = {
        "form": form,
        "addresses": addresses_of(request.user),
        "second_factor": second_factor_of(request.user),
        "sessions": sessions_of(request.user, this_key=request.session.session_key, now=timezone.now()),
        "sections": [source(request) for source in account_sections],
    }
    return render(request, "accounts/account.html", context, status=200 if not form.errors else 422)


@require_POST
@login_required
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    ended = end_other_sessions(by=request.user, keep=request.session.session_key)
    if ended:
        messages.success(request, ngettext("%(count)d other session was ended.", "%(count)d other sessions were ended.", ended) % {"count": ended})
    else:
        messages.info(request, _("You were signed in nowhere else."))
    return redirect("account")


def in_one_transaction(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form of allauth's: the change and the mail that tells of it are written both or neither."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return guarded


def sign_up(request: HttpRequest) -> HttpResponse:
    """The person, the address and the mail are written together; of two at once with one address the second sees what the first sees."""
    try:
        return in_one_transaction(allauth_views.signup)(request)
    except IntegrityError:
        return redirect("account_email_verification_sent")
