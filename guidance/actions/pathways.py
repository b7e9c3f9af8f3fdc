from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import check_version, lock_guide, lock_pathway, lock_responsible, require_participant
from guidance.actions.timeline import close_step, create_step, refresh_next_due, require_not_past, write_event
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
from guidance.models import Client, DropIn, Event, NextStep, Participation, Partnership, PartnershipPart, Pathway, StagePeriod
from guidance.permissions import capacities
from pilots.models import Membership

ONE_TICK = timedelta(microseconds=1)
ADULT = 18


@transaction.atomic
def open_pathway(
    *, by: Membership, partnership: Partnership, client: Client, first_step: str, first_due_on: date, drop_in: DropIn | None = None, token=None, **fields
) -> Pathway:
    """Begin a client's pathway: owner, stage, participation and a dated next step from the first moment on.

    Only the process-owning organisation opens one, in a partnership that is open. An unsaved client is stored.
    The same token twice is one pathway (and one client).
    """
    if client.pk:
        # Two pathways of one client at once wait for each other here.
        client = Client.objects.select_for_update().get(pk=client.pk)
    by = lock_guide(by)
    if token and (known := Event.objects.filter(token=token).select_related("pathway").first()):
        if known.kind != EventKind.OPENED or known.by_id != by.pk:
            raise ValidationError(_("This form has been used already. Open the page again."))
        return known.pathway
    partnership = Partnership.objects.get(pk=partnership.pk)
    if partnership.opened_at is None:
        raise ValidationError(_("This partnership is not open yet: its agreement of roles, impact assessment and lead come first."))
    if by.organisation_id != partnership.process_organisation_id:
        raise ValidationError(_("The employment service opens a pathway. Send the client there, or log a drop-in talk."))
    require_not_past(first_due_on, "first_due_on")
    require_minor_asked(client)
    now = timezone.now()
    if client.pk is None:
        client.created_at = now
        client.full_clean(exclude=["sort_key", "search_name"])
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
    pathway.clean_fields(exclude=["client", "partnership", "process_owner", "process_person", "pseudonym"])
    # Nothing excluded: a constraint over an excluded field would be passed over, and the database would say it without words.
    pathway.validate_constraints()
    pathway.save()
    StagePeriod.objects.create(pathway=pathway, stage=pathway.stage, started_at=now, by=by)
    join_pathway(pathway=pathway, person=by, disclosure_basis=DisclosureBasis.OWN)
    create_step(by=by, pathway=pathway, responsible=by, kind=StepKind.STEP, what=first_step, due_on=first_due_on)
    write_event(pathway=pathway, kind=EventKind.OPENED, by=by, at=now, **({"token": token} if token else {}))
    if drop_in:
        _adopt_drop_in(pathway, drop_in)
    record_event(by=by.user, verb="pathway_opened", target=pathway, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym})
    return pathway


def require_minor_asked(client: Client) -> None:
    """For a client under 18 it is asked first who acts, and whether the home municipality's duty of guidance has been."""
    today = timezone.localdate()
    if client.birth_date > today:
        raise ValidationError({"birth_date": _("The birth date is in the future.")})
    if age_on(client.birth_date, today) >= ADULT:
        return
    if not client.minor_actor:
        raise ValidationError({"minor_actor": _("The client is under 18: choose who acts.")})
    if not client.minor_checked_on:
        raise ValidationError({"minor_checked_on": _("The client is under 18: ask about the home municipality's duty of guidance first, and write the day.")})


def age_on(birth_date: date, day: date) -> int:
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _adopt_drop_in(pathway: Pathway, drop_in: DropIn) -> None:
    drop_in = DropIn.objects.select_for_update(of=("self",)).select_related("by").get(pk=drop_in.pk)
    if drop_in.event_id:
        raise ValidationError(_("This talk already belongs to a pathway."))
    if drop_in.partnership_id != pathway.partnership_id:
        raise ValidationError(_("This talk was held in another partnership."))
    drop_in.event = write_event(pathway=pathway, kind=EventKind.DROP_IN, by=drop_in.by, at=drop_in.at, detail={"topic": drop_in.topic})
    drop_in.save(update_fields=["event"])


