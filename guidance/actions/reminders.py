"""A partnership's lead reminds of a hand-off that stands on their list."""
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from guidance.actions.ladder import is_paused, people_of_step
from guidance.actions.locks import lock_handoff
from guidance.actions.notices import audit_handoff, tell
from guidance.choices import OPEN_HANDOFF, LadderStep
from guidance.models import Handoff
from guidance.permissions import may_lead
from guidance.queries.lead import REMINDED_BY_LEAD, last_reminder
from pilots.models import Membership


@transaction.atomic
def remind_again(*, by: Membership, handoff: Handoff, now: datetime | None = None) -> Handoff:
    """Mail once more to all who can take the hand-off up; the sender, when there is nobody. At most once a day, and the
    audit log is what remembers it. Never while the sender lets the reminders rest."""
    now = now or timezone.now()
    pathway, handoff = lock_handoff(handoff, expected=OPEN_HANDOFF)
    if not may_lead(by, pathway.partnership):
        raise ValidationError(_("Only the partnership's lead or substitute reminds of a hand-off."))
    if handoff.ladder_step != LadderStep.LEAD:
        raise ValidationError(_("This hand-off is not on the lead's list: the reminders still go out by themselves."))
    if handoff.paused_until and is_paused(handoff, now):
        raise ValidationError(_("The sender lets the reminders rest until %(day)s."), params={"day": date_format(handoff.paused_until, "SHORT_DATE_FORMAT")})
    before = last_reminder(handoff)
    if before and timezone.localdate(before) == timezone.localdate(now):
        raise ValidationError(_("A reminder has gone out today already. Send the next one tomorrow, or write to the person."))
    for person in people_of_step(handoff, LadderStep.COLLEAGUES):
        tell(person, kind="handoff_silent", step=LadderStep.COLLEAGUES)
    audit_handoff(handoff, by, REMINDED_BY_LEAD)
    return handoff
