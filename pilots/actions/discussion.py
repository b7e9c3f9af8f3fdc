"""Comments, and "this is wrong" from any reader. Comments are hidden with a reason, never deleted; a report is answered for once."""
from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Comment, FaultReport, Membership
from pilots.permissions import may_comment, may_moderate, owner_of
from pilots.queries.discussion import comments_on

HOUR = 3600
# Within this time the same words of the same person are the same form.
SAME_FORM = timedelta(hours=1)
# Reports in an hour from one reader, and on one thing from all of them.
MOST_OF_A_READER, MOST_ON_A_THING = 5, 30


class TooMany(ValidationError):
    """As many as are taken have come within the hour."""


@transaction.atomic
def add_comment(*, by: Membership, thing: models.Model, text: str) -> Comment:
    """The same form sent twice makes one. Raises PermissionDenied for those who act for nobody."""
    if not may_comment(by):
        raise PermissionDenied
    thing = _locked(thing)
    # Whoever got no answer presses again, and another reader may have written in between.
    if sent := comments_on(thing).filter(author=by, text=text, hidden_at=None, created_at__gt=timezone.now() - SAME_FORM).order_by("-pk").first():
        return sent
    comment = Comment(target=thing, author=by, text=text, created_at=timezone.now())
    comment.clean_fields(exclude=["target_type", "author"])
    comment.save()
    record_event(by=by.user, verb="add_comment", target=comment, organisation_id=by.organisation_id)
    return comment


@transaction.atomic
def hide_comment(*, by: Membership, comment_id: int, reason: str) -> Comment:
    """Readers see from then on that something was hidden, and why. Raises PermissionDenied for all but the owner's people and the moderators."""
    comment = Comment.objects.select_for_update().get(pk=comment_id)
    if not may_moderate(by, comment.target):
        raise PermissionDenied
    if comment.hidden_at:
        raise ValidationError(_("Somebody else has hidden this comment already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Write why the comment is hidden: its readers see the reason.")})
    comment.hidden_at, comment.hidden_by, comment.hidden_reason = timezone.now(), by.user, reason
    comment.clean_fields(exclude=["target_type", "author", "hidden_by"])
    comment.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    record_event(by=by.user, verb="hide_comment", target=comment, organisation_id=by.organisation_id)
    return comment


def report_fault(*, sender: str, thing: models.Model, text: str, email: str = "") -> FaultReport:
    """A report of somebody who need not be known: `sender` is a mark that tells readers apart and nothing else. Raises TooMany."""
    _count(f"fault-of:{sender}", MOST_OF_A_READER)
    _count(f"fault-on:{thing._meta.model_name}:{thing.pk}", MOST_ON_A_THING)
    with transaction.atomic():
        thing = _locked(thing)
        area_id, organisation_id = owner_of(thing)
        report = FaultReport(target=thing, area_id=area_id, organisation_id=organisation_id, text=text, email=email, created_at=timezone.now())
        report.clean_fields(exclude=["target_type", "area", "organisation"])
        report.save()
        record_event(by=None, verb="report_fault", target=report)
    return report


@transaction.atomic
def handle_fault(*, by: Membership, fault_id: int) -> bool:
    """Somebody has seen to it; whether that was news. Raises PermissionDenied for all but the owner's people and the moderators."""
    report = FaultReport.objects.select_for_update().get(pk=fault_id)
    if not may_moderate(by, report):
        raise PermissionDenied
    if report.handled_at:
        return False
    report.handled_at, report.handled_by = timezone.now(), by.user
    report.save(update_fields=["handled_at", "handled_by"])
    record_event(by=by.user, verb="handle_fault", target=report, organisation_id=by.organisation_id)
    return True


def _locked(thing: models.Model) -> models.Model:
    """The thing; of an obstacle that has been merged in the meantime the one that it was merged into, so that nothing is said where nobody reads it.

    One lock at a time, as in `proposals`: whoever merges locks several.
    """
    rows = type(thing)._default_manager.select_for_update(of=("self",))
    pk = thing.pk
    while True:
        before = transaction.savepoint()
        found = rows.get(pk=pk)
        into = getattr(found, "merged_into_id", None)
        if into is None:
            transaction.savepoint_commit(before)
            return found
        transaction.savepoint_rollback(before)
        pk = into


def _count(key: str, most: int) -> None:
    """In this hour of the clock; two at the same moment may count as one, which does no harm."""
    key = f"{key}:{int(timezone.now().timestamp()) // HOUR}"
    count = cache.get(key, 0) + 1
    cache.set(key, count, HOUR)
    if count > most:
        raise TooMany(_("There have been too many reports within the hour. Try again later, or write to the contact person."))
