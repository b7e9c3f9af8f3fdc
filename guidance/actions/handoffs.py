"""Handing a client over. Every action locks the pathway first and then reads the hand-off anew, so that both
sides pressing at once get one truth: the loser is told what happened (`Conflict`, answered 409).
"""
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.notices import tell_about_handoff
from guidance.actions.pathways import join_pathway
from guidance.actions.timeline import close_step, create_step, lock_pathway, refresh_next_due, write_event
from guidance.choices import ContactWay, EventKind, HandoffKind, HandoffState, LadderStep, Section, StepKind
from guidance.conflicts import Conflict
from guidance.models import Handoff, NextStep, PartnershipPart, Pathway
from guidance.permissions import may_answer, may_guide, may_steer_sent, takes_part
from guidance.queries.receivers import receivers
from pilots.models import Membership

NEXT_AFTER_DECLINE = timedelta(days=3)


@transaction.atomic
def send_handoff(*, by: Membership, pathway: Pathway, kind: str, reason: str, sections: list[str], due_on, basis: str, token=None, **receiver) -> Handoff:
    """Send a hand-off. Nothing moves yet: the sender stays responsible until the client has been met.

    `receiver`: to_organisation and optionally to_person, or to_outside with to_outside_email; basis_statute and
    consented_on go with the basis. The same token twice is one hand-off.
    """
    pathway = lock_pathway(pathway)
    if token and (known := Handoff.objects.filter(token=token, pathway=pathway).first()):
        return known
    if not may_guide(by) or not takes_part(by.organisation_id, pathway):
        raise ValidationError(_("Only an organisation that takes part in the pathway hands it over."))
    now = timezone.now()
    handoff = Handoff(
        pathway=pathway, kind=kind, from_organisation_id=by.organisation_id, from_person=by, reason=reason.strip(), sections=sorted(set(sections) & set(Section.values)),
        due_on=due_on, basis=basis, sent_at=now, ladder_moved_at=now, **receiver, **({"token": token} if token else {}),
    )
    _check_receiver(handoff, pathway)
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": _("The day to answer by is in the past.")})
    handoff.snapshot_sent = snapshot(pathway, handoff.sections)
    handoff.full_clean(exclude=["pathway", "from_organisation", "from_person", "token", "snapshot_sent", "snapshot_answered"])
    handoff.save()
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.SENT})
    tell_about_handoff(handoff, "handoff_sent")
    _audit(handoff, by, "handoff_sent")
    return handoff


def _check_receiver(handoff: Handoff, pathway: Pathway) -> None:
    """Only who can receive: a part of the partnership with an active counsellor, and a person of it when one is named."""
    organisation, person = handoff.to_organisation, handoff.to_person
    if organisation is None:
        if not handoff.to_outside:
            raise ValidationError({"to_organisation": _("Choose the receiver, or name a body outside the portal.")})
        if handoff.kind != HandoffKind.REFERRAL:
            raise ValidationError({"kind": _("A body outside the portal can only be given a referral: responsibility stays with you.")})
        return
    if not PartnershipPart.objects.filter(partnership=pathway.partnership_id, organisation=organisation).exists() and handoff.kind != HandoffKind.TRANSFER:
        raise ValidationError({"to_organisation": _("This organisation is not a part of the partnership.")})
    if not receivers(organisation):
        raise ValidationError({"to_organisation": _("Nobody in this organisation can receive a client at the moment. Choose another, or ask its administrator to invite a counsellor.")})
    if person and (person.organisation_id != organisation.pk or not may_guide(person)):
        raise ValidationError({"to_person": _("Choose an active counsellor of the receiving organisation.")})
    if handoff.kind == HandoffKind.ASSIGNMENT and person is None:
        raise ValidationError({"to_person": _("An assignment names the person.")})
    if handoff.kind == HandoffKind.TRANSFER:
        if handoff.from_organisation_id != pathway.process_owner_id:
            raise ValidationError({"kind": _("Only the process owner transfers the process responsibility.")})
        if organisation.pk == pathway.process_owner_id:
            raise ValidationError({"to_organisation": _("This organisation already owns the process.")})


def snapshot(pathway: Pathway, sections: list[str]) -> dict:
    """Both sides as they stand, in codes and pseudonyms: enough to show later what was passed on, never a name."""
    return {
        "pathway": pathway.pseudonym,
        "stage": pathway.stage,
        "process_owner": pathway.process_owner_id,
        "process_person": pathway.process_person_id,
        "guidance_lead": pathway.guidance_lead_id,
        "study_counsellor": pathway.study_counsellor_id,
        "sections": sections,
        "participants": list(pathway.participations.filter(ends_at=None).order_by("organisation_id").values_list("organisation_id", flat=True)),
        "target_group": pathway.target_group if Section.GOAL in sections else "",
        "assessment": [[i.kind, i.code, i.state] for i in pathway.assessment_items.all()] if Section.ASSESSMENT in sections else [],
        "options": [[o.kind, o.state] for o in pathway.options.all()] if Section.OPTIONS in sections else [],
    }


