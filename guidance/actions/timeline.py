from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.choices import CONTACT_HELD, EventKind, StepKind, Visibility
from guidance.models import Event, NextStep, Pathway
from guidance.permissions import may_guide, takes_part
from pilots.models import Membership, Organisation

NO_ANSWERS_BEFORE_WAITING = 3


def lock_pathway(pathway: Pathway, *, open_only: bool = True) -> Pathway:
    """The row as it stands now, locked until the transaction ends; every action on a pathway begins here."""
    locked = Pathway.objects.select_for_update(of=("self",)).select_related("partnership", "guidance_lead").get(pk=pathway.pk)
    if open_only and locked.closed_at:
        raise ValidationError(_("This pathway has ended. Reopen it before you go on."))
    return locked


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
    return event


def refresh_next_due(pathway: Pathway) -> None:
    pathway.next_due_on = NextStep.objects.open().filter(pathway=pathway).aggregate(first=Min("due_on"))["first"]
    Pathway.objects.filter(pk=pathway.pk).update(next_due_on=pathway.next_due_on)


def require_responsible(person: Membership, pathway: Pathway) -> None:
    """A responsible person is an active counsellor of an organisation that takes part."""
    if not may_guide(person) or not takes_part(person.organisation_id, pathway):
        raise ValidationError({"responsible": _("Choose an active counsellor of an organisation that takes part in this pathway.")})


@transaction.atomic
def log_event(
    *,
    by: Membership,
    pathway: Pathway,
    kind: str,
    at: datetime,
    text: str = "",
    check_in: str = "",
    visibility: str = Visibility.PARTICIPANTS,
    shown_to: list[Organisation] = (),
    programme=None,
    token=None,
) -> Event:
    """Log a contact or a note; the same token twice is one row.

    Three calls in a row without an answer put the pathway on the waiting list; a contact takes it off.
    """
    pathway = lock_pathway(pathway)
    if token and (known := Event.objects.filter(token=token, pathway=pathway).first()):
        return known
    if at > timezone.now():
        raise ValidationError({"at": _("This is still to come. Make an appointment instead, or write when it happened.")})
    if at < pathway.opened_at and kind != EventKind.DROP_IN:
        raise ValidationError({"at": _("This is before the pathway began. Check the day.")})
    if kind in (EventKind.NOTE, EventKind.MESSAGE) and not text.strip():
        raise ValidationError({"text": _("Write the text.")})
    extra = {"token": token} if token else {}
    event = write_event(pathway=pathway, kind=kind, by=by, at=at, text=text.strip(), visibility=visibility, check_in=check_in, programme=programme, **extra)
    if visibility == Visibility.CHOSEN:
        event.shown_to.set(shown_to)
    _follow_answers(pathway, kind)
    return event


def _follow_answers(pathway: Pathway, kind: str) -> None:
    if kind in CONTACT_HELD and pathway.waits_since:
        Pathway.objects.filter(pk=pathway.pk).update(waits_since=None)
    if kind == EventKind.NO_ANSWER and not pathway.waits_since:
        last = Event.objects.filter(pathway=pathway, kind__in=(*CONTACT_HELD, EventKind.NO_ANSWER, EventKind.MESSAGE)).order_by("-at", "-id")
        kinds = list(last.values_list("kind", flat=True)[:NO_ANSWERS_BEFORE_WAITING])
        if kinds == [EventKind.NO_ANSWER] * NO_ANSWERS_BEFORE_WAITING:
            Pathway.objects.filter(pk=pathway.pk).update(waits_since=timezone.now())


@transaction.atomic
def add_step(*, by: Membership, pathway: Pathway, responsible: Membership, token=None, **fields) -> NextStep:
    """Add a dated next step or an appointment; the same token twice is one row."""
    pathway = lock_pathway(pathway)
    if token and (known := NextStep.objects.filter(token=token, pathway=pathway).first()):
        return known
    require_responsible(responsible, pathway)
    return create_step(by=by, pathway=pathway, responsible=responsible, **fields, **({"token": token} if token else {}))


def create_step(*, by: Membership | None, pathway: Pathway, responsible: Membership, **fields) -> NextStep:
    """For actions that hold the pathway's lock."""
    if fields.get("kind") == StepKind.APPOINTMENT and fields.get("starts_at"):
        fields["due_on"] = timezone.localdate(fields["starts_at"])
    step = NextStep(pathway=pathway, responsible=responsible, created_by=by, created_at=timezone.now(), **fields)
    step.full_clean(exclude=["pathway", "responsible", "created_by", "token"])
    step.save()
    refresh_next_due(pathway)
    return step


@transaction.atomic
def finish_step(*, by: Membership, step: NextStep, attended: bool | None = None, following: dict | None = None) -> NextStep:
    """Mark a step done. The last open one needs the step that follows: an open pathway is never without one.

    `following`: what, due_on, responsible and whatever else `create_step` takes.
    """
    pathway = lock_pathway(step.pathway)
    step = NextStep.objects.select_for_update().get(pk=step.pk, pathway=pathway)
    if step.done_at:
        return step
    if following:
        require_responsible(following["responsible"], pathway)
        create_step(by=by, pathway=pathway, **following)
    elif not NextStep.objects.open().filter(pathway=pathway).exclude(pk=step.pk).exists():
        raise ValidationError(_("This is the last open step. Write what happens next and when, so that nobody is forgotten."))
    close_step(step, by=by, attended=attended)
    write_event(
        pathway=pathway,
        kind=EventKind.NO_SHOW if attended is False else EventKind.STEP,
        by=by,
        detail={"step": step.pk, "attended": attended},
    )
    refresh_next_due(pathway)
    return step


def close_step(step: NextStep, *, by: Membership | None, attended: bool | None = None) -> None:
    step.done_at, step.done_by, step.attended = timezone.now(), by, attended
    step.save(update_fields=["done_at", "done_by", "attended"])
