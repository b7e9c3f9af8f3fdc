from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.timeline import close_step, create_step, lock_pathway, refresh_next_due, require_responsible, write_event
from guidance.choices import (
    BenefitDecision,
    DisclosureBasis,
    EventKind,
    OptionState,
    ProcessingBasis,
    Requirement,
    Stage,
    StepKind,
    find_move,
)
from guidance.models import Client, DropIn, NextStep, Participation, Partnership, PartnershipPart, Pathway, StagePeriod
from guidance.permissions import capacities, takes_part
from pilots.models import Membership

ONE_TICK = timedelta(microseconds=1)


@transaction.atomic
def open_pathway(*, by: Membership, partnership: Partnership, client: Client, first_step: str, first_due_on, drop_in: DropIn | None = None, **fields) -> Pathway:
    """Begin a client's pathway: owner, stage, participation and a dated next step from the first moment on.

    Only the process-owning organisation opens one, in a partnership that is open. An unsaved client is stored.
    """
    if partnership.opened_at is None:
        raise ValidationError(_("This partnership is not open yet: its agreement of roles, impact assessment and lead come first."))
    if by.organisation_id != partnership.process_organisation_id:
        raise ValidationError(_("The employment service opens a pathway. Send the client there, or log a drop-in talk."))
    now = timezone.now()
    if client.pk is None:
        client.created_at = now
        client.save()
    pathway = Pathway(
        client=client,
        partnership=partnership,
        stage=Stage.REGISTERED,
        process_owner_id=by.organisation_id,
        process_person=by,
        opened_at=now,
        last_event_at=now,
        **fields,
    )
    pathway.full_clean(exclude=["client", "partnership", "process_owner", "process_person", "pseudonym"])
    pathway.save()
    StagePeriod.objects.create(pathway=pathway, stage=pathway.stage, started_at=now, by=by)
    join_pathway(pathway=pathway, person=by, disclosure_basis=DisclosureBasis.OWN)
    create_step(by=by, pathway=pathway, responsible=by, kind=StepKind.STEP, what=first_step, due_on=first_due_on)
    write_event(pathway=pathway, kind=EventKind.OPENED, by=by, at=now)
    if drop_in:
        _adopt_drop_in(pathway, drop_in)
    record_event(by=by.user, verb="pathway_opened", target=pathway, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym})
    return pathway


def _adopt_drop_in(pathway: Pathway, drop_in: DropIn) -> None:
    drop_in = DropIn.objects.select_for_update().get(pk=drop_in.pk)
    if drop_in.event_id:
        raise ValidationError(_("This talk already belongs to a pathway."))
    drop_in.event = write_event(pathway=pathway, kind=EventKind.DROP_IN, by=drop_in.by, at=drop_in.at, detail={"topic": drop_in.topic})
    drop_in.save(update_fields=["event"])


def join_pathway(*, pathway: Pathway, person: Membership, disclosure_basis: str, disclosure_statute: str = "", consented_on=None) -> Participation:
    """The organisation of `person` takes part from now on; its own basis is what its part of the partnership states."""
    part = PartnershipPart.objects.filter(partnership=pathway.partnership_id, organisation=person.organisation_id).first()
    found = Participation.objects.filter(pathway=pathway, organisation_id=person.organisation_id, ends_at=None).first()
    if found:
        return found
    return Participation.objects.create(
        pathway=pathway,
        organisation_id=person.organisation_id,
        responsible=person,
        starts_at=timezone.now(),
        processing_basis=ProcessingBasis.STATUTORY_TASK if part and part.acts_as_authority else ProcessingBasis.CONSENT,
        processing_statute=part.processing_statute if part else "",
        disclosure_basis=disclosure_basis,
        disclosure_statute=disclosure_statute,
        consented_on=consented_on,
    )


