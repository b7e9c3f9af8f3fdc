"""Addresses from which a calendar programme reads bookings: made, and revoked."""
import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.models import FeedAddress, Resource
from services.permissions import may_manage_resource, may_offer
from services.queries.feeds import hashed

MOST_ADDRESSES = 20


@transaction.atomic
def make_feed_address(*, by: Membership, resource: Resource | None = None, now: datetime | None = None) -> tuple[FeedAddress, str]:
    """The address and its secret, which is told once: only its hash is kept."""
    if not may_offer(by) or (resource is not None and not may_manage_resource(by, resource)):
        raise PermissionDenied
    Membership.objects.select_for_update().get(pk=by.pk)
    if by.feed_addresses.filter(revoked_at=None).count() >= MOST_ADDRESSES:
        raise ValidationError(_("You have %(count)d addresses in use. Revoke one that you need no more.") % {"count": MOST_ADDRESSES})
    token = secrets.token_urlsafe(32)
    address = FeedAddress.objects.create(membership=by, organisation_id=by.organisation_id, resource=resource, token_hash=hashed(token), created_at=now or timezone.now())
    record_event(by=by.user, verb="make_feed_address", target=address, organisation_id=by.organisation_id)
    return address, token


@transaction.atomic
def revoke_feed_address(*, by: Membership, address: FeedAddress, now: datetime | None = None) -> FeedAddress:
    """Whoever handles the organisation's services revokes any of its addresses; a second time changes nothing."""
    if not may_offer(by) or by.organisation_id != address.organisation_id:
        raise PermissionDenied
    address = FeedAddress.objects.select_for_update().get(pk=address.pk)
    if address.revoked_at is None:
        address.revoked_at, address.revoked_by = now or timezone.now(), by
        address.save()
        record_event(by=by.user, verb="revoke_feed_address", target=address, organisation_id=by.organisation_id)
    return address
