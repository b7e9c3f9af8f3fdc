"""Who takes part in a pathway, and who answers for what in it."""
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import User
from guidance.actions.enrolments import tell_who_sees_to_seats
from guidance.actions.locks import lock_pathway, lock_responsible, require_participant
from guidance.actions.naming import keep_somebody_named
from guidance.actions.timeline import write_event
from guidance.choices import (
    EventKind,
    ProcessingBasis,
)
from guidance.models import NextStep, Participation, PartnershipPart, Pathway
from guidance.queries.bases import stated_part
from pilots.models import Membership


def join_pathway(*, pathway: Pathway, person: Membership, disclosure_basis: str, consented_on=None, **disclosure) -> Participation:
    """The organisation of `person` takes part from now on, on the basis that it has stated itself; refused until it has.

    `disclosure`: disclosure_statute, disclosure_ground. For actions that hold the pathway's lock and the person's.
    """
    found = Participation.objects.filter(pathway=pathway, organisation_id=person.organisation_id, ends_at=None).first()
    if found:
        return found
    part = required_part(person.organisation_id, pathway.partnership_id)
    participation = participation_of(pathway=pathway, person=person, part=part, disclosure_basis=disclosure_basis, consented_on=consented_on, **disclosure)
    participation.save(force_insert=True)
    return participation


def required_part(organisation_id: int, partnership_id: int) -> PartnershipPart:
    part = stated_part(organisation_id, partnership_id)
    if part is None:
        raise ValidationError(_("Your organisation has not stated on what basis it processes clients' data. Its partnership lead states it on the partnership's page; after that the client can come to you."))
    return part


def participation_of(*, pathway: Pathway, person: Membership, part: PartnershipPart, disclosure_basis: str, consented_on=None, **disclosure) -> Participation:
    """The row unsaved, for whoever opens many pathways at once."""
    return Participation(
        pathway=pathway,
        organisation_id=person.organisation_id,
        responsible=person,
        starts_at=timezone.now(),
        processing_basis=ProcessingBasis.STATUTORY_TASK if part.acts_as_authority else ProcessingBasis.CONSENT,
        processing_ground_id=part.processing_ground_id,
        processing_statute=part.processing_statute,
        disclosure_basis=disclosure_basis,
        consented_on=consented_on,
        **disclosure,
    )


@transaction.atomic
def end_participation(*, by: Membership, pathway: Pathway, organisation_id: int, reason: str) -> None:
    """An organisation leaves a pathway; never the process owner, never one that still answers for something."""
    pathway = lock_pathway(pathway)
    participation = pathway.participations.filter(organisation_id=organisation_id, ends_at=None).first()
    if participation is None:
        return
    require_participant(by, pathway)
    if by.organisation_id not in (organisation_id, pathway.process_owner_id):
        raise ValidationError(_("Only the organisation itself or the process owner ends its participation."))
    if not reason.strip():
        raise ValidationError({"reason": _("Write why the participation ends.")})
    if organisation_id == pathway.process_owner_id:
        raise ValidationError(_("The process owner cannot leave. Transfer the process responsibility first; the client is then never without an owner."))
    if pathway.guidance_lead and pathway.guidance_lead.organisation_id == organisation_id:
        raise ValidationError(_("This organisation leads the guidance. Hand the client over first."))
    if NextStep.objects.open().filter(pathway=pathway, responsible__organisation_id=organisation_id).exists():
        raise ValidationError(_("This organisation is responsible for an open step. Finish it or give it to somebody else first."))
    if pathway.handoffs.open().filter(to_organisation_id=organisation_id).exists() or pathway.handoffs.open().filter(from_organisation_id=organisation_id).exists():
        raise ValidationError(_("This organisation has an open hand-off of this client. Bring it to its end first."))
    leave(pathway, participation, by=by, text=reason.strip())


def leave(pathway: Pathway, participation: Participation, *, by: Membership | None, text: str, by_user: User | None = None, **detail) -> None:
    """`by` is None where the client ended it on the own page (`by_user`), or a consent's last day is over. For actions that hold the pathway and have found that the organisation answers for nothing any more."""
    organisation_id = participation.organisation_id
    participation.ends_at = timezone.now()
    participation.save(update_fields=["ends_at"])
    if pathway.study_counsellor and pathway.study_counsellor.organisation_id == organisation_id:
        pathway.study_counsellor = None
        pathway.version += 1
        pathway.save(update_fields=["study_counsellor", "version"])
    pathway.client.named_people.remove(*pathway.client.named_people.filter(organisation_id=organisation_id))
    keep_somebody_named(pathway, by=by)
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, text=text, detail={"left": organisation_id, **detail})
    tell_who_sees_to_seats(pathway, by=by, organisation_id=organisation_id)
    record_event(by=by.user if by else by_user, verb="participation_ended", target=pathway, organisation_id=by.organisation_id if by else None, detail={"organisation": organisation_id, **detail})


@transaction.atomic
def name_responsible(*, by: Membership, pathway: Pathway, duty: str, person: Membership | None) -> Pathway:
    """Name another person: `process_person` of the process owner, `study_counsellor` of anyone who takes part (None: nobody),
    or `participant`, who answers for the own organisation's part.

    The guidance lead moves by a hand-off that is accepted, never from here; the process owner only by a transfer.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if duty not in ("process_person", "study_counsellor", "participant"):
        raise ValidationError(_("This duty moves by a hand-off."))
    if person is None and duty != "study_counsellor":
        raise ValidationError({"person": _("Choose the person.")})
    person = lock_responsible(person, pathway, "person") if person else None
    if person and duty == "process_person" and (person.organisation_id != pathway.process_owner_id or by.organisation_id != pathway.process_owner_id):
        raise ValidationError({"person": _("The process owner names one of its own counsellors.")})
    if person and duty == "participant":
        if person.organisation_id != by.organisation_id:
            raise ValidationError({"person": _("Choose a counsellor of your own organisation.")})
        pathway.participations.filter(organisation_id=by.organisation_id, ends_at=None).update(responsible=person)
    else:
        setattr(pathway, duty, person)
        pathway.version += 1
        pathway.save(update_fields=[duty, "version"])
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, detail={"duty": duty, "person": person.pk if person else None})
    return pathway
