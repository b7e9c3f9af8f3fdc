"""How a client comes to the own page: the invitation of a link, and what there is for a client already."""
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from accounts.models import BouncedAddress, OutboxMessage, User
from guidance.models import AppointmentLink, Client, ClientAccount, ClientInvitation, Pathway
from services.queries.feeds import hashed

LINK_VALID_FOR = timedelta(days=14)


def find_client_invitation(key: str) -> ClientInvitation | None:
    """Whatever its state; None for a key that is not ours or was replaced by a later one."""
    return ClientInvitation.objects.select_related("by__user").filter(key_hash=hashed(key)).first()


def why_no_use(invitation: ClientInvitation, now: datetime) -> str:
    """Why a link gives nothing any more: "used", "revoked" or "expired"; empty while it can be used. The right that it rests on may end before it."""
    if invitation.used_at:
        return "used"
    if invitation.revoked_at or invitation.by.ended_at or not invitation.by.user.is_active:
        return "revoked"
    return "expired" if invitation.expires_at <= now else ""


def find_appointment_link(key: str) -> AppointmentLink | None:
    return AppointmentLink.objects.select_related("pathway__client", "by__user").filter(key_hash=hashed(key)).first()


def why_not_open(link: AppointmentLink, now: datetime) -> str:
    """As `why_no_use`, of a link to an appointment."""
    if link.opened_at:
        return "used"
    return "expired" if link.expires_at <= now or link.by.ended_at or not link.by.user.is_active else ""


def open_appointment_links(pathway: Pathway, now: datetime) -> list[AppointmentLink]:
    rows = AppointmentLink.objects.filter(pathway=pathway, opened_at=None, expires_at__gt=now, by__ended_at=None, by__user__is_active=True)
    return list(rows.select_related("by__user"))


def mails_of_links(pathways: Collection[Pathway]) -> list[int]:
    """Mails with a link to an appointment of these pathways that still wait to be sent. Their address stands nowhere else, so they are found by the link's key."""
    hashes = set(AppointmentLink.objects.filter(pathway__in=pathways).values_list("key_hash", flat=True))
    waiting = OutboxMessage.objects.filter(kind="own_appointment").exclude(body="").values_list("pk", "body") if hashes else []
    return [pk for pk, body in waiting if any(hashed(word.rstrip("/").rpartition("/")[2]) in hashes for word in re.findall(r"https?://\S+", body))]


def has_own_account(user: User) -> bool:
    return ClientAccount.objects.filter(user=user).exists()


def account_of(client: Client) -> ClientAccount | None:
    return ClientAccount.objects.filter(client=client).first()


def last_invitation_of(client: Client) -> ClientInvitation | None:
    """`comes_back`: mails to its address do."""
    bounced = BouncedAddress.objects.filter(email=OuterRef("email"))
    return ClientInvitation.objects.select_related("by__user").filter(client=client).annotate(comes_back=Exists(bounced)).order_by("-sent_at", "-pk").first()
