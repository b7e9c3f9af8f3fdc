from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer, lock_pathway, lock_people, require_participant
from guidance.actions.notices import tell_about_handoff
from guidance.actions.participations import leave
from guidance.actions.timeline import write_event
from guidance.choices import DisclosureBasis, EventKind, HandoffState
from guidance.models import Handoff, NextStep, Pathway
from guidance.permissions import takes_part
from pilots.models import Membership, Organisation


@transaction.atomic
def withdraw_consent(*, by: Membership, pathway: Pathway, organisation: Organisation, reason: str = "") -> Pathway:
    """The client withdraws the consent to telling an organisation: from now on it is told nothing more.

    Its open hand-offs that rest on the consent are taken back, its part in the pathway ends if that rested on the
    consent, and what it answered for falls to the process owner at once, so that the client is not left alone. What it already
    holds follows its own basis. The process owner itself does not leave: responsibility is transferred first.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if by.organisation_id not in (organisation.pk, pathway.process_owner_id):
        raise ValidationError(_("The process owner, or the organisation itself, writes down that a consent was withdrawn."))
    if organisation.pk == pathway.process_owner_id:
        raise ValidationError(_("The process owner cannot leave. Transfer the process responsibility first; the client is then never without an owner."))
    participation = pathway.participations.filter(organisation=organisation, ends_at=None).first()
    if participation and participation.disclosure_basis != DisclosureBasis.CONSENT:
        participation = None
    leaves = participation is not None
    concerned = Q(to_organisation=organisation) if leaves else Q(to_organisation=organisation, basis=DisclosureBasis.CONSENT)
    if leaves:
        concerned |= Q(from_organisation=organisation)
    ids = [handoff.pk for handoff in pathway.handoffs.open().select_for_update().filter(concerned).order_by("pk")]
    handoffs = list(Handoff.objects.select_related("from_person__user", "from_person__organisation", "to_person__user", "to_person__organisation", "to_organisation").filter(pk__in=ids))
    if not leaves and not handoffs:
        raise ValidationError(_("Nothing that this organisation is told rests on the client's consent."))
    now = timezone.now()
    for handoff in handoffs:
        handoff.state, handoff.withdrawn_at, handoff.withdrawn_by = HandoffState.WITHDRAWN, now, by
        handoff.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
        write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.WITHDRAWN, "consent": True})
        tell_about_handoff(handoff, kind="handoff_withdrawn", by=by)
    if participation:
        _take_over(pathway, organisation)
        leave(pathway, participation, by=by, text=reason.strip(), consent=True)
    record_event(by=by.user, verb="consent_withdrawn", target=pathway, organisation_id=by.organisation_id, detail={"organisation": organisation.pk})
    return pathway


def _take_over(pathway: Pathway, organisation: Organisation) -> None:
    [owner] = lock_people(*filter(None, [pathway.process_person]))
    if not can_answer(owner) or not takes_part(owner.organisation_id, pathway):
        raise ValidationError(_("The process owner names a responsible person first."))
    NextStep.objects.open().filter(pathway=pathway, responsible__organisation=organisation).update(responsible=owner)
    if pathway.guidance_lead and pathway.guidance_lead.organisation_id == organisation.pk:
        pathway.guidance_lead = None
    pathway.version += 1
    pathway.save(update_fields=["guidance_lead", "version"])
