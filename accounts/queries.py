"""What the account pages show."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.identity_providers import providers
from accounts.models import BouncedAddress, Notification, NotificationChoice, PortalSession, User
from accounts.notifications import Kind
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
    """The person's addresses, the main one first; `mails_bounce`: mails to it come back."""
    bounced = BouncedAddress.objects.filter(email=OuterRef("email"))
    return list(EmailAddress.objects.filter(user=user).annotate(mails_bounce=Exists(bounced)).order_by("-primary", "email"))


def notifications_of(user: User, page: str) -> Page:
    """One page of what the person was told, the newest first."""
    return Paginator(Notification.objects.listed().filter(user=user), 25).get_page(page)


@dataclass(frozen=True)
class KindChoice:
    """A kind with what the person wants of it."""

    kind: Kind
    mail: str
    in_portal: bool


def choices_of(user: User, kinds: Iterable[Kind]) -> list[KindChoice]:
    chosen = {row.kind: row for row in NotificationChoice.objects.filter(user=user)}
    made = [(kind, chosen.get(kind.code) or NotificationChoice(kind=kind.code)) for kind in kinds]
    return [KindChoice(kind, row.mail, row.in_portal) for kind, row in made]


def bounced_addresses(user: User) -> list[BouncedAddress]:
    """The person's own addresses that mails came back from."""
    own = EmailAddress.objects.filter(user=user).values("email")
    return list(BouncedAddress.objects.filter(Q(email=user.email) | Q(email__in=own)).order_by("email"))


def signed_in_person(user_id: int) -> User | None:
    unread = Notification.objects.unread().filter(user=OuterRef("pk")).order_by().values("user").annotate(count=Count("pk")).values("count")
    return User.objects.annotate(unread_count=Coalesce(Subquery(unread), 0)).filter(pk=user_id).first()