def join_pathway(*, pathway: Pathway, person: Membership, disclosure_basis: str, disclosure_statute: str = "", consented_on=None) -> Participation:
    """The organisation of `person` takes part from now on; its own basis is what its part of the partnership states.

    For actions that hold the pathway's lock and the person's.
    """
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
def move_stage(*, by: Membership, pathway: Pathway, target: str, reason: str = "", version: int | None = None) -> Pathway:
    """Make one move of the table `choices.MOVES`: allowed from here, by this capacity, with what must be there.

    `version`: what the person saw; `Conflict` when somebody has moved the pathway since, unless to the same stage.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if pathway.stage == target:
        return pathway
    check_version(pathway, version)
    move = find_move(pathway.stage, target)
    if move is None:
        raise ValidationError(_("This move is not possible from the stage “%(stage)s”."), params={"stage": pathway.get_stage_display()})
    if not move.who & capacities(by, pathway):
        raise ValidationError(_("Your organisation does not make this move. Ask the one that does, or hand the client over."))
    missing = [need for need in move.needs if not is_met(need, pathway, reason, target)]
    if missing:
        raise ValidationError([ValidationError(_("Before this move there must be %(need)s."), params={"need": Requirement(need).label}) for need in missing])
    return _enter_stage(pathway, target, by=by, reason=reason.strip())


def _enter_stage(pathway: Pathway, target: str, *, by: Membership, reason: str) -> Pathway:
    start_stage_period(pathway, target, by=by, reason=reason)
    source, pathway.stage = pathway.stage, target
    pathway.version += 1
    pathway.save(update_fields=["stage", "version"])
    write_event(pathway=pathway, kind=EventKind.MOVE, by=by, text=reason, detail={"from": source, "to": target})
    record_event(by=by.user, verb="pathway_moved", target=pathway, organisation_id=by.organisation_id, detail={"from": source, "to": target})
    return pathway


def start_stage_period(pathway: Pathway, stage: str, *, by: Membership, reason: str) -> StagePeriod:
    """Always after the last one, even when two clocks disagree."""
    last = pathway.stage_periods.order_by("started_at").last()
    now = timezone.now()
    return StagePeriod.objects.create(pathway=pathway, stage=stage, started_at=max(now, last.started_at + ONE_TICK) if last else now, by=by, reason=reason[:300])


# An option that the client may still take; what is over does not carry a new round.
STILL_OPEN = [OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED]
CHOSEN_ON = STILL_OPEN[1:]


def is_met(need: str, pathway: Pathway, reason: str = "", target: str = "") -> bool:
    """Whether what a move needs is there; the page that offers the move asks the same."""
    options = pathway.options
    checks = {
        Requirement.ASSESSED: lambda: pathway.assessment_items.exists(),
        Requirement.LEAD_NAMED: lambda: pathway.guidance_lead_id is not None,
        Requirement.OPTION_CONSIDERED: lambda: options.filter(state__in=STILL_OPEN).exists(),
        Requirement.OPTION_CHOSEN: lambda: options.filter(state__in=CHOSEN_ON).exists(),
        Requirement.OPTION_ADMITTED: lambda: options.filter(state=OptionState.ADMITTED, starts_on__isnull=False).exists(),
        Requirement.BENEFIT_DECIDED: lambda: options.filter(state=OptionState.STARTED, benefit_decision__in=[BenefitDecision.MADE, BenefitDecision.NOT_NEEDED]).exists(),
        Requirement.OPTION_STARTED: lambda: options.filter(state=OptionState.STARTED).exists(),
        Requirement.WORKPLACE_PERIOD: lambda: pathway.workplace_periods.exists(),
        Requirement.OPTION_COMPLETED: lambda: options.filter(state=OptionState.COMPLETED).exists(),
        Requirement.BEEN_THERE: lambda: pathway.stage_periods.filter(stage=target).exists(),
        Requirement.REASON: lambda: bool(reason.strip()),
    }
    return checks[Requirement(need)]()


@transaction.atomic
def edit_pathway(*, by: Membership, pathway: Pathway, version: int, **fields) -> Pathway:
    """Change target group, education background, goal, competence development or the end of the authority's basis.

    `version` is what the person saw: of two people who edit at once, the second gets `Conflict` and loses nothing unseen.
    """
    pathway = lock_pathway(pathway, version=version)
    require_participant(by, pathway)
    for name in fields:
        if name not in EDITED:
            raise ValidationError(_("This is not changed here."))
    if fields.get("basis_ends_on"):
        require_not_past(fields["basis_ends_on"], "basis_ends_on")
    changed = sorted(name for name, value in fields.items() if getattr(pathway, name) != value)
    for name, value in fields.items():
        setattr(pathway, name, value)
    pathway.version += 1
    pathway.clean_fields(exclude=[field.name for field in Pathway._meta.fields if field.name not in EDITED])
    pathway.save(update_fields=[*fields, "version"])
    record_event(by=by.user, verb="pathway_edited", target=pathway, organisation_id=by.organisation_id, detail={"fields": changed})
    return pathway


EDITED = ("target_group", "seeks_competence", "education_background", "goal", "basis_ends_on")


@transaction.atomic
def close_pathway(*, by: Membership, pathway: Pathway, end_reason: str, outcome: str, text: str = "") -> Pathway:
    """End a pathway with coded reason and outcome. The process owner does; an open hand-off comes to its end first."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if by.organisation_id != pathway.process_owner_id:
        raise ValidationError(_("Only the organisation that owns the process ends a pathway."))
    if pathway.handoffs.open().exists():
        raise ValidationError(_("A hand-off is still open. Withdraw it, or wait until the client has been met, before you end the pathway."))
    now = timezone.now()
    pathway.closed_at, pathway.closed_by, pathway.end_reason, pathway.outcome = now, by, end_reason, outcome
    pathway.version += 1
    pathway.waits_since = None
    pathway.clean_fields(exclude=["client", "partnership", "process_owner", "process_person", "guidance_lead", "study_counsellor", "closed_by"])
    pathway.validate_constraints()
    pathway.save()
    for step in NextStep.objects.open().filter(pathway=pathway):
        close_step(step, by=by)
    pathway.participations.filter(ends_at=None).update(ends_at=now)
    write_event(pathway=pathway, kind=EventKind.CLOSED, by=by, text=text, detail={"reason": end_reason, "outcome": outcome})
    refresh_next_due(pathway)
    record_event(by=by.user, verb="pathway_closed", target=pathway, organisation_id=by.organisation_id, detail={"reason": end_reason, "outcome": outcome})
    return pathway


