from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer, lock_pathway, lock_people, lock_responsible, require_participant
from guidance.choices import EntryKind, EventKind, ProgrammeKind, Visibility
from guidance.models import ClientEntry, Event, NextStep, Pathway, Programme
from guidance.permissions import takes_part
from guidance.registries import pathways_changed
from pilots.models import Membership
from services.conflicts import Conflict

STEP_FIELDS = ("kind", "what", "starts_at", "minutes", "way", "place", "interpreter", "by_client")


def write_event(
    *,
    pathway: Pathway,
    kind: str,
    by: Membership | None,
    at: datetime | None = None,
    text: str = "",
    visibility: str = Visibility.PARTICIPANTS,
    **fields,
) -> Event:
    """Add a row to the timeline and repeat its time on the (locked) pathway."""
    at = at or timezone.now()
    event = Event.objects.create(
        pathway=pathway, kind=kind, at=at, by=by, organisation_id=by.organisation_id if by else None, text=text, visibility=visibility, **fields
    )
    if at > pathway.last_event_at:
        pathway.last_event_at = at
        Pathway.objects.filter(pk=pathway.pk).update(last_event_at=at)
    pathways_changed([pathway.pk])
    return event


def answer_by_contact(*, pathway: Pathway, by: Membership, at: datetime) -> list[int]:
    """A contact that was held answers what the client wrote before it: "nobody has contacted me". The keys of the entries; for actions that hold the pathway's lock.

    No words of an answer are kept: the client reads that the contact was held, when, and by whom.
    """
    entries = list(ClientEntry.objects.unanswered().filter(pathway=pathway, kind=EntryKind.NOT_CONTACTED, at__lte=at))
    for entry in entries:
        entry.answered_at, entry.answered_by = at, by
        entry.save(update_fields=["answered_at", "answered_by"])
        record_event(by=by.user, verb="own_page.answered", target=entry, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, "kind": entry.kind})
    return [entry.pk for entry in entries]


def refresh_next_due(pathway: Pathway) -> None:
    pathway.next_due_on = NextStep.objects.open().filter(pathway=pathway).aggregate(first=Min("due_on"))["first"]
    Pathway.objects.filter(pk=pathway.pk).update(next_due_on=pathway.next_due_on)


def known_by_token(rows, token, pathway: Pathway):
    """The row that the same form made before; a token of another pathway is a page that has grown old."""
    known = rows.filter(token=token).first() if token else None
    if known and known.pathway_id != pathway.pk:
        raise ValidationError(_("This form belongs to another client. Open the page again."))
    return known


def require_not_past(day: date | None, field: str = "due_on") -> None:
    if day is None:
        raise ValidationError({field: _("Choose the day.")})
    if day < timezone.localdate():
        raise ValidationError({field: _("This day is in the past.")})


def require_measure(programme: Programme | None, pathway: Pathway) -> None:
    """Only a measure of the same partnership that is still offered can be given to a client."""
    if programme and (programme.partnership_id != pathway.partnership_id or programme.kind != ProgrammeKind.MEASURE or programme.is_historical):
        raise ValidationError({"programme": _("Choose a measure that this partnership offers now.")})


