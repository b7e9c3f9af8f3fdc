"""Who may see and do what with a client.

The one rule of sight: an organisation sees a client while it takes part in the pathway; a pending hand-off gives
its preview only. Kuntaliitto staff, education officers, coordinators and service handlers never see a client.
"""
from typing import TypeGuard

from guidance.choices import Actor, HandoffKind, HandoffState, Part
from guidance.models import Handoff, Participation, PartnershipPart, Pathway, RightsRequest
from pilots.choices import OrganisationKind, Permission
from pilots.models import Membership, Organisation
from pilots.permissions import Acting, may


def may_guide(acting: Acting) -> TypeGuard[Membership]:
    return may(acting, Permission.GUIDE_CLIENTS)


def takes_part(organisation_id: int, pathway: Pathway) -> bool:
    """A page that has read `all_participations` with the pathway needs no second look."""
    if (known := getattr(pathway, "all_participations", None)) is not None:
        return any(row.organisation_id == organisation_id and row.ends_at is None for row in known)
    return Participation.objects.filter(pathway=pathway, organisation_id=organisation_id, ends_at=None).exists()


def may_see_pathway(acting: Acting, pathway: Pathway) -> bool:
    """Whose organisation takes part now; an ended pathway is left to the one that owned the process, so that it can be reopened."""
    if not may_guide(acting):
        return False
    return takes_part(acting.organisation_id, pathway) or (pathway.closed_at is not None and acting.organisation_id == pathway.process_owner_id)


def may_see_protected_details(acting: Membership, pathway: Pathway) -> bool:
    """Under non-disclosure only named people see address, telephone, municipality, place and employer."""
    if not pathway.client.is_protected:
        return True
    if (known := getattr(pathway, "named_person_ids", None)) is not None:
        return acting.pk in known
    return pathway.client.named_people.filter(pk=acting.pk).exists()


def may_answer(acting: Acting, handoff: Handoff) -> bool:
    return may_guide(acting) and handoff.to_organisation_id == acting.organisation_id


def may_steer_sent(acting: Acting, handoff: Handoff) -> bool:
    """Withdraw, pause, send again: the sender's organisation."""
    return may_guide(acting) and handoff.from_organisation_id == acting.organisation_id


def may_see_handoff(acting: Acting, handoff: Handoff) -> bool:
    """Whose organisation takes part in the pathway; and the receiver while its answer is awaited, who sees the preview only."""
    return may_see_pathway(acting, handoff.pathway) or (handoff.state == HandoffState.SENT and may_answer(acting, handoff))


def may_give_answer(acting: Acting, handoff: Handoff) -> bool:
    """The receiver, not who sent it; for a body outside the sender may write its answer down."""
    if handoff.to_organisation_id is None:
        return may_steer_sent(acting, handoff)
    return may_guide(acting) and may_answer(acting, handoff) and acting.user_id != handoff.from_person.user_id


def needs_decision(kind: str, receiver: Organisation | None) -> bool:
    """The process responsibility goes to another employment authority; to anybody else by a decision only."""
    return kind == HandoffKind.TRANSFER and receiver is not None and receiver.kind != OrganisationKind.EMPLOYMENT_AUTHORITY


def may_lead(acting: Acting, partnership) -> bool:
    """The partnership's lead or substitute, acting in that membership."""
    return may(acting, Permission.LEAD_PARTNERSHIP) and acting.pk in (partnership.lead_id, partnership.substitute_id)


def may_edit_partnership(acting: Acting, partnership) -> bool:
    """Its lead or substitute; until it opens, any partnership lead of the organisation that owns the process."""
    if partnership.opened_at is None and may(acting, Permission.LEAD_PARTNERSHIP) and acting.organisation_id == partnership.process_organisation_id:
        return True
    return may_lead(acting, partnership)


def may_set_up_partnership(acting: Acting) -> bool:
    """An employment authority's partnership lead."""
    return may(acting, Permission.LEAD_PARTNERSHIP) and acting.organisation.kind == OrganisationKind.EMPLOYMENT_AUTHORITY


def may_edit_own_part(acting: Acting, part: PartnershipPart) -> bool:
    """The organisation's own partnership lead states its basis."""
    return may(acting, Permission.LEAD_PARTNERSHIP) and acting.organisation_id == part.organisation_id


def capacities(acting: Membership, pathway: Pathway, *, part: str | None = None) -> frozenset[str]:
    """In which capacities of the move table a person acts on this pathway. `part` (of their organisation) saves the query where it is known.

    The employment part's stages are the process owner's, whoever that is after a transfer.
    """
    found = set()
    answering = pathway.partnership.parts_of_stage(pathway.stage)
    owns = acting.organisation_id == pathway.process_owner_id
    if owns:
        found.add(Actor.PROCESS_OWNER)
    if pathway.guidance_lead and acting.organisation_id == pathway.guidance_lead.organisation_id:
        found.add(Actor.GUIDANCE_LEAD)
    if part is None:
        part = PartnershipPart.objects.filter(partnership=pathway.partnership_id, organisation=acting.organisation_id).values_list("part", flat=True).first()
    if owns and Part.EMPLOYMENT in answering or part in answering and part != Part.EMPLOYMENT:
        found.add(Actor.STAGE_PART)
    return frozenset(found)


def may_answer_rights(acting: Acting, request: RightsRequest) -> TypeGuard[Membership]:
    """For an organisation that was asked: its data protection officer, and its partnership lead."""
    return may(acting, Permission.ANSWER_RIGHTS) and request.answers.filter(organisation=acting.organisation_id).exists()


def may_restrict(acting: Acting, pathway: Pathway) -> TypeGuard[Membership]:
    """The process owner's organisation answers for the pathway as a whole."""
    return may(acting, Permission.ANSWER_RIGHTS) and acting.organisation_id == pathway.process_owner_id


def may_invite_client(acting: Acting, pathway: Pathway) -> bool:
    """To the own page: a counsellor of the process owner, and under non-disclosure one of those named for it, for a mailbox can be read by others."""
    return acting is not None and may_see_pathway(acting, pathway) and acting.organisation_id == pathway.process_owner_id and may_see_protected_details(acting, pathway)
