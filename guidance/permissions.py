"""Who may see and do what with a client.

The one rule of sight: an organisation sees a client while it takes part in the pathway; a pending hand-off gives
its preview only. Kuntaliitto staff, education officers, coordinators and service handlers never see a client.
"""
from guidance.choices import Actor, Part
from guidance.models import Handoff, Participation, PartnershipPart, Pathway
from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import Acting, may


def may_guide(acting: Acting) -> bool:
    return may(acting, Permission.GUIDE_CLIENTS)


def takes_part(organisation_id: int, pathway: Pathway) -> bool:
    return Participation.objects.filter(pathway=pathway, organisation_id=organisation_id, ends_at=None).exists()


def may_see_pathway(acting: Acting, pathway: Pathway) -> bool:
    return may_guide(acting) and takes_part(acting.organisation_id, pathway)


def may_see_protected_details(acting: Membership, pathway: Pathway) -> bool:
    """Under non-disclosure only named people see address, telephone, municipality, place and employer."""
    return not pathway.client.is_protected or pathway.client.named_people.filter(pk=acting.pk).exists()


def may_answer(acting: Acting, handoff: Handoff) -> bool:
    return may_guide(acting) and handoff.to_organisation_id == acting.organisation_id


def may_steer_sent(acting: Acting, handoff: Handoff) -> bool:
    """Withdraw, pause, send again: the sender's organisation."""
    return may_guide(acting) and handoff.from_organisation_id == acting.organisation_id


def may_lead(acting: Acting, partnership) -> bool:
    """The partnership's lead or substitute, acting in that membership."""
    return may(acting, Permission.LEAD_PARTNERSHIP) and acting.pk in (partnership.lead_id, partnership.substitute_id)


def capacities(acting: Membership, pathway: Pathway) -> frozenset[str]:
    """In which capacities of the move table a person acts on this pathway."""
    found = set()
    if acting.organisation_id == pathway.process_owner_id:
        found.add(Actor.PROCESS_OWNER)
    if pathway.guidance_lead and acting.organisation_id == pathway.guidance_lead.organisation_id:
        found.add(Actor.GUIDANCE_LEAD)
    if PartnershipPart.objects.filter(partnership=pathway.partnership_id, organisation=acting.organisation_id, part=Part.COLLEGE).exists():
        found.add(Actor.PROVIDER)
    return frozenset(found)
