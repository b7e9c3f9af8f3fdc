"""What a body outside does through its link: opens it, and answers once. Nobody is signed in; `by` is None."""
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.answers import accept_handoff, decline_handoff
from guidance.actions.locks import lock_pathway
from guidance.models import Handoff, OutsideLink
from guidance.queries.outside import why_closed
from services.conflicts import Conflict


@transaction.atomic
def open_link(link: OutsideLink) -> OutsideLink:
    """Note the first opening. The view writes the read log of each."""
    link = _lock(link)
    if link.opened_at is None:
        link.opened_at = timezone.now()
        link.save(update_fields=["opened_at"])
    record_event(by=None, verb="outside_link_opened", target=link.handoff)
    return link


@transaction.atomic
def accept_by_link(*, link: OutsideLink, first_contact_at: datetime, first_contact_way: str) -> Handoff:
    """The body outside takes the client on and names the first contact; the process owner follows it up."""
    link = _use(link)
    return accept_handoff(by=None, handoff=link.handoff, first_contact_at=first_contact_at, first_contact_way=first_contact_way)


@transaction.atomic
def decline_by_link(*, link: OutsideLink, reason: str) -> Handoff:
    link = _use(link)
    return decline_handoff(by=None, handoff=link.handoff, reason=reason)


def _lock(link: OutsideLink) -> OutsideLink:
    """The link as it stands now, the pathway's lock held: withdrawing, answering and opening wait for each other."""
    lock_pathway(link.handoff.pathway)
    current = OutsideLink.objects.select_for_update(of=("self",)).select_related("handoff__pathway").filter(pk=link.pk, nonce=link.nonce).first()
    if current is None:
        raise ValidationError(_("A newer link has been sent. Use the one in the latest mail."))
    if why_closed(current):
        raise Conflict(current.handoff, _("This link has changed in the meantime: it can no longer be used."))
    return current


def _use(link: OutsideLink) -> OutsideLink:
    link = _lock(link)
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return link