def _current(handoff: Handoff, *, expected: tuple[str, ...]) -> tuple[Pathway, Handoff]:
    pathway = lock_pathway(handoff.pathway)
    handoff = Handoff.objects.select_for_update(of=("self",)).select_related("from_person", "to_organisation", "from_organisation").get(pk=handoff.pk)
    if handoff.state not in expected:
        raise Conflict(handoff, _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": handoff.get_state_display()})
    return pathway, handoff


@transaction.atomic
def accept_handoff(*, by: Membership, handoff: Handoff, first_contact_at: datetime, first_contact_way: str, place: str = "") -> Handoff:
    """Accept, with the first contact: the receiver takes part and leads the guidance from now on (a transfer moves the
    process owner); the sender stays responsible until the contact was held."""
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT,))
    if not may_answer(by, handoff):
        raise ValidationError(_("Only the receiving organisation answers a hand-off."))
    if first_contact_at <= timezone.now():
        raise ValidationError({"first_contact_at": _("The first contact must be in the future.")})
    if first_contact_way not in ContactWay.values:
        raise ValidationError({"first_contact_way": _("Choose how the first contact is made.")})
    taker = handoff.from_person if handoff.kind == HandoffKind.REQUEST_TO_TAKE else (handoff.to_person if handoff.to_person and may_guide(handoff.to_person) else by)
    join_pathway(pathway=pathway, person=taker, disclosure_basis=handoff.basis, disclosure_statute=handoff.basis_statute, consented_on=handoff.consented_on)
    if handoff.kind == HandoffKind.TRANSFER:
        pathway.process_owner_id, pathway.process_person = taker.organisation_id, taker
    else:
        pathway.guidance_lead = taker
    pathway.version += 1
    pathway.save(update_fields=["process_owner", "process_person", "guidance_lead", "version"])
    handoff.state, handoff.answered_at, handoff.answered_by = HandoffState.ACCEPTED, timezone.now(), by
    handoff.first_contact_at, handoff.first_contact_way = first_contact_at, first_contact_way
    handoff.ladder_step, handoff.ladder_moved_at = LadderStep.SENT, timezone.now()
    handoff.snapshot_answered = snapshot(pathway, handoff.sections)
    handoff.save()
    create_step(
        by=by, pathway=pathway, responsible=taker, kind=StepKind.APPOINTMENT, what=_("First contact after the hand-off"), due_on=timezone.localdate(first_contact_at),
        starts_at=first_contact_at, way=first_contact_way, place=place, handoff=handoff,
    )
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.ACCEPTED, "way": first_contact_way})
    tell_about_handoff(handoff, "handoff_accepted")
    _audit(handoff, by, "handoff_accepted")
    return handoff


@transaction.atomic
def decline_handoff(*, by: Membership | None, handoff: Handoff, reason: str) -> Handoff:
    """Decline with a reason: the client is simply where they were, and the sender gets a dated step to go on from.

    `by` is None when a body outside answers through its link.
    """
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT,))
    if by is not None and not may_answer(by, handoff):
        raise ValidationError(_("Only the receiving organisation answers a hand-off."))
    if not reason.strip():
        raise ValidationError({"decline_reason": _("Write why you decline, so that the sender can find a better way.")})
    handoff.state, handoff.answered_at, handoff.answered_by, handoff.decline_reason = HandoffState.DECLINED, timezone.now(), by, reason.strip()
    handoff.answered_outside = by is None
    handoff.snapshot_answered = snapshot(pathway, handoff.sections)
    handoff.save()
    create_step(
        by=by, pathway=pathway, responsible=_answerable_sender(handoff, pathway), kind=StepKind.STEP, what=_("The hand-off was declined: choose the next way"), due_on=timezone.localdate() + NEXT_AFTER_DECLINE, handoff=handoff
    )
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.DECLINED})
    tell_about_handoff(handoff, "handoff_declined")
    _audit(handoff, by, "handoff_declined")
    return handoff


def _answerable_sender(handoff: Handoff, pathway: Pathway) -> Membership:
    """The sender, or the process person when the sender can no longer answer."""
    sender = handoff.from_person
    return sender if may_guide(sender) and takes_part(sender.organisation_id, pathway) else pathway.process_person


@transaction.atomic
def withdraw_handoff(*, by: Membership, handoff: Handoff) -> Handoff:
    """Take an unanswered hand-off back."""
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT,))
    if not may_steer_sent(by, handoff):
        raise ValidationError(_("Only the sending organisation withdraws a hand-off."))
    handoff.state, handoff.withdrawn_at, handoff.withdrawn_by = HandoffState.WITHDRAWN, timezone.now(), by
    handoff.save()
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.WITHDRAWN})
    tell_about_handoff(handoff, "handoff_withdrawn")
    _audit(handoff, by, "handoff_withdrawn")
    return handoff


