"""Whom an identity lets in. Nobody gets an account by signing in: it is there before, or comes with an invitation."""
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.base.constants import AuthError
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from requests import RequestException, Session

from accounts.actions.identities import link_identity
from accounts.identity_providers import IdentityProvider, provider_by_id, providers
from accounts.models import User
from accounts.registries import identity_owners, only_by_invitation

RETRY_AFTER = "60"


class IdentityAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request, provider=None, client_id=None) -> list[SocialApp]:
        """From the settings alone: the sign-in page asks the database nothing, and no row in it lets anybody in."""
        return [
            SocialApp(provider="openid_connect", provider_id=one.id, name=one.name, client_id=one.client_id, secret=one.secret, settings={"scope": ["openid", "profile", "email"]})
            for one in providers()
            if provider in (None, "openid_connect", one.id) and client_id in (None, one.client_id)
        ]

    def get_requests_session(self) -> Session:
        """A provider is asked at the addresses that it names, and never sends us on to another."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def authenticate_by_email(self, login) -> None:
        """Judged in pre_social_login, with the provider's domains."""
        return None

    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin) -> None:
        """Whoever goes on from here is somebody whom the identity belongs to; all others get the page that says why not."""
        provider = provider_by_id(sociallogin.account.provider)
        if provider is None:
            raise ImmediateHttpResponse(failed(request))
        try:
            if sociallogin.state.get("process") == AuthProcess.CONNECT:
                self._link_own(request, provider, sociallogin.account)
                messages.success(request, _("From now on you can sign in with %(provider)s.") % {"provider": provider.name})
                raise ImmediateHttpResponse(redirect("account"))
            if not sociallogin.is_existing:
                owner = _owner(request, provider, sociallogin)
                sociallogin.account = link_identity(by=owner, provider=provider, subject=sociallogin.account.uid)
                sociallogin.user = owner
        except ValidationError as error:
            raise ImmediateHttpResponse(failed(request, provider, error.messages[0])) from error

    def _link_own(self, request: HttpRequest, provider: IdentityProvider, account: SocialAccount) -> None:
        if not request.user.is_authenticated or not may_link(request.user, provider):
            raise ValidationError(_("This identity cannot be linked to your account by yourself."))
        link_identity(by=request.user, provider=provider, subject=account.uid)

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None) -> None:
        configured = provider_by_id(provider.sub_id)
        if error == AuthError.CANCELLED:
            response = failed(request, configured, _("You stopped before you were signed in. Nothing has changed."), status=200)
        elif isinstance(exception, RequestException):
            response = failed(request, configured, _("The sign-in service does not answer now. Try again in a moment, or choose another way."), status=503)
            response["Retry-After"] = RETRY_AFTER
        else:
            response = failed(request, configured)
        raise ImmediateHttpResponse(response)


def failed(request: HttpRequest, provider: IdentityProvider | None = None, why: str = "", *, status: int = 403) -> HttpResponse:
    context = {"provider": provider.name if provider else "", "why": why or _("The sign-in service did not confirm who you are. Start again from the sign-in page.")}
    return render(request, "accounts/identity_failed.html", context, status=status)


def may_link(user: User, provider: IdentityProvider) -> bool:
    """Staff link their own; a client's identity comes with an invitation, for it opens what is told of one person only."""
    return provider.is_for_staff and not any(rule(user) for rule in only_by_invitation)


def _owner(request: HttpRequest, provider: IdentityProvider, sociallogin) -> User:
    """Of an identity that opens no account yet: the person invited, or the one whose confirmed address the provider answers for."""
    if provider.is_for_clients:
        for owner_of in identity_owners:
            if owner := owner_of(request, sociallogin.identity):
                return owner
    email = sociallogin.proved_email
    if provider.is_for_staff and email and provider.answers_for(email):
        confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
        if confirmed is not None and may_link(confirmed.user, provider):
            return confirmed.user
    raise ValidationError(_("The portal has no account for you that this identity opens. Ask whoever invited you, or sign in another way and link the two under Your account."))
