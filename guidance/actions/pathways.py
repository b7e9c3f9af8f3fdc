from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.consents import end_consents
from guidance.actions.enrolments import release_seats
from guidance.actions.locks import lock_guide, lock_pathway, require_participant
from guidance.actions.naming import keep_somebody_named
from guidance.actions.participations import join_pathway
from guidance.actions.stages import start_stage_period
from guidance.actions.timeline import close_step, create_step, refresh_next_due, require_not_past, write_event
from guidance.choices import (
    ConsentEnd,
    DisclosureBasis,
    EventKind,
    Stage,
    StepKind,
)
from guidance.models import Client, Consent, DropIn, Event, NextStep, Partnership, Pathway, PathwayEnrolment, StagePeriod
from guidance.registries import pathways_changed
from pilots.models import Membership

ADULT = 18
EDITED = ("target_group", "seeks_competence", "education_background", "goal", "basis_ends_on")


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
        client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
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
    keep_somebody_named(pathway, by=by)
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
    pathways_changed([pathway.pk])
    record_event(by=by.user, verb="pathway_edited", target=pathway, organisation_id=by.organisation_id, detail={"fields": changed})
    return pathway


@transaction.atomic
def close_pathway(*, by: Membership, pathway: Pathway, end_reason: str, outcome: str, text: str = "") -> Pathway:
    """End a pathway with coded reason and outcome. The process owner does; an open hand-off comes to its end first.

    Seats on courses that are held, waited for or applied for are given back; who is enrolled keeps the seat.
    """
    release_seats(pathway, by=by, now=timezone.now())
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if by.organisation_id != pathway.process_owner_id:
        raise ValidationError(_("Only the organisation that owns the process ends a pathway."))
    if pathway.handoffs.open().exists():
        raise ValidationError(_("A hand-off is still open. Withdraw it, or wait until the client has been met, before you end the pathway."))
    if PathwayEnrolment.objects.unsettled().filter(pathway=pathway).exists():
        raise ValidationError(_("Somebody has just asked for a seat on a course for the client. Look at the pathway again."))
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
    end_consents(Consent.objects.in_force().filter(pathway=pathway), by=by, end=ConsentEnd.PATHWAY_ENDED)
    write_event(pathway=pathway, kind=EventKind.CLOSED, by=by, text=text, detail={"reason": end_reason, "outcome": outcome})
    refresh_next_due(pathway)
    record_event(by=by.user, verb="pathway_closed", target=pathway, organisation_id=by.organisation_id, detail={"reason": end_reason, "outcome": outcome})
    return pathway


@transaction.atomic
def reopen_pathway(*, by: Membership, pathway: Pathway, reason: str, first_step: str, first_due_on: date) -> Pathway:
    """Open an ended pathway again at its last stage, with the reopening person as owner and a next step.

    The authority's basis that had ended is asked anew: its day is emptied.
    """
    Client.objects.select_for_update(no_key=True).get(pk=pathway.client_id)
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
    keep_somebody_named(pathway, by=by)
    record_event(by=by.user, verb="pathway_reopened", target=pathway, organisation_id=by.organisation_id)
    return pathway
