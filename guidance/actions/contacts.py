"""What people log by hand: a contact or a note; and taking it back."""
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.actions.locks import lock_pathway, require_participant
from guidance.actions.timeline import add_step, answer_by_contact, finish_step, known_by_token, open_step_again, require_measure
from guidance.choices import CONTACT_HELD, DOES_A_STEP, LOGGED_BY_HAND, EventKind, Visibility
from guidance.models import ClientEntry, Event, NextStep, Participation, Pathway, Programme
from guidance.registries import pathways_changed
from pilots.models import Membership, Organisation

NO_ANSWERS_BEFORE_WAITING = 3
MOST_TEXT = 4000


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
    shown_to: Iterable[Organisation] = (),
    programme: Programme | None = None,
    step: NextStep | None = None,
    following: dict | None = None,
    token=None,
) -> Event:
    """Log a contact or a note; the same token twice is one row.

    Three calls in a row without an answer put the pathway on the waiting list; a contact takes it off, and answers the client's "nobody has contacted me".
    `step` is the open step that this did, `following` the one that comes next, as `finish_step` takes them: all is kept, or nothing.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Event.objects, token, pathway):
        return known
    if kind not in LOGGED_BY_HAND:
        raise ValidationError({"kind": _("This is not logged by hand.")})
    if at > timezone.now():
        raise ValidationError({"at": _("This is still to come. Make an appointment instead, or write when it happened.")})
    if at < pathway.opened_at:
        raise ValidationError({"at": _("This is before the pathway began. Check the day.")})
    if kind in (EventKind.NOTE, EventKind.MESSAGE) and not text.strip():
        raise ValidationError({"text": _("Write the text.")})
    if len(text) > MOST_TEXT:
        # A TextField's length is checked by forms only.
        raise ValidationError({"text": _("This text is too long: 4,000 characters at most.")})
    if kind == EventKind.CHECK_IN and not check_in:
        raise ValidationError({"check_in": _("Choose how it goes.")})
    require_measure(programme, pathway)
    if step and kind not in DOES_A_STEP:
        raise ValidationError({"step": _("No step is done when nobody was reached or came.")})
    if step and not NextStep.objects.open().filter(pk=step.pk, pathway=pathway).exists():
        raise ValidationError({"step": _("This step is not open any more. Choose again.")})
    answered = answer_by_contact(pathway=pathway, by=by, at=at) if kind in CONTACT_HELD else []
    detail: dict[str, int | list[int]] = ({"step": step.pk} if step else {}) | ({"entries": answered} if answered else {})
    event = Event(
        pathway=pathway, kind=kind, at=at, by=by, organisation_id=by.organisation_id, text=text.strip(), check_in=check_in, visibility=visibility, programme=programme,
        detail=detail, **({"token": token} if token else {}),
    )
    event.clean_fields(exclude=["pathway", "by", "organisation", "programme"])
    event.save()
    if visibility == Visibility.CHOSEN:
        _show_to(event, shown_to)
    if at > pathway.last_event_at:
        Pathway.objects.filter(pk=pathway.pk).update(last_event_at=at)
    if programme:
        pathways_changed([pathway.pk])
    _follow_answers(pathway, kind)
    if step:
        came = kind in CONTACT_HELD or kind == EventKind.CHECK_IN
        finish_step(by=by, step=step, attended=True if step.starts_at and came else None, following=following)
    elif following:
        add_step(by=by, pathway=pathway, **following)
    return event


@transaction.atomic
def take_back_event(*, by: Membership, event: Event) -> Event:
    """The writer takes back what they logged by hand: it stays on the timeline, marked, and counts for nothing any more.

    Twice is once. The step that it did is open again, and what it answered waits again. What actions wrote (moves, hand-offs, steps) is not taken back here, for the rest of the pathway rests on it.
    """
    pathway = lock_pathway(event.pathway)
    require_participant(by, pathway)
    event = Event.objects.select_for_update(of=("self",)).get(pk=event.pk, pathway=pathway)
    if event.taken_back_at:
        return event
    if event.by_id != by.pk or event.kind not in LOGGED_BY_HAND:
        raise ValidationError(_("Only what you have logged yourself can be taken back."))
    if event.attachments.exists():
        raise ValidationError(_("A file came with this note. Remove the file first."))
    event.taken_back_at, event.taken_back_by = timezone.now(), by
    event.save(update_fields=["taken_back_at", "taken_back_by"])
    if event.programme_id:
        pathways_changed([pathway.pk])
    if "step" in event.detail:
        open_step_again(by=by, step=NextStep.objects.get(pk=event.detail["step"]))
    ClientEntry.objects.filter(pk__in=event.detail.get("entries", []), pathway=pathway, answer=None).update(answered_at=None, answered_by=None)
    pathway.last_event_at = Event.objects.filter(pathway=pathway).counted().aggregate(last=Max("at"))["last"]
    pathway.waits_since = (pathway.waits_since or timezone.now()) if _waits_after(pathway) else None
    Pathway.objects.filter(pk=pathway.pk).update(last_event_at=pathway.last_event_at, waits_since=pathway.waits_since)
    return event


def _waits_after(pathway: Pathway) -> bool:
    """Whether the contacts that count, read from the first to the last, leave the client on the waiting list."""
    waits, unanswered = False, 0
    for kind in _contacts(pathway).order_by("at", "id").values_list("kind", flat=True):
        unanswered = unanswered + 1 if kind == EventKind.NO_ANSWER else 0
        waits = (waits and kind not in CONTACT_HELD) or unanswered >= NO_ANSWERS_BEFORE_WAITING
    return waits


def _contacts(pathway: Pathway):
    return Event.objects.filter(pathway=pathway, kind__in=(*CONTACT_HELD, EventKind.NO_ANSWER, EventKind.MESSAGE)).counted()


def _show_to(event: Event, organisations: Iterable[Organisation]) -> None:
    chosen = {organisation.pk for organisation in organisations}
    if not chosen:
        raise ValidationError({"shown_to": _("Choose who may read this.")})
    here = set(Participation.objects.filter(pathway=event.pathway_id, ends_at=None).values_list("organisation_id", flat=True))
    if chosen - here:
        raise ValidationError({"shown_to": _("Choose organisations that take part in this pathway.")})
    event.shown_to.set(chosen)


def _follow_answers(pathway: Pathway, kind: str) -> None:
    """The latest contacts decide, in the order in which they happened and not in which they were written down."""
    if kind not in (*CONTACT_HELD, EventKind.NO_ANSWER, EventKind.MESSAGE):
        return
    kinds = list(_contacts(pathway).order_by("-at", "-id").values_list("kind", flat=True)[:NO_ANSWERS_BEFORE_WAITING])
    if kinds == [EventKind.NO_ANSWER] * NO_ANSWERS_BEFORE_WAITING and not pathway.waits_since:
        Pathway.objects.filter(pk=pathway.pk).update(waits_since=timezone.now())
    elif kinds[0] in CONTACT_HELD and pathway.waits_since:
        Pathway.objects.filter(pk=pathway.pk).update(waits_since=None)
