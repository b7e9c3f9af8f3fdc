"""The portal's administrator keeps the provisions of law that grounds are chosen from."""
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.models import LegalGround
from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import may
from services.conflicts import Conflict

FIELDS = (
    *("statute_fi", "statute_sv", "statute_en", "number", "section", "title_fi", "title_sv", "title_en"),
    *("for_processing", "for_disclosure", "since", "until", "is_checked", "source"),
)


@transaction.atomic
def write_ground(*, by: Membership, slug: str, replaces: int | None = None, **fields) -> LegalGround:
    """A new provision, or a new version of one; what rests on an earlier version keeps it.

    `replaces`: the version that the person saw, None for a new provision. `Conflict` when it is not the one in use any more.
    """
    if not may(by, Permission.KEEP_PROVISIONS):
        raise PermissionDenied
    versions = list(LegalGround.objects.select_for_update().filter(slug=slug).order_by("-version"))
    current = next((one for one in versions if one.replaced_at is None), None)
    if (current.version if current else None) != replaces:
        raise Conflict(current, _("Somebody has changed this provision in the meantime. Look at it as it is now."))
    values = {name: fields[name] for name in FIELDS}
    if current and all(getattr(current, name) == value for name, value in values.items()):
        return current
    now = timezone.now()
    ground = LegalGround(slug=slug, version=versions[0].version + 1 if versions else 1, written_at=now, written_by=by, **values)
    ground.clean_fields(exclude=["written_by", "loaded"])
    if current:
        current.replaced_at = now
        current.save(update_fields=["replaced_at"])
    ground.validate_constraints()
    ground.save()
    record_event(by=by.user, verb="legal_ground_written", target=ground, organisation_id=by.organisation_id, detail={"provision": slug, "version": ground.version})
    return ground
