"""What the account page shows."""
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts.identity_providers import providers
from accounts.models import PortalSession, User
from accounts.sessions import STARTED_AT


@dataclass(frozen=True)
class OwnSession:
    started_at: datetime | None
    seen_at: datetime
    is_this: bool


def sessions_of(user: User, *, this_key: str | None, now: datetime) -> list[OwnSession]:
    """Where the person is signed in now, this session first, then the one used last."""
    rows = PortalSession.objects.filter(user_id=user.pk).usable(now).order_by("-seen_at")[:50]
    sessions = [OwnSession(_started(row), row.seen_at, row.session_key == this_key) for row in rows]
    return sorted(sessions, key=lambda session: not session.is_this)


def _started(row: PortalSession) -> datetime | None:
    started = row.get_decoded().get(STARTED_AT)
    return datetime.fromisoformat(started) if started else None


@dataclass(frozen=True)
class SecondFactor:
    """What a person has beside the password; `recovery_codes` is how many are left."""

    has_app: bool
    passkeys: int
    recovery_codes: int

    @property
    def is_on(self) -> bool:
        return self.has_app or self.passkeys > 0


def second_factor_of(user: User) -> SecondFactor:
    kinds: dict[str, list[Authenticator]] = {}
    for authenticator in Authenticator.objects.filter(user=user):
        kinds.setdefault(authenticator.type, []).append(authenticator)
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES, [])
    return SecondFactor(
        has_app=Authenticator.Type.TOTP in kinds,
        passkeys=len(kinds.get(Authenticator.Type.WEBAUTHN, [])),
        recovery_codes=len(codes[0].wrap().get_unused_codes()) if codes else 0,
    )


@dataclass(frozen=True)
class LinkedIdentity:
    """A sign-in service that opens the account; `name` is empty when it is no longer in use."""

    pk: int
    provider_id: str
    name: str
    linked_at: datetime


def identities_of(user: User) -> list[LinkedIdentity]:
    """No query where the portal has no sign-in services."""
    if not providers():
        return []
    names = {one.id: one.name for one in providers()}
    return [LinkedIdentity(row.pk, row.provider, names.get(row.provider, ""), row.date_joined) for row in SocialAccount.objects.filter(user=user).order_by("pk")]


def addresses_of(user: User) -> list[EmailAddress]:
    """The person's addresses, the main one first."""
    return list(EmailAddress.objects.filter(user=user).order_by("-primary", "email"))
