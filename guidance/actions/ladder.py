"""The guarantee: silence climbs a ladder of people and is never cancelled by the clock."""
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guidance.actions.notices import colleagues_to_answer, handoff_receivers, tell, who_meets
from guidance.choices import HandoffState, LadderStep
from guidance.models import Handoff, Partnership
from guidance.permissions import may_lead
from guidance.queries.handoff_words import silent_since
from guidance.queries.receivers import receivers
from pilots.models import Membership

logger = logging.getLogger(__name__)


def climb_ladder(now: datetime) -> int:
    """Move every open hand-off to the step that its silence has earned by `now`; gives how many steps were taken.

    Counted from the sending, and after acceptance from the day of the first contact that was promised.
    Running again for the same time takes no step. A pause stops steps and mails, never the list of the lead.
    One hand-off that fails keeps no other from climbing; the run fails at its end, so that it is seen.
    """
    taken, failure = 0, None
    for pk in _silent(now):
        try:
            taken += _climb(pk, now)
        except Exception as error:
            logger.exception("hand-off %s did not climb", pk)
            failure = failure or error
    if failure:
        raise failure
    return taken


def _silent(now: datetime) -> list[int]:
    """Open hand-offs that have been silent for at least the first step of their partnership."""
    due = Q(pk__in=[])
    for partnership in Partnership.objects.only("pk", "remind_after"):
        since = now - timedelta(days=partnership.remind_after)
        due |= Q(pathway__partnership=partnership.pk, sent_at__lte=since)
    return list(Handoff.objects.open().exclude(ladder_step=LadderStep.LEAD).filter(due).order_by("sent_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def _climb(pk: int, now: datetime) -> int:
    if Handoff.objects.open().select_for_update().filter(pk=pk).first() is None:
        return 0
    handoff = Handoff.objects.select_related(
        "pathway__partnership__lead__user", "pathway__partnership__lead__organisation", "pathway__partnership__substitute__user", "pathway__partnership__substitute__organisation",
        "to_person__user", "to_person__organisation", "to_organisation", "from_organisation", "from_person__user", "from_person__organisation",
    ).get(pk=pk)
    step = earned_step(handoff, now)
    if step <= handoff.ladder_step or (is_paused(handoff, now) and step < LadderStep.LEAD):
        return 0
    handoff.ladder_step, handoff.ladder_moved_at = step, now
    handoff.save(update_fields=["ladder_step", "ladder_moved_at"])
    for person in people_of_step(handoff, step):
        _remind(person, handoff, step)
    return 1


def _remind(person: Membership, handoff: Handoff, step: int) -> None:
    """The lead's mail leads to the list on which the hand-off stands for them."""
    partnership = handoff.pathway.partnership
    if step == LadderStep.LEAD and may_lead(person, partnership):
        tell(person, kind="handoff_silent", page="guidance:lead_list", arguments=(partnership.slug,), step=step)
    else:
        tell(person, kind="handoff_silent", step=step)


def is_paused(handoff: Handoff, now: datetime) -> bool:
    return handoff.paused_until is not None and timezone.localdate(now) < handoff.paused_until


def earned_step(handoff: Handoff, now: datetime) -> int:
    partnership = handoff.pathway.partnership
    silent = now - silent_since(handoff)
    steps = [(LadderStep.LEAD, partnership.lead_after), (LadderStep.COLLEAGUES, partnership.colleagues_after), (LadderStep.REMINDED, partnership.remind_after)]
    return next((step for step, days in steps if silent >= timedelta(days=days)), LadderStep.SENT)


def people_of_step(handoff: Handoff, step: int) -> list:
    """Who is told: the receiver, or after the acceptance whoever promised to meet the client; then all who can do it there;
    then the partnership's lead and substitute.

    Where there is nobody to remind, the sender is told that there is nobody.
    """
    partnership, accepted = handoff.pathway.partnership, handoff.state == HandoffState.ACCEPTED
    found = {
        LadderStep.REMINDED: lambda: who_meets(handoff) if accepted else handoff_receivers(handoff),
        LadderStep.COLLEAGUES: lambda: receivers(handoff.meeting_organisation) if accepted else colleagues_to_answer(handoff),
        LadderStep.LEAD: lambda: [person for person in (partnership.lead, partnership.substitute) if person],
    }[LadderStep(step)]()
    return found or [handoff.from_person]
