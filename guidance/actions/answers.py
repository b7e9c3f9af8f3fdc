"""What the receiver of a hand-off answers."""
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.actions.consents import require_consent_to_take_part
from guidance.actions.first_contacts import plan_first_contact, require_coming_contact
from guidance.actions.locks import can_answer, lock_handoff, lock_people
from guidance.actions.notices import audit_handoff, tell_about_handoff
from guidance.actions.participations import join_pathway
from guidance.actions.timeline import create_step, someone_answerable, write_event
from guidance.choices import EventKind, HandoffKind, HandoffState, LadderStep, StepKind
from guidance.models import Handoff, Pathway
from guidance.permissions import may_answer, may_steer_sent
from guidance.queries.snapshots import snapshot
from pilots.models import Membership


@transaction.atomic
def accept_handoff(
    *, by: Membership | None, handoff: Handoff, first_contact_at: datetime, first_contact_way: str, place: str = "", responsible: Membership | None = None
) -> Handoff:
    """Accept, with the first contact: the receiver takes part and leads the guidance from now on (a transfer moves the
    process owner); the sender stays responsible until the contact was held.

    Who accepts answers for the client, unless they name a colleague (`responsible`); a request to take gives the
    client to the one who asked. When a body outside accepts, nothing moves and the sender follows the first contact up.
    """
    pathway, handoff = lock_handoff(handoff, expected=(HandoffState.SENT,))
    _require_answerer(by, handoff)
    require_coming_contact(first_contact_at, first_contact_way)
    taker = _taker(by, handoff, pathway, responsible)
    if handoff.to_organisation_id is not None:
        require_consent_to_take_part(handoff)
        join_pathway(pathway=pathway, person=taker, disclosure_basis=handoff.basis, disclosure_statute=handoff.basis_statute, disclosure_ground_id=handoff.basis_ground_id, consented_on=handoff.consented_on)
        if handoff.kind == HandoffKind.TRANSFER:
            pathway.process_owner_id, pathway.process_person = taker.organisation_id, taker
        else:
            pathway.guidance_lead = taker
        pathway.version += 1
        pathway.save(update_fields=["process_owner", "process_person", "guidance_lead", "version"])
    now = timezone.now()
    handoff.state, handoff.answered_at, handoff.answered_by, handoff.answered_outside = HandoffState.ACCEPTED, now, by, handoff.to_organisation_id is None
    handoff.first_contact_at, handoff.first_contact_way = first_contact_at, first_contact_way
    handoff.ladder_step, handoff.ladder_moved_at, handoff.paused_until, handoff.pause_reason = LadderStep.SENT, now, None, ""
    handoff.snapshot_answered = snapshot(pathway, handoff.sections)
    handoff.save()
    plan_first_contact(handoff, pathway, by, taker, place)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.ACCEPTED, "way": first_contact_way})
    tell_about_handoff(handoff, kind="handoff_accepted")
    audit_handoff(handoff, by, "handoff_accepted")
    return handoff


def _require_answerer(by: Membership | None, handoff: Handoff) -> None:
    """The receiving organisation answers; a body outside by its link (`by` is None), or through the sender who was told.

    The one who asks is not the one who answers, in whichever of their memberships.
    """
    if handoff.to_organisation_id is None:
        if by is not None and not may_steer_sent(by, handoff):
            raise ValidationError(_("The body outside answers by its link, or the sender writes its answer down."))
    elif by is None or not may_answer(by, handoff) or by.user_id == handoff.from_person.user_id:
        raise ValidationError(_("Only the receiving organisation answers a hand-off."))


def _taker(by: Membership | None, handoff: Handoff, pathway: Pathway, responsible: Membership | None) -> Membership:
    """Who answers for the client from now on, held."""
    if handoff.to_organisation_id is None:
        return someone_answerable(pathway, handoff.from_person)
    wanted = handoff.from_person if handoff.kind == HandoffKind.REQUEST_TO_TAKE else (responsible or by)
    [taker] = lock_people(*([wanted] if wanted else []))
    if taker.organisation_id != handoff.meeting_organisation_id or not can_answer(taker):
        raise ValidationError({"responsible": _("Choose an active counsellor of the receiving organisation.")})
    return taker


@transaction.atomic
def decline_handoff(*, by: Membership | None, handoff: Handoff, reason: str) -> Handoff:
    """Decline with a reason: the client is simply where they were, and the sender gets a step of today to go on from.

    `by` is None when a body outside answers through its link.
    """
    pathway, handoff = lock_handoff(handoff, expected=(HandoffState.SENT,))
    _require_answerer(by, handoff)
    if not reason.strip():
        raise ValidationError({"decline_reason": _("Write why you decline, so that the sender can find a better way.")})
    sender = someone_answerable(pathway, handoff.from_person)
    handoff.state, handoff.answered_at, handoff.answered_by, handoff.decline_reason = HandoffState.DECLINED, timezone.now(), by, reason.strip()
    handoff.answered_outside = handoff.to_organisation_id is None
    handoff.snapshot_answered = snapshot(pathway, handoff.sections)
    handoff.clean_fields(exclude=["sections", "snapshot_sent", "snapshot_answered"])
    handoff.save()
    create_step(
        by=by, pathway=pathway, responsible=sender, kind=StepKind.STEP, what=_("The hand-off was declined: choose the next way"), due_on=timezone.localdate(), handoff=handoff
    )
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.DECLINED})
    tell_about_handoff(handoff, kind="handoff_declined")
    audit_handoff(handoff, by, "handoff_declined")
    return handoff
