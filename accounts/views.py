"""The account page, and allauth's pages that write more than one row."""
from collections.abc import Callable
from functools import wraps

from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import activate, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.bounces import confirm_address, send_address_check
from accounts.actions.identities import unlink_identity
from accounts.actions.notifications import choose_notifications, read_all, read_notification
from accounts.actions.sessions import end_other_sessions
from accounts.actions.users import change_profile
from accounts.addresses import address
from accounts.forms import NotificationChoicesForm, ProfileForm
from accounts.identity_adapter import failed, may_link
from accounts.identity_providers import IdentityProvider, provider_by_id, providers
from accounts.models import Notification, User
from accounts.notifications import notification_kinds
from accounts.provider import PortalOAuth2Adapter
from accounts.queries import addresses_of, bounced_addresses, choices_of, identities_of, notifications_of, second_factor_of, sessions_of
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
    linked = identities_of(request.user)
    context = {
        "form": form,
        "addresses": addresses_of(request.user),
        "second_factor": second_factor_of(request.user),
        "identities": linked,
        "more_identities": [one for one in providers() if one.id not in {link.provider_id for link in linked} and may_link(request.user, one)],
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


def _to_provider(request: HttpRequest, provider_id: str, process: str) -> HttpResponse:
    provider = get_adapter().get_provider(request, _known(provider_id).id)
    return provider.redirect(request, process, next_url=get_next_redirect_url(request))


def _known(provider_id: str) -> IdentityProvider:
    provider = provider_by_id(provider_id)
    if provider is None:
        raise Http404
    return provider


@require_POST
def identity_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _to_provider(request, provider_id, AuthProcess.LOGIN)


@require_POST
@login_required
@reauthentication_required
def identity_link(request: HttpRequest, provider_id: str) -> HttpResponse:
    if not may_link(request.user, _known(provider_id)):
        raise PermissionDenied
    return _to_provider(request, provider_id, AuthProcess.CONNECT)


class IdentityCallback(OAuth2CallbackView):
    adapter: PortalOAuth2Adapter

    def _get_state(self, request: HttpRequest, provider):
        """Whatever comes back is read in the language in which the person left; the address has none."""
        state, response = super()._get_state(request, provider)
        if state is not None:
            self.adapter.state = state
            activate(state["language"])
            request.LANGUAGE_CODE = state["language"]
            if request.GET.get("iss", self.adapter.configured.issuer) != self.adapter.configured.issuer:
                return None, failed(request, self.adapter.configured)
        return state, response


@require_safe
def identity_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return IdentityCallback.adapter_view(PortalOAuth2Adapter(request, _known(provider_id).id))(request)


@require_POST
@login_required
@reauthentication_required
def identity_unlink(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        unlink_identity(by=request.user, link_id=pk)
    except SocialAccount.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("You can no longer sign in with this service."))
    return redirect("account")


@require_safe
@login_required
def notification_list(request: HttpRequest) -> HttpResponse:
    page = notifications_of(request.user, request.GET.get("page", "1"))
    return render(request, "accounts/notification_list.html", {"page_obj": page, "has_unread": any(row.read_at is None for row in page)})


@require_POST
@login_required
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Read from now on, and on to the page it tells of: by POST, for a GET changes nothing."""
    notification = get_object_or_404(Notification.objects.listed(), pk=pk, user=request.user)
    return redirect(read_notification(by=request.user, notification=notification).path)


@require_POST
@login_required
def notification_read_all(request: HttpRequest) -> HttpResponse:
    read_all(by=request.user)
    messages.success(request, _("All notifications are marked as read."))
    return redirect("notification_list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notification_choices(request: HttpRequest) -> HttpResponse:
    rows = choices_of(request.user, [kind for kind in notification_kinds if kind.meant_for(request)])
    form = NotificationChoicesForm(request.POST or None, rows=[row for row in rows if not row.kind.always])
    if request.method == "POST" and form.is_valid():
        choose_notifications(by=request.user, choices=form.choices())
        messages.success(request, _("Your choices are saved."))
        return redirect("notification_choices")
    context = {"form": form, "always": [row.kind for row in rows if row.kind.always], "bounced_addresses": bounced_addresses(request.user)}
    return render(request, "accounts/notification_choices.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def address_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the mail that shows whether the address works again."""
    bounced = next((one for one in bounced_addresses(request.user) if one.pk == pk), None)
    if bounced is None:
        raise Http404
    send_address_check(by=request.user, bounced=bounced)
    messages.success(request, _("A mail is on its way. Open the link in it, and mails go to the address again."))
    return redirect("notification_choices")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of that mail. Opening it does nothing, for programs that look through mails open links; the button does."""
    if request.method == "POST":
        try:
            confirm_address(by=request.user, token=token)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("The address works. Mails go to it again."))
        return redirect("notification_choices")
    return render(request, "accounts/address_confirm.html", {"cancel_url": address("notification_choices")})


def sign_out(request: HttpRequest) -> HttpResponse:
    """Who signs out leaves nothing in the browser, pages that wait behind its Back button included."""
    response = allauth_views.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache"'
    return response


def in_one_transaction(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form of allauth's: the change and the mail that tells of it are written both or neither."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return guarded


def with_a_new_key(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Confirming that it is you: the session goes on under another key, so that one that was copied before gains nothing by it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302 and request.user.is_authenticated:
            request.session.cycle_key()
        return response

    return guarded


def sign_up(request: HttpRequest) -> HttpResponse:
    """The person, the address and the mail are written together; of two at once with one address the second sees what the first sees."""
    try:
        return in_one_transaction(allauth_views.signup)(request)
    except IntegrityError:
        return redirect("account_email_verification_sent")