@transaction.atomic
def move_stage(*, by: Membership, pathway: Pathway, target: str, reason: str = "") -> Pathway:
    """Make one move of the table `choices.MOVES`: allowed from here, by this capacity, with what must be there."""
    pathway = lock_pathway(pathway)
    if pathway.stage == target:
        return pathway
    move = find_move(pathway.stage, target)
    if move is None:
        raise ValidationError(_("This move is not possible from the stage “%(stage)s”."), params={"stage": pathway.get_stage_display()})
    if not takes_part(by.organisation_id, pathway) or not move.who & capacities(by, pathway):
        raise ValidationError(_("Your organisation does not make this move. Ask the one that does, or hand the client over."))
    missing = [need for need in move.needs if not is_met(need, pathway, reason)]
    if missing:
        raise ValidationError([ValidationError(_("Before this move there must be %(need)s."), params={"need": Requirement(need).label}) for need in missing])
    return _enter_stage(pathway, target, by=by, reason=reason)


def _enter_stage(pathway: Pathway, target: str, *, by: Membership, reason: str) -> Pathway:
    last = pathway.stage_periods.order_by("started_at").last()
    now = timezone.now()
    StagePeriod.objects.create(pathway=pathway, stage=target, started_at=max(now, last.started_at + ONE_TICK) if last else now, by=by, reason=reason[:300])
    source, pathway.stage = pathway.stage, target
    pathway.version += 1
    pathway.save(update_fields=["stage", "version"])
    write_event(pathway=pathway, kind=EventKind.MOVE, by=by, text=reason, detail={"from": source, "to": target})
    record_event(by=by.user, verb="pathway_moved", target=pathway, organisation_id=by.organisation_id, detail={"from": source, "to": target})
    return pathway


def is_met(need: str, pathway: Pathway, reason: str = "") -> bool:
    """Whether what a move needs is there; the page that offers the move asks the same."""
    options = pathway.options
    checks = {
        Requirement.ASSESSED: lambda: pathway.assessment_items.exists(),
        Requirement.LEAD_NAMED: lambda: pathway.guidance_lead_id is not None,
        Requirement.OPTION_CONSIDERED: lambda: options.exclude(state=OptionState.DROPPED).exists(),
        Requirement.OPTION_CHOSEN: lambda: options.filter(state__in=CHOSEN_ON).exists(),
        Requirement.OPTION_ADMITTED: lambda: options.filter(state=OptionState.ADMITTED, starts_on__isnull=False).exists(),
        Requirement.BENEFIT_DECIDED: lambda: options.filter(state=OptionState.STARTED, benefit_decision__in=[BenefitDecision.MADE, BenefitDecision.NOT_NEEDED]).exists(),
        Requirement.OPTION_STARTED: lambda: options.filter(state=OptionState.STARTED).exists(),
        Requirement.WORKPLACE_PERIOD: lambda: pathway.workplace_periods.exists(),
        Requirement.OPTION_COMPLETED: lambda: options.filter(state=OptionState.COMPLETED).exists(),
        Requirement.REASON: lambda: bool(reason.strip()),
    }
    return checks[need]()


CHOSEN_ON = [OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED, OptionState.COMPLETED]


@transaction.atomic
def close_pathway(*, by: Membership, pathway: Pathway, end_reason: str, outcome: str, text: str = "") -> Pathway:
    """End a pathway with coded reason and outcome. The process owner does; an open hand-off comes to its end first."""
    pathway = lock_pathway(pathway)
    if by.organisation_id != pathway.process_owner_id:
        raise ValidationError(_("Only the organisation that owns the process ends a pathway."))
    if pathway.handoffs.open().exists():
        raise ValidationError(_("A hand-off is still open. Withdraw it, or wait until the client has been met, before you end the pathway."))
    now = timezone.now()
    for step in NextStep.objects.open().filter(pathway=pathway):
        close_step(step, by=by)
    pathway.participations.filter(ends_at=None).update(ends_at=now)
    pathway.closed_at, pathway.closed_by, pathway.end_reason, pathway.outcome = now, by, end_reason, outcome
    pathway.version += 1
    pathway.full_clean(exclude=["client", "partnership", "process_owner", "process_person", "guidance_lead", "study_counsellor", "closed_by"])
    pathway.save()
    write_event(pathway=pathway, kind=EventKind.CLOSED, by=by, text=text, detail={"reason": end_reason, "outcome": outcome})
    refresh_next_due(pathway)
    record_event(by=by.user, verb="pathway_closed", target=pathway, organisation_id=by.organisation_id, detail={"reason": end_reason, "outcome": outcome})
    return pathway


