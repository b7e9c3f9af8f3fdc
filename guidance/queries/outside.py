"""The link by which a body outside the portal answers a hand-off."""
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from guidance.choices import HandoffState, StepKind
from guidance.models import Handoff, NextStep, OutsideLink

LINK_SALT = "guidance.outside"
LARGEST_ID = 2**63 - 1


def link_token(link: OutsideLink) -> str:
    return signing.dumps([link.handoff_id, link.nonce], salt=LINK_SALT)


def find_link(token: str) -> OutsideLink | None:
    """The link, whatever its state; None for one that is not ours or was replaced by a later one."""
    try:
        handoff_id, nonce = signing.loads(token, salt=LINK_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if not (isinstance(handoff_id, int) and 0 < handoff_id <= LARGEST_ID and isinstance(nonce, str)):
        return None
    rows = OutsideLink.objects.select_related(
        "handoff__from_organisation", "handoff__from_person__user", "handoff__from_person__organisation", "handoff__pathway__partnership", "handoff__pathway__client"
    )
    link = rows.filter(handoff_id=handoff_id).first()
    return link if link and constant_time_compare(link.nonce, nonce) else None


def why_closed(link: OutsideLink) -> str:
    """Why a link gives nothing any more: "withdrawn", "used" or "expired"; empty while it can be used."""
    if link.handoff.state == HandoffState.WITHDRAWN:
        return "withdrawn"
    if link.used_at or link.handoff.state != HandoffState.SENT:
        return "used"
    return "expired" if link.expires_at <= timezone.now() else ""


def next_appointment(handoff: Handoff) -> NextStep | None:
    """The client's next appointment, all that is shown before strong identification: a time and a way, never who or where."""
    return NextStep.objects.open().filter(pathway=handoff.pathway_id, kind=StepKind.APPOINTMENT, starts_at__gte=timezone.now()).order_by("starts_at").first()
