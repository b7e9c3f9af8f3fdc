"""What an organisation's data protection officer is shown of reading."""
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.actions.audit import record_event
from guidance.choices import ReadingRule
from guidance.models import ReaderNaming, ReadingThreshold
from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import Acting, may


@transaction.atomic
def set_thresholds(*, by: Membership, thresholds: Mapping[ReadingRule, int]) -> None:
    """For the own organisation. The event log keeps what was set: a rule that tells of nothing hides reading."""
    if not may(by, Permission.SUPERVISE_READING):
        raise PermissionDenied
    rows = [ReadingThreshold(organisation_id=by.organisation_id, rule=rule, threshold=threshold) for rule, threshold in thresholds.items()]
    ReadingThreshold.objects.bulk_create(rows, update_conflicts=True, unique_fields=["organisation", "rule"], update_fields=["threshold"])
    record_event(by=by.user, verb="guidance.reading_thresholds_set", target=by.organisation, organisation_id=by.organisation_id, detail={str(rule): threshold for rule, threshold in thresholds.items()})


def may_name_readers(acting: Acting) -> bool:
    """The organisation's data protection officer or its administrator."""
    return may(acting, Permission.SUPERVISE_READING) or may(acting, Permission.MANAGE_PEOPLE)


@transaction.atomic
def set_reader_naming(*, by: Membership, shows_names: bool) -> None:
    """Whether clients read the names of the own organisation's readers, also of what was read before."""
    if not may_name_readers(by):
        raise PermissionDenied
    ReaderNaming.objects.update_or_create(organisation=by.organisation, defaults={"shows_names": shows_names})
    record_event(by=by.user, verb="guidance.reader_naming_set", target=by.organisation, organisation_id=by.organisation_id, detail={"shows_names": shows_names})