@transaction.atomic
def confirm_met(*, by: Membership, handoff: Handoff, held_at: datetime, way: str, text: str = "") -> Handoff:
    """The first contact was held: the ladder ends and the sender's responsibility with it."""
    pathway, handoff = _current(handoff, expected=(HandoffState.ACCEPTED,))
    receiving = handoff.from_organisation_id if handoff.kind == HandoffKind.REQUEST_TO_TAKE else handoff.to_organisation_id
    if not may_guide(by) or by.organisation_id != receiving:
        raise ValidationError(_("The organisation that met the client says so."))
    if held_at > timezone.now():
        raise ValidationError({"held_at": _("This is still to come. Confirm the meeting when it has been held.")})
    if held_at < handoff.answered_at - timedelta(days=1):
        raise ValidationError({"held_at": _("This is before the hand-off was accepted. Check the day.")})
    handoff.state, handoff.met_at = HandoffState.MET, held_at
    handoff.save(update_fields=["state", "met_at"])
    for step in NextStep.objects.open().filter(handoff=handoff):
        _close_first_contact(step, pathway, by)
    kinds = {ContactWay.JOINT_MEETING: EventKind.JOINT_MEETING, ContactWay.VISIT: EventKind.VISIT}
    write_event(pathway=pathway, kind=kinds.get(way, EventKind.CALL), by=by, at=held_at, text=text, handoff=handoff, detail={"state": HandoffState.MET})
    Pathway.objects.filter(pk=pathway.pk).update(waits_since=None)
    tell_about_handoff(handoff, "handoff_met")
    _audit(handoff, by, "handoff_met")
    return handoff


def _close_first_contact(step: NextStep, pathway: Pathway, by: Membership) -> None:
    """The appointment is done; when it was the last step, the following one is made so that none is without a date."""
    if not NextStep.objects.open().filter(pathway=pathway).exclude(pk=step.pk).exists():
        create_step(by=by, pathway=pathway, responsible=by, kind=StepKind.STEP, what=_("Agree with the client what happens next"), due_on=timezone.localdate() + timedelta(days=pathway.partnership.step_within))
    close_step(step, by=by, attended=True)
    refresh_next_due(pathway)


@transaction.atomic
def change_first_contact(*, by: Membership, handoff: Handoff, first_contact_at: datetime, first_contact_way: str, place: str = "") -> Handoff:
    """Name a new time for a first contact that was not held; the ladder goes on from where it was."""
    pathway, handoff = _current(handoff, expected=(HandoffState.ACCEPTED,))
    if not may_answer(by, handoff):
        raise ValidationError(_("Only the receiving organisation names the first contact."))
    if first_contact_at <= timezone.now():
        raise ValidationError({"first_contact_at": _("The first contact must be in the future.")})
    handoff.first_contact_at, handoff.first_contact_way = first_contact_at, first_contact_way
    handoff.save(update_fields=["first_contact_at", "first_contact_way"])
    NextStep.objects.open().filter(handoff=handoff, kind=StepKind.APPOINTMENT).update(starts_at=first_contact_at, due_on=timezone.localdate(first_contact_at), way=first_contact_way, place=place)
    refresh_next_due(pathway)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.ACCEPTED, "again": True})
    return handoff


@transaction.atomic
def pause_ladder(*, by: Membership, handoff: Handoff, until, reason: str) -> Handoff:
    """Reminders rest until a day, for a reason that stays readable; never longer than the ladder itself."""
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT, HandoffState.ACCEPTED))
    if not may_steer_sent(by, handoff):
        raise ValidationError(_("Only the sending organisation pauses the reminders."))
    if not reason.strip():
        raise ValidationError({"pause_reason": _("Write why the reminders rest.")})
    last_day = timezone.localdate() + timedelta(days=pathway.partnership.lead_after)
    if not timezone.localdate() < until <= last_day:
        message = ValidationError(_("Choose a day after today and at the latest %(day)s."), params={"day": date_format(last_day, "SHORT_DATE_FORMAT")})
        raise ValidationError({"paused_until": message})
    handoff.paused_until, handoff.pause_reason = until, reason.strip()
    handoff.save(update_fields=["paused_until", "pause_reason"])
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, text=reason, detail={"paused_until": until.isoformat()})
    return handoff


@transaction.atomic
def send_again(*, by: Membership, handoff: Handoff, reason: str, due_on, token=None, **receiver) -> Handoff:
    """Send a declined or withdrawn hand-off again, or to somebody else; the new one says which it reopens."""
    pathway = lock_pathway(handoff.pathway)
    old = Handoff.objects.get(pk=handoff.pk)
    if old.state not in (HandoffState.DECLINED, HandoffState.WITHDRAWN):
        raise Conflict(old, _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": old.get_state_display()})
    receiver = receiver or {"to_organisation": old.to_organisation, "to_person": old.to_person, "to_outside": old.to_outside, "to_outside_email": old.to_outside_email}
    new = send_handoff(
        by=by, pathway=pathway, kind=old.kind, reason=reason, sections=old.sections, due_on=due_on, basis=old.basis,
        basis_statute=old.basis_statute, consented_on=old.consented_on, token=token, **receiver,
    )
    Handoff.objects.filter(pk=new.pk, reopens=None).update(reopens=old)
    new.reopens = old
    return new


def _audit(handoff: Handoff, by: Membership | None, verb: str) -> None:
    record_event(by=by.user if by else None, verb=verb, target=handoff, organisation_id=by.organisation_id if by else None, detail={"pathway": handoff.pathway.pseudonym})
