"""The guarantee: silence climbs a ladder of people and is never cancelled by the clock."""
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guidance.actions.notices import handoff_receivers, tell
from guidance.choices import HandoffState, LadderStep
from guidance.models import Handoff
from guidance.queries.receivers import receivers

BATCH = 500


def climb_ladder(now: datetime) -> int:
    """Move every open hand-off to the step that its silence has earned by `now`; gives how many steps were taken.

    Counted from the sending, and after acceptance from the day of the first contact that was promised.
    Running again for the same time takes no step. A pause stops steps and mails, never the list of the lead.
    """
    taken = 0
    for pk in Handoff.objects.open().exclude(ladder_step=LadderStep.LEAD).order_by("sent_at").values_list("pk", flat=True):
        taken += _climb(pk, now)
    return taken


@transaction.atomic
def _climb(pk: int, now: datetime) -> int:
    handoff = (
        Handoff.objects.open()
        .select_for_update(of=("self",))
        .select_related("pathway__partnership__lead__user", "pathway__partnership__substitute__user", "to_person__user", "to_organisation", "from_person__user")
        .filter(pk=pk)
        .first()
    )
    if handoff is None or (handoff.paused_until and timezone.localdate(now) < handoff.paused_until):
        return 0
    step = earned_step(handoff, now)
    if step <= handoff.ladder_step:
        return 0
    handoff.ladder_step, handoff.ladder_moved_at = step, now
    handoff.save(update_fields=["ladder_step", "ladder_moved_at"])
    for person in _people_of(handoff, step):
        tell(person, "handoff_silent", step=step)
    return 1


def earned_step(handoff: Handoff, now: datetime) -> int:
    partnership = handoff.pathway.partnership
    since = handoff.first_contact_at if handoff.state == HandoffState.ACCEPTED else handoff.sent_at
    silent = now - since
    steps = [(LadderStep.LEAD, partnership.lead_after), (LadderStep.COLLEAGUES, partnership.colleagues_after), (LadderStep.REMINDED, partnership.remind_after)]
    return next((step for step, days in steps if silent >= timedelta(days=days)), LadderStep.SENT)


def _people_of(handoff: Handoff, step: int) -> list:
    if step == LadderStep.REMINDED:
        return handoff_receivers(handoff) or [handoff.from_person]
    if step == LadderStep.COLLEAGUES:
        return receivers(handoff.to_organisation) if handoff.to_organisation else [handoff.from_person]
    partnership = handoff.pathway.partnership
    return [person for person in (partnership.lead, partnership.substitute) if person]