@transaction.atomic
def reopen_pathway(*, by: Membership, pathway: Pathway, reason: str, first_step: str, first_due_on) -> Pathway:
    """Open an ended pathway again at its last stage, with the reopening person as owner and a next step."""
    pathway = lock_pathway(pathway, open_only=False)
    if pathway.closed_at is None:
        return pathway
    if by.organisation_id != pathway.process_owner_id:
        raise ValidationError(_("Only the organisation that owned the process reopens a pathway."))
    if not reason.strip():
        raise ValidationError({"reason": _("Write why the pathway is opened again.")})
    pathway.closed_at = pathway.closed_by = None
    pathway.end_reason = pathway.outcome = ""
    pathway.process_person, pathway.guidance_lead, pathway.study_counsellor = by, None, None
    pathway.version += 1
    pathway.save()
    join_pathway(pathway=pathway, person=by, disclosure_basis=DisclosureBasis.OWN)
    create_step(by=by, pathway=pathway, responsible=by, kind=StepKind.STEP, what=first_step, due_on=first_due_on)
    write_event(pathway=pathway, kind=EventKind.OPENED, by=by, text=reason, detail={"again": True})
    record_event(by=by.user, verb="pathway_reopened", target=pathway, organisation_id=by.organisation_id)
    return pathway


@transaction.atomic
def end_participation(*, by: Membership, pathway: Pathway, organisation_id: int, reason: str) -> None:
    """An organisation leaves a pathway; never the process owner, never one that still answers for something."""
    pathway = lock_pathway(pathway)
    participation = pathway.participations.filter(organisation_id=organisation_id, ends_at=None).first()
    if participation is None:
        return
    if by.organisation_id not in (organisation_id, pathway.process_owner_id):
        raise ValidationError(_("Only the organisation itself or the process owner ends its participation."))
    if organisation_id == pathway.process_owner_id:
        raise ValidationError(_("The process owner cannot leave. Transfer the process responsibility first; the client is then never without an owner."))
    if pathway.guidance_lead and pathway.guidance_lead.organisation_id == organisation_id:
        raise ValidationError(_("This organisation leads the guidance. Hand the client over first."))
    if NextStep.objects.open().filter(pathway=pathway, responsible__organisation_id=organisation_id).exists():
        raise ValidationError(_("This organisation is responsible for an open step. Finish it or give it to somebody else first."))
    if pathway.handoffs.open().filter(to_organisation_id=organisation_id).exists() or pathway.handoffs.open().filter(from_organisation_id=organisation_id).exists():
        raise ValidationError(_("This organisation has an open hand-off of this client. Bring it to its end first."))
    participation.ends_at = timezone.now()
    participation.save(update_fields=["ends_at"])
    if pathway.study_counsellor and pathway.study_counsellor.organisation_id == organisation_id:
        Pathway.objects.filter(pk=pathway.pk).update(study_counsellor=None)
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, text=reason, detail={"left": organisation_id})


@transaction.atomic
def name_responsible(*, by: Membership, pathway: Pathway, duty: str, person: Membership) -> Pathway:
    """Name another person of the same organisation as process person, or anyone who takes part as study counsellor.

    The guidance lead moves by a hand-off that is accepted, never from here; the process owner only by a transfer.
    """
    pathway = lock_pathway(pathway)
    require_responsible(person, pathway)
    if duty == "process_person" and (person.organisation_id != pathway.process_owner_id or by.organisation_id != pathway.process_owner_id):
        raise ValidationError({"person": _("The process owner names one of its own counsellors.")})
    if duty not in ("process_person", "study_counsellor"):
        raise ValidationError(_("This duty moves by a hand-off."))
    setattr(pathway, duty, person)
    pathway.version += 1
    pathway.save(update_fields=[duty, "version"])
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, detail={"duty": duty, "person": person.pk})
    return pathway
