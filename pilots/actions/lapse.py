"""Rights that nobody has used for a year lapse, with a warning before. Jobs of `manage.py run_due`; the time is given."""
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.models import AuditEvent, PortalSession
from pilots.actions.people import end_membership, lock_people_of
from pilots.choices import MembershipEnd
from pilots.models import Membership
from pilots.queries.people import portal_administrators, unused_to_lapse, unused_to_warn

BATCH = 500
REFUSED = "membership.lapse_refused"


def note_last_use(now: datetime) -> int:
    """Copy "last used" from the sessions to the memberships, before old sessions are dropped. Use ends a warning."""
    seen = PortalSession.objects.filter(seen_at__lte=now).values("membership_id")
    latest = {pk: at for pk, at in seen.annotate(latest=Max("seen_at")).values_list("membership_id", "latest") if pk}
    noted = 0
    for pk, last_used_at in Membership.objects.filter(pk__in=latest).values_list("pk", "last_used_at"):
        if last_used_at is None or last_used_at < latest[pk]:
            noted += Membership.objects.filter(pk=pk).update(last_used_at=latest[pk])
            Membership.objects.filter(pk=pk, warned_at__lt=latest[pk]).update(warned_at=None)
    return noted


def warn_of_unused(now: datetime) -> int:
    """Tell the holders of rights unused for settings.MEMBERSHIP_WARN_AFTER, once."""
    return sum(_warn(pk, now) for pk in unused_to_warn(now).values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _warn(pk: int, now: datetime) -> int:
    membership = unused_to_warn(now).select_for_update(of=("self",)).select_related("user", "organisation", "area").filter(pk=pk).first()
    if membership is None:
        return 0
    membership.warned_at = now
    membership.save(update_fields=["warned_at"])
    lapses_on = now + settings.MEMBERSHIP_LAPSE_AFTER - settings.MEMBERSHIP_WARN_AFTER
    notify(user_id=membership.user_id, kind="membership_unused", page="account", context={"membership": membership, "lapses_on": lapses_on}, now=now)
    _record("membership.warned", membership)
    return 1


def lapse_unused(now: datetime) -> int:
    """End what has stayed unused after the warning; what may not end (the last administrator) goes to the portal's administrators, once."""
    return sum(_lapse(pk, organisation_id, now) for pk, organisation_id in unused_to_lapse(now).values_list("pk", "organisation_id")[:BATCH])


@transaction.atomic
def _lapse(pk: int, organisation_id: int, now: datetime) -> int:
    # Read anew under the locks of end_membership, in its order: whoever has come back meanwhile keeps the rights.
    lock_people_of(organisation_id)
    membership = unused_to_lapse(now).select_for_update(of=("self",), no_key=True).select_related("user", "organisation", "area").filter(pk=pk).first()
    if membership is None:
        return 0
    try:
        end_membership(by=None, membership=membership, reason=MembershipEnd.LAPSED, now=now)
    except ValidationError:
        _tell_portal_administrators(membership, now)
        return 0
    return 1


def _tell_portal_administrators(membership: Membership, now: datetime) -> None:
    warned_at = str(membership.warned_at)
    told = AuditEvent.objects.filter(target_kind="membership", target_id=str(membership.pk), verb=REFUSED)
    if any(event.detail.get("warned_at") == warned_at for event in told):
        return
    for administrator in portal_administrators():
        notify(
            user_id=administrator.user_id, kind="last_administrator_unused", page="pilots:people_of", arguments=[membership.organisation.slug], context={"membership": membership}, now=now
        )
    _record(REFUSED, membership, warned_at=warned_at)


def _record(verb: str, membership: Membership, **detail) -> None:
    detail = {"user": membership.user_id, "role": membership.role} | detail
    record_event(by=None, verb=verb, target=membership, organisation_id=membership.organisation_id, detail=detail)
