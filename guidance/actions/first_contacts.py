"""From the acceptance of a hand-off to the moment in which the client was met."""
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.actions.locks import can_answer, lock_handoff, lock_people
from guidance.actions.notices import audit_handoff, tell_about_handoff
from guidance.actions.timeline import answer_by_contact, close_step, create_step, refresh_next_due, someone_answerable, write_event
from guidance.choices import ContactWay, EventKind, HandoffState, StepKind
from guidance.models import Handoff, NextStep, Pathway
from guidance.permissions import may_guide, may_see_protected_details
from pilots.models import Membership


@transaction.atomic
def confirm_met(*, by: Membership, handoff: Handoff, held_at: datetime, way: str, text: str = "") -> Handoff:
    """The first contact was held: the ladder ends and the sender's responsibility with it."""
    pathway, handoff = lock_handoff(handoff, expected=(HandoffState.ACCEPTED,))
    if not may_guide(by) or by.organisation_id != handoff.meeting_organisation_id:
        raise ValidationError(_("The organisation that met the client says so."))
    if way not in ContactWay.values:
        raise ValidationError({"way": _("Choose how the contact was made.")})
    if held_at > timezone.now():
        raise ValidationError({"held_at": _("This is still to come. Confirm the meeting when it has been held.")})
    if handoff.answered_at and held_at < handoff.answered_at - timedelta(days=1):
        raise ValidationError({"held_at": _("This is before the hand-off was accepted. Check the day.")})
    [by] = lock_people(by)
    handoff.state, handoff.met_at = HandoffState.MET, held_at
    handoff.save(update_fields=["state", "met_at"])
    for step in NextStep.objects.open().filter(handoff=handoff):
        _close_first_contact(step, pathway, by)
    kinds: dict[str, str] = {ContactWay.JOINT_MEETING: EventKind.JOINT_MEETING, ContactWay.VISIT: EventKind.VISIT}
    write_event(pathway=pathway, kind=kinds.get(way, EventKind.CALL), by=by, at=max(held_at, pathway.opened_at), text=text, handoff=handoff, detail={"state": HandoffState.MET})
    Pathway.objects.filter(pk=pathway.pk).update(waits_since=None)
    answer_by_contact(pathway=pathway, by=by, at=held_at)
    tell_about_handoff(handoff, kind="handoff_met")
    audit_handoff(handoff, by, "handoff_met")
    return handoff


def _close_first_contact(step: NextStep, pathway: Pathway, by: Membership) -> None:
    """The appointment is done; when it was the last step, the following one is made so that none is without a date."""
    if not NextStep.objects.open().filter(pathway=pathway).exclude(pk=step.pk).exists():
        if not can_answer(by):
            raise ValidationError(_("Your membership has ended, or it does not let you guide clients."))
        create_step(by=by, pathway=pathway, responsible=by, kind=StepKind.STEP, what=_("Agree with the client what happens next"), due_on=timezone.localdate() + timedelta(days=pathway.partnership.step_within))
    close_step(step, by=by, attended=True)
    refresh_next_due(pathway)


@transaction.atomic
def change_first_contact(*, by: Membership, handoff: Handoff, first_contact_at: datetime, first_contact_way: str, place: str = "") -> Handoff:
    """Name a new time for a first contact that was not held.

    The ladder goes on from where it was, and however often the time is moved, the lead gets the hand-off in the end
    (`queries.handoff_words.silent_since`). Without a new place the earlier one stays, and so it does under non-disclosure
    when somebody moves the time who does not see it.
    """
    pathway, handoff = lock_handoff(handoff, expected=(HandoffState.ACCEPTED,))
    if not may_guide(by) or by.organisation_id != handoff.meeting_organisation_id:
        raise ValidationError(_("Only the receiving organisation names the first contact."))
    require_coming_contact(first_contact_at, first_contact_way)
    handoff.first_contact_at, handoff.first_contact_way = first_contact_at, first_contact_way
    handoff.save(update_fields=["first_contact_at", "first_contact_way"])
    new_place = {"place": place} if place.strip() and may_see_protected_details(by, pathway) else {}
    appointments = NextStep.objects.open().filter(handoff=handoff, kind=StepKind.APPOINTMENT)
    if not appointments.update(starts_at=first_contact_at, due_on=timezone.localdate(first_contact_at), way=first_contact_way, **new_place):
        plan_first_contact(handoff, pathway, by, someone_answerable(pathway, by), place)
    refresh_next_due(pathway)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.ACCEPTED, "again": True})
    return handoff


def plan_first_contact(handoff: Handoff, pathway: Pathway, by: Membership | None, responsible: Membership, place: str) -> None:
    create_step(
        by=by, pathway=pathway, responsible=responsible, kind=StepKind.APPOINTMENT, what=_("First contact after the hand-off"),
        starts_at=handoff.first_contact_at, way=handoff.first_contact_way, place=place, handoff=handoff,
    )


def require_coming_contact(at: datetime, way: str) -> None:
    if at <= timezone.now():
        raise ValidationError({"first_contact_at": _("The first contact must be in the future.")})
    if way not in ContactWay.values:
        raise ValidationError({"first_contact_way": _("Choose how the first contact is made.")})