@transaction.atomic
def add_step(*, by: Membership, pathway: Pathway, responsible: Membership, token=None, **fields) -> NextStep:
    """Add a dated next step or an appointment; the same token twice is one row."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(NextStep.objects, token, pathway):
        return known
    return _create_coming_step(by=by, pathway=pathway, responsible=responsible, **fields, **({"token": token} if token else {}))


def _create_coming_step(*, by: Membership, pathway: Pathway, responsible: Membership, **fields) -> NextStep:
    if fields.get("starts_at"):
        fields["due_on"] = timezone.localdate(fields["starts_at"])
    require_not_past(fields.get("due_on"))
    return create_step(by=by, pathway=pathway, responsible=lock_responsible(responsible, pathway), **fields)


def create_step(*, by: Membership | None, pathway: Pathway, responsible: Membership, **fields) -> NextStep:
    """For actions that hold the pathway's lock and the responsible person's."""
    if fields.get("starts_at"):
        fields["due_on"] = timezone.localdate(fields["starts_at"])
    step = NextStep(pathway=pathway, responsible=responsible, created_by=by, created_at=timezone.now(), **fields)
    step.clean_fields(exclude=["pathway", "responsible", "created_by", "done_by", "handoff", "token"])
    step.validate_constraints(exclude={"token"})
    step.save()
    refresh_next_due(pathway)
    return step


@transaction.atomic
def finish_step(*, by: Membership, step: NextStep, attended: bool | None = None, following: dict | None = None) -> NextStep:
    """Mark a step done. The last open one needs the step that follows: an open pathway is never without one.

    `following`: what, due_on, responsible and whatever else `create_step` takes. Finished twice by the same
    person it is finished once; when somebody else was quicker, `Conflict` tells who, and no following step is lost unseen.
    """
    pathway, step = _lock_step(step, by)
    if step.done_at:
        if step.done_by_id != by.pk:
            raise Conflict(step, _("Somebody else has already marked this step done."))
        return step
    if step.is_first_contact:
        raise ValidationError(_("This is the first contact of a hand-off: confirm on its page that the client was met, or name a new time."))
    if following:
        _create_coming_step(by=by, pathway=pathway, **following)
    elif not NextStep.objects.open().filter(pathway=pathway).exclude(pk=step.pk).exists():
        raise ValidationError(_("This is the last open step. Write what happens next and when, so that nobody is forgotten."))
    close_step(step, by=by, attended=attended)
    if attended and step.starts_at:
        answer_by_contact(pathway=pathway, by=by, at=step.starts_at)
    write_event(
        pathway=pathway,
        kind=EventKind.NO_SHOW if attended is False else EventKind.STEP,
        by=by,
        detail={"step": step.pk, "attended": attended},
    )
    refresh_next_due(pathway)
    return step


@transaction.atomic
def open_step_again(*, by: Membership, step: NextStep) -> NextStep:
    """What was said to do the step is taken back: it waits on its day as before, on the list of somebody who can still answer for it."""
    pathway, step = _lock_step(step, by)
    if step.done_at:
        step.done_at = step.done_by = step.attended = None
        step.responsible = someone_answerable(pathway, step.responsible)
        step.save(update_fields=["done_at", "done_by", "attended", "responsible"])
        write_event(pathway=pathway, kind=EventKind.STEP, by=by, detail={"step": step.pk, "due_on": step.due_on.isoformat()})
        refresh_next_due(pathway)
    return step


@transaction.atomic
def reassign_step(*, by: Membership, step: NextStep, responsible: Membership) -> NextStep:
    """Give an open step to another person who takes part."""
    pathway, step = _lock_step(step, by)
    if step.done_at:
        raise Conflict(step, _("Somebody else has already marked this step done."))
    responsible = lock_responsible(responsible, pathway)
    if step.responsible_id == responsible.pk:
        return step
    before, step.responsible = step.responsible_id, responsible
    step.save(update_fields=["responsible"])
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, detail={"step": step.pk, "from": before, "to": responsible.pk})
    return step


@transaction.atomic
def change_step(*, by: Membership, step: NextStep, due_on: date | None = None, responsible: Membership | None = None, **fields) -> NextStep:
    """Another day, time, place, wording or person for an open step."""
    pathway, step = _lock_step(step, by)
    if step.done_at:
        raise Conflict(step, _("Somebody else has already marked this step done."))
    if step.is_first_contact and any(fields.get(name, getattr(step, name)) != getattr(step, name) for name in ("kind", "starts_at", "way")):
        raise ValidationError({"starts_at": _("This is the first contact of a hand-off. Name its new time on the hand-off's page.")})
    if responsible and responsible.pk != step.responsible_id:
        before, step.responsible = step.responsible_id, lock_responsible(responsible, pathway)
        write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, detail={"step": step.pk, "from": before, "to": responsible.pk})
    if set(fields) - set(STEP_FIELDS):
        raise ValidationError(_("This is not changed here."))
    for name, value in fields.items():
        setattr(step, name, value)
    step.due_on = timezone.localdate(step.starts_at) if step.starts_at else (due_on or step.due_on)
    require_not_past(step.due_on)
    step.clean_fields(exclude=["pathway", "responsible", "created_by", "done_by", "handoff", "token"])
    step.validate_constraints(exclude={"token"})
    step.save()
    refresh_next_due(pathway)
    write_event(pathway=pathway, kind=EventKind.STEP, by=by, detail={"step": step.pk, "due_on": step.due_on.isoformat()})
    return step


def _lock_step(step: NextStep, by: Membership) -> tuple[Pathway, NextStep]:
    pathway = lock_pathway(step.pathway)
    require_participant(by, pathway)
    return pathway, NextStep.objects.select_for_update(of=("self",)).select_related("handoff").get(pk=step.pk, pathway=pathway)


def close_step(step: NextStep, *, by: Membership | None, attended: bool | None = None) -> None:
    step.done_at, step.done_by, step.attended = timezone.now(), by, attended
    step.save(update_fields=["done_at", "done_by", "attended"])


def someone_answerable(pathway: Pathway, *candidates: Membership | None) -> Membership:
    """The first of the candidates who can answer for a step here, or the process person, who always can; held."""
    people = lock_people(*[person for person in (*candidates, pathway.process_person) if person])
    return next((person for person in people[:-1] if can_answer(person) and takes_part(person.organisation_id, pathway)), people[-1])
