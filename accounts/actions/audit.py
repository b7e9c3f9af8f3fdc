from django.db import models
from django.utils import timezone

from accounts.models import AuditEvent, User


def record_event(*, by: User | None, verb: str, target: models.Model, organisation_id: int | None = None, detail: dict | None = None) -> AuditEvent:
    """Write the audit row of an action; call it inside the action's own transaction.

    `by` is None for what the clock does. `detail` takes codes and ids, never names or free text.
    """
    event = event_of(by=by, verb=verb, target=target, organisation_id=organisation_id, detail=detail)
    event.save(force_insert=True)
    return event


def event_of(*, by: User | None, verb: str, target: models.Model, organisation_id: int | None = None, detail: dict | None = None) -> AuditEvent:
    """The row unsaved, for an action that writes many at once."""
    return AuditEvent(
        at=timezone.now(),
        actor_id=by.pk if by else None,
        organisation_id=organisation_id,
        verb=verb,
        target_kind=str(target._meta.model_name),
        target_id=str(target.pk),
        detail=detail or {},
    )