@transaction.atomic
def reopen_pathway(*, by: Membership, pathway: Pathway, reason: str, first_step: str, first_due_on: date) -> Pathway:
    """Open an ended pathway again at its last stage, with the reopening person as owner and a next step.

    The authority's basis that had ended is asked anew: its day is emptied.
    """
    Client.objects.select_for_update().get(pk=pathway.client_id)
    pathway = lock_pathway(pathway, open_only=False)
    if pathway.closed_at is None:
        return pathway
    by = lock_guide(by)
    if by.organisation_id != pathway.process_owner_id:
        raise ValidationError(_("Only the organisation that owned the process reopens a pathway."))
    if not reason.strip():
        raise ValidationError({"reason": _("Write why the pathway is opened again.")})
    require_not_past(first_due_on, "first_due_on")
    if Pathway.objects.open().filter(client=pathway.client_id, partnership=pathway.partnership_id).exists():
        raise ValidationError(_("The client already has an open pathway in this partnership."))
    pathway.closed_at = pathway.closed_by = pathway.basis_ends_on = None
    pathway.end_reason = pathway.outcome = ""
    pathway.process_person, pathway.guidance_lead, pathway.study_counsellor = by, None, None
    pathway.version += 1
    pathway.save()
    start_stage_period(pathway, pathway.stage, by=by, reason=reason)
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


def leave(pathway: Pathway, participation: Participation, *, by: Membership, text: str, **detail) -> None:
    """For actions that hold the pathway and have found that the organisation answers for nothing any more."""
    organisation_id = participation.organisation_id
    participation.ends_at = timezone.now()
    participation.save(update_fields=["ends_at"])
    if pathway.study_counsellor and pathway.study_counsellor.organisation_id == organisation_id:
        pathway.study_counsellor = None
        pathway.version += 1
        pathway.save(update_fields=["study_counsellor", "version"])
    pathway.client.named_people.remove(*pathway.client.named_people.filter(organisation_id=organisation_id))
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, text=text, detail={"left": organisation_id, **detail})
    record_event(by=by.user, verb="participation_ended", target=pathway, organisation_id=by.organisation_id, detail={"organisation": organisation_id, **detail})


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
