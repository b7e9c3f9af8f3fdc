"""Removing what has been kept long enough, by each organisation's own times. A due job, and a command with a dry run."""
from collections.abc import Callable, Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.actions.audit import record_event
from guidance.actions.erasure import erase_pathways, remove_after_commit
from guidance.actions.locks import lock_pathway
from guidance.choices import Retained
from guidance.models import Attachment, Client, Event, Pathway, RetentionRule, RightsAnswer, RightsRequest
from guidance.queries.retention import Due, due_of
from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import may


@transaction.atomic
def set_retention(*, by: Membership, months: Mapping[str, int | None]) -> None:
    """The own organisation's times, for it is the controller; None takes a time off. The event log keeps what was set."""
    if not may(by, Permission.ANSWER_RIGHTS):
        raise PermissionDenied
    for what, number in months.items():
        if number is None:
            RetentionRule.objects.filter(organisation=by.organisation_id, what=what).delete()
        else:
            rule, _made = RetentionRule.objects.get_or_create(organisation_id=by.organisation_id, what=Retained(what), defaults={"months": number})
            rule.months = number
            rule.save(update_fields=["months"])
    record_event(by=by.user, verb="guidance.retention_set", target=by.organisation, organisation_id=by.organisation_id, detail=dict(months))


def apply_retention(now: datetime) -> int:
    """Each thing in a transaction of its own, looked at again there: killed in the middle and run again it leaves nothing half removed."""
    removed = 0
    for rule in RetentionRule.objects.order_by("pk"):
        for due in list(due_of(rule, timezone.localdate(now))):
            with transaction.atomic():
                # An earlier one of this run may have taken it along.
                if _is_still_due(rule, due, now) and (done := REMOVE[rule.what](due, now)):
                    removed += done
                    record_event(by=None, verb="retention_applied", target=rule, organisation_id=rule.organisation_id, detail={"what": due.what, "pathway": due.pseudonym})
    return removed


def _is_still_due(rule: RetentionRule, due: Due, now: datetime) -> bool:
    """Held from here on: nobody asks for it, restricts it or opens it again between this look and the removal."""
    pathway = Pathway.objects.filter(pseudonym=due.pseudonym).first()
    if pathway is not None:
        # In the order in which an erasure takes them.
        Client.objects.select_for_update(no_key=True).get(pk=pathway.client_id)
        lock_pathway(pathway, open_only=False, while_restricted=True)
    return any(one.pk == due.pk for one in due_of(rule, timezone.localdate(now), only=due.pk))


def _pathway(due: Due, now: datetime) -> int:
    pathway = Pathway.objects.filter(pk=due.pk, closed_at__isnull=False).first()
    if pathway is None:
        return 0
    erase_pathways([pathway], by=None, now=now)
    return 1


def _file(due: Due, now: datetime) -> int:
    files = Attachment.objects.filter(pk=due.pk)
    remove_after_commit(list(files.values_list("stored_as", flat=True)), now)
    return files.delete()[0]


def _note(due: Due, now: datetime) -> int:
    return Event.objects.filter(pk=due.pk).update(text="")


def _answer(due: Due, now: datetime) -> int:
    asked = list(RightsRequest.objects.filter(answers=due.pk).values_list("pk", flat=True))
    done = RightsAnswer.objects.filter(pk=due.pk).delete()[0]
    RightsRequest.objects.filter(pk__in=asked, answers=None).delete()
    return done


REMOVE: dict[str, Callable[[Due, datetime], int]] = {Retained.PATHWAY: _pathway, Retained.FILES: _file, Retained.NOTES: _note, Retained.RIGHTS: _answer}
