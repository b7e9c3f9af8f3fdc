"""What allauth is told to do our way: mail through the outbox, our words, no query on the sign-in page."""
import logging
from base64 import urlsafe_b64encode
from functools import cache, partial

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import wording
from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.actions.outbox import queue_mail
from accounts.addresses import in_public_name
from accounts.identification import identified_as
from accounts.models import User
from accounts.queries import bounced_addresses, signed_in_person

logger = logging.getLogger(__name__)

# allauth's mails, by its names, and ours; those that tell of a change are in wording.NOTICES.
MAILS = {
    "account_already_exists": partial(queue_mail, kind="account_already_exists"),
    "email_confirmation": partial(queue_mail, kind="email_confirmation"),
    "email_confirmation_signup": partial(queue_mail, kind="email_confirmation"),
    "password_reset_key": partial(queue_mail, kind="password_reset_key"),
    "unknown_account": partial(queue_mail, kind="unknown_account"),
}


class SignInBackend(AuthenticationBackend):
    def get_user(self, user_id) -> User | None:
        """The person of the session with the number of unread notifications, which every page shows, in one query."""
        user = signed_in_person(user_id)
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | wording.SIGN_IN_ERRORS

    def send_mail(self, template_prefix, email, context) -> None:
        """Store allauth's mails in the outbox, in the person's own language, else in that of the page."""
        user = context.get("user") or getattr(self.request, "user", None)
        language = getattr(user, "language", None) or get_language() or settings.LANGUAGE_CODE
        kind = template_prefix.rpartition("/")[2]
        if kind in wording.NOTICES:
            told = {"notice": wording.NOTICES[kind], "at": timezone.now(), "reset_url": in_public_name(reverse("account_reset_password"))}
            notify(user_id=context["user"].pk, kind="account_notice", page="account", context=told, to_email=email)
        else:
            links = {name: in_public_name(value) for name, value in context.items() if name.endswith("_url")}
            MAILS[kind](to_email=email, language=language, context={"email": email} | context | links)

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """Called with each change to the account: the audit row and the mail that tells of it."""
        record_event(by=user, verb=f"user.{template_prefix.rpartition('/')[2]}", target=user)
        super().send_notification_mail(template_prefix, user, {"user": user} | (context or {}), email)

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None) -> None:
        if message is None and message_template in wording.MESSAGES:
            message = wording.MESSAGES[message_template] % (message_context or {})
        if message:
            messages.add_message(request, level, message, extra_tags=extra_tags)

    def get_login_stages(self) -> list[str]:
        return ["accounts.adapter.SecondFactorStage" if stage == "allauth.mfa.stages.AuthenticateStage" else stage for stage in super().get_login_stages()]

    def login(self, request, user) -> None:
        """Signing in, whatever the way, is in the log, with the ways that were used."""
        ways = [record["method"] if record["method"] != "socialaccount" else f"identity:{record['provider']}" for record in get_authentication_records(request, user)]
        super().login(request, user)
        record_event(by=user, verb="user.signed_in", target=user, detail={"ways": ways})

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """allauth counts for each host apart, and a made-up port is another host: the count is the address's alone."""
        return credentials.get("email", "").lower()

    def authentication_failed(self, request, **credentials) -> None:
        """Without the address: whoever reads logs need not learn who has an account."""
        logger.warning("sign-in refused: wrong address or password")
    def post_login(self, request, user, **kwargs):
        """Whoever gets no mails learns of it here, for no mail can tell."""
        for bounced in bounced_addresses(user):
            messages.warning(request, _("Mails to %(address)s come back. Choose “Notifications” on your account page to put it right.") % {"address": bounced.email})
        return super().post_login(request, user, **kwargs)

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("account")

    def get_reauthentication_methods(self, user) -> list[dict]:
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of the authenticator app or a recovery code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        return [method | {"description": words[method["id"]]} for method in super().get_reauthentication_methods(user)]


class SecondFactorStage(AuthenticateStage):
    """The second step of signing in, but for those whom a strong provider has identified: that took two factors already."""

    def _should_handle(self, request) -> bool:
        return not identified_as(request, self.login.user) and super()._should_handle(request)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | wording.SECOND_FACTOR_ERRORS

    def generate_authenticator_name(self, user, type) -> str:
        number = user.authenticator_set.filter(type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def encrypt(self, text: str) -> str:
        """Keys of authenticator apps and recovery codes lie encrypted in the database: a copy of it opens no account."""
        return _safe().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _safe().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self) -> str:
        return "KOPA"


def _safe() -> MultiFernet:
    """Encrypts with a key derived from SECRET_KEY; what SECRET_KEY_FALLBACKS encrypted can still be read."""
    return MultiFernet([Fernet(_key_from(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _key_from(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kopa second factor").derive(secret.encode())
    return urlsafe_b64encode(derived)
