"""How a client comes to the own page: the invitation of a link, and what there is for a client already."""
from datetime import datetime, timedelta

from accounts.models import User
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


def has_own_account(user: User) -> bool:
    return ClientAccount.objects.filter(user=user).exists()


def account_of(client: Client) -> ClientAccount | None:
    return ClientAccount.objects.filter(client=client).first()


def last_invitation_of(client: Client) -> ClientInvitation | None:
    return ClientInvitation.objects.select_related("by__user").filter(client=client).order_by("-sent_at", "-pk").first()
