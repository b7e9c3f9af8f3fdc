"""Handing a client over. Every action locks the pathway first and then reads the hand-off anew, so that both
sides pressing at once get one truth: the loser is told what happened (`Conflict`, answered 409).
"""
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.links import send_outside_link
from guidance.actions.locks import can_answer, lock_pathway, lock_people, require_participant
from guidance.actions.notices import tell_about_handoff
from guidance.actions.pathways import join_pathway
from guidance.actions.timeline import close_step, create_step, known_by_token, refresh_next_due, require_not_past, someone_answerable, write_event
from guidance.choices import ContactWay, DisclosureBasis, EventKind, HandoffKind, HandoffState, LadderStep, Section, StepKind
from guidance.conflicts import Conflict
from guidance.models import Handoff, NextStep, PartnershipPart, Pathway
from guidance.permissions import may_answer, may_guide, may_steer_sent, takes_part
from guidance.queries.receivers import receivers
from pilots.models import Membership

NEXT_AFTER_DECLINE = timedelta(days=3)


@transaction.atomic
def send_handoff(
    *, by: Membership, pathway: Pathway, kind: str, reason: str, sections: list[str], due_on: date, basis: str, token=None, reopens: Handoff | None = None, **receiver
) -> Handoff:
    """Send a hand-off. Nothing moves yet: the sender stays responsible until the client has been met.

    `receiver`: to_organisation and optionally to_person, or to_outside with to_outside_email; basis_statute and
    consented_on go with the basis. The same token twice is one hand-off.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Handoff.objects, token, pathway):
        return known
    require_not_past(due_on)
    now = timezone.now()
    handoff = Handoff(
        pathway=pathway, kind=kind, from_organisation_id=by.organisation_id, from_person=by, reason=reason.strip(), sections=sorted(set(sections) & set(Section.values)),
        due_on=due_on, basis=basis, sent_at=now, ladder_moved_at=now, reopens=reopens, **receiver, **({"token": token} if token else {}),
    )
    _hold_both_sides(handoff)
    _check_receiver(handoff, pathway)
    handoff.snapshot_sent = snapshot(pathway, handoff.sections)
    handoff.clean_fields(exclude=["pathway", "from_organisation", "from_person", "to_organisation", "to_person", "reopens", "token", "snapshot_sent", "snapshot_answered", "sections"])
    # Nothing excluded: a constraint over an excluded field would be passed over, and the database would say it without words.
    handoff.validate_constraints()
    handoff.save()
    if handoff.to_outside_email:
        send_outside_link(handoff)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.SENT})
    tell_about_handoff(handoff, kind="handoff_sent")
    _audit(handoff, by, "handoff_sent")
    return handoff


def _hold_both_sides(handoff: Handoff) -> None:
    """Neither the sender nor the named person can be ended while a hand-off between them is being written."""
    handoff.from_person, *named = lock_people(handoff.from_person, *([handoff.to_person] if handoff.to_person else []))
    if not can_answer(handoff.from_person):
        raise ValidationError(_("Your membership has ended, or it does not let you guide clients."))
    if named:
        [handoff.to_person] = named
        if handoff.to_person.organisation_id != handoff.to_organisation_id or not can_answer(handoff.to_person):
            raise ValidationError({"to_person": _("Choose an active counsellor of the receiving organisation.")})


def _check_receiver(handoff: Handoff, pathway: Pathway) -> None:
    """Only who can receive: a part of the partnership with an active counsellor, and a person of it when one is named."""
    organisation, person = handoff.to_organisation, handoff.to_person
    if organisation is None:
        if not handoff.to_outside.strip():
            raise ValidationError({"to_organisation": _("Choose the receiver, or name a body outside the portal.")})
        if handoff.kind != HandoffKind.REFERRAL:
            raise ValidationError({"kind": _("A body outside the portal can only be given a referral: responsibility stays with you.")})
    elif not PartnershipPart.objects.filter(partnership=pathway.partnership_id, organisation=organisation).exists() and handoff.kind != HandoffKind.TRANSFER:
        raise ValidationError({"to_organisation": _("This organisation is not a part of the partnership.")})
    elif not receivers(organisation):
        raise ValidationError({"to_organisation": _("Nobody in this organisation can receive a client at the moment. Choose another, or ask its administrator to invite a counsellor.")})
    own = organisation is not None and organisation.pk == handoff.from_organisation_id
    if handoff.kind == HandoffKind.REFERRAL and own:
        raise ValidationError({"to_organisation": _("A referral goes to another organisation. Inside your own, assign the client to a colleague.")})
    if handoff.basis == DisclosureBasis.OWN and (organisation is None or not takes_part(organisation.pk, pathway)):
        raise ValidationError({"basis": _("Another organisation is told about the client: choose the provision of law or the client's consent.")})
    if handoff.kind == HandoffKind.ASSIGNMENT and person is None:
        raise ValidationError({"to_person": _("An assignment names the person.")})
    if person is not None and person.pk == handoff.from_person_id:
        raise ValidationError({"to_person": _("Choose somebody else than yourself.")})
    if organisation and handoff.kind == HandoffKind.REQUEST_TO_TAKE:
        if organisation.pk not in _holders(pathway):
            raise ValidationError({"to_organisation": _("Ask the organisation that leads the guidance, or the process owner.")})
        if own and person is None:
            raise ValidationError({"to_person": _("Name the colleague whom you ask.")})
    if organisation and handoff.kind == HandoffKind.TRANSFER:
        if handoff.from_organisation_id != pathway.process_owner_id:
            raise ValidationError({"kind": _("Only the process owner transfers the process responsibility.")})
        if organisation.pk == pathway.process_owner_id:
            raise ValidationError({"to_organisation": _("This organisation already owns the process.")})


def _holders(pathway: Pathway) -> set[int | None]:
    return {pathway.process_owner_id} | ({pathway.guidance_lead.organisation_id} if pathway.guidance_lead else set())


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
    # The pathway is asked anew: a merge may have given the hand-off another one since the page was read.
    pathway = lock_pathway(Pathway.objects.get(handoffs=handoff.pk))
    Handoff.objects.select_for_update().get(pk=handoff.pk)
    handoff = Handoff.objects.select_related("from_person__user", "from_person__organisation", "to_person__user", "to_person__organisation", "to_organisation", "from_organisation").get(pk=handoff.pk)
    handoff.pathway = pathway
    if handoff.state not in expected:
        raise Conflict(handoff, _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": handoff.get_state_display()})
    return pathway, handoff


def _require_answerer(by: Membership | None, handoff: Handoff) -> None:
    """The receiving organisation answers; a body outside by its link (`by` is None), or through the sender who was told.

    Inside one organisation the one who asks is not the one who answers.
    """
    if handoff.to_organisation_id is None:
        if by is not None and not may_steer_sent(by, handoff):
            raise ValidationError(_("The body outside answers by its link, or the sender writes its answer down."))
    elif by is None or not may_answer(by, handoff) or by.pk == handoff.from_person_id:
        raise ValidationError(_("Only the receiving organisation answers a hand-off."))


@transaction.atomic
def accept_handoff(
    *, by: Membership | None, handoff: Handoff, first_contact_at: datetime, first_contact_way: str, place: str = "", responsible: Membership | None = None
) -> Handoff:
    """Accept, with the first contact: the receiver takes part and leads the guidance from now on (a transfer moves the
    process owner); the sender stays responsible until the contact was held.

    Who accepts answers for the client, unless they name a colleague (`responsible`); a request to take gives the
    client to the one who asked. When a body outside accepts, nothing moves and the sender follows the first contact up.
    """
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT,))
    _require_answerer(by, handoff)
    _require_coming_contact(first_contact_at, first_contact_way)
    taker = _taker(by, handoff, pathway, responsible)
    if handoff.to_organisation_id is not None:
        join_pathway(pathway=pathway, person=taker, disclosure_basis=handoff.basis, disclosure_statute=handoff.basis_statute, consented_on=handoff.consented_on)
        if handoff.kind == HandoffKind.TRANSFER:
            pathway.process_owner_id, pathway.process_person = taker.organisation_id, taker
        else:
            pathway.guidance_lead = taker
        pathway.version += 1
        pathway.save(update_fields=["process_owner", "process_person", "guidance_lead", "version"])
    now = timezone.now()
    handoff.state, handoff.answered_at, handoff.answered_by, handoff.answered_outside = HandoffState.ACCEPTED, now, by, handoff.to_organisation_id is None
    handoff.first_contact_at, handoff.first_contact_way = first_contact_at, first_contact_way
    handoff.ladder_step, handoff.ladder_moved_at, handoff.paused_until, handoff.pause_reason = LadderStep.SENT, now, None, ""
    handoff.snapshot_answered = snapshot(pathway, handoff.sections)
    handoff.save()
    _first_contact_step(handoff, pathway, by, taker, place)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.ACCEPTED, "way": first_contact_way})
    tell_about_handoff(handoff, kind="handoff_accepted")
    _audit(handoff, by, "handoff_accepted")
    return handoff


def _require_coming_contact(at: datetime, way: str) -> None:
    if at <= timezone.now():
        raise ValidationError({"first_contact_at": _("The first contact must be in the future.")})
    if way not in ContactWay.values:
        raise ValidationError({"first_contact_way": _("Choose how the first contact is made.")})


def _taker(by: Membership | None, handoff: Handoff, pathway: Pathway, responsible: Membership | None) -> Membership:
    """Who answers for the client from now on, held."""
    if handoff.to_organisation_id is None:
        return someone_answerable(pathway, handoff.from_person)
    wanted = handoff.from_person if handoff.kind == HandoffKind.REQUEST_TO_TAKE else (responsible or by)
    [taker] = lock_people(*([wanted] if wanted else []))
    receiving = handoff.from_organisation_id if handoff.kind == HandoffKind.REQUEST_TO_TAKE else handoff.to_organisation_id
    if taker.organisation_id != receiving or not can_answer(taker):
        raise ValidationError({"responsible": _("Choose an active counsellor of the receiving organisation.")})
    return taker


def _first_contact_step(handoff: Handoff, pathway: Pathway, by: Membership | None, responsible: Membership, place: str) -> None:
    create_step(
        by=by, pathway=pathway, responsible=responsible, kind=StepKind.APPOINTMENT, what=_("First contact after the hand-off"),
        starts_at=handoff.first_contact_at, way=handoff.first_contact_way, place=place, handoff=handoff,
    )


@transaction.atomic
def decline_handoff(*, by: Membership | None, handoff: Handoff, reason: str) -> Handoff:
    """Decline with a reason: the client is simply where they were, and the sender gets a dated step to go on from.

    `by` is None when a body outside answers through its link.
    """
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT,))
    _require_answerer(by, handoff)
    if not reason.strip():
        raise ValidationError({"decline_reason": _("Write why you decline, so that the sender can find a better way.")})
    sender = someone_answerable(pathway, handoff.from_person)
    handoff.state, handoff.answered_at, handoff.answered_by, handoff.decline_reason = HandoffState.DECLINED, timezone.now(), by, reason.strip()
    handoff.answered_outside = handoff.to_organisation_id is None
    handoff.snapshot_answered = snapshot(pathway, handoff.sections)
    handoff.clean_fields(exclude=["sections", "snapshot_sent", "snapshot_answered"])
    handoff.save()
    create_step(
        by=by, pathway=pathway, responsible=sender, kind=StepKind.STEP, what=_("The hand-off was declined: choose the next way"), due_on=timezone.localdate() + NEXT_AFTER_DECLINE, handoff=handoff
    )
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.DECLINED})
    tell_about_handoff(handoff, kind="handoff_declined")
    _audit(handoff, by, "handoff_declined")
    return handoff


@transaction.atomic
def withdraw_handoff(*, by: Membership, handoff: Handoff, reason: str = "") -> Handoff:
    """Take an unanswered hand-off back; or, with a reason, undo an accepted one whose client was not met.

    Without this an accepted hand-off whose first contact is never held would keep the pathway from ever ending.
    The sender undoes it, or the receiver who gives the client back; lead and owner are again who they were.
    """
    pathway, handoff = _current(handoff, expected=(HandoffState.SENT, HandoffState.ACCEPTED))
    accepted = handoff.state == HandoffState.ACCEPTED
    if not (may_steer_sent(by, handoff) or (accepted and may_answer(by, handoff))):
        raise ValidationError(_("Only the sending organisation withdraws a hand-off."))
    if accepted and not reason.strip():
        raise ValidationError({"reason": _("The hand-off has been accepted. Write why it is undone.")})
    handoff.state, handoff.withdrawn_at, handoff.withdrawn_by = HandoffState.WITHDRAWN, timezone.now(), by
    handoff.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
    if accepted:
        _give_back(pathway, handoff, by)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, text=reason.strip(), detail={"state": HandoffState.WITHDRAWN})
    tell_about_handoff(handoff, kind="handoff_withdrawn", by=by)
    _audit(handoff, by, "handoff_withdrawn")
    return handoff


def _give_back(pathway: Pathway, handoff: Handoff, by: Membership) -> None:
    """What moved on acceptance moves back, as far as it has not moved on; the sender gets a dated step to go on from."""
    before = handoff.snapshot_sent
    known = {person.pk: person for person in Membership.objects.filter(pk__in=[pk for pk in (before["process_person"], before["guidance_lead"]) if pk])}
    old_owner, old_lead = known.get(before["process_person"]), known.get(before["guidance_lead"])
    held = {person.pk: person for person in lock_people(*filter(None, [handoff.from_person, *known.values(), pathway.process_person]))}
    sender = held[handoff.from_person_id]

    def still(person: Membership | None) -> Membership | None:
        person = held[person.pk] if person else None
        return person if person and can_answer(person) and takes_part(person.organisation_id, pathway) else None

    if handoff.kind == HandoffKind.TRANSFER:
        if pathway.process_owner_id == handoff.to_organisation_id:
            owner = still(old_owner)
            pathway.process_person = owner if owner and owner.organisation_id == handoff.from_organisation_id else sender
            pathway.process_owner_id = handoff.from_organisation_id
    elif pathway.guidance_lead and pathway.guidance_lead.organisation_id == _receiving(handoff):
        pathway.guidance_lead = still(old_lead)
    pathway.version += 1
    pathway.save(update_fields=["process_owner", "process_person", "guidance_lead", "version"])
    create_step(
        by=by, pathway=pathway, responsible=someone_answerable(pathway, sender), kind=StepKind.STEP,
        what=_("The hand-off was undone: choose the next way"), due_on=timezone.localdate() + NEXT_AFTER_DECLINE, handoff=handoff,
    )
    for step in NextStep.objects.open().filter(handoff=handoff, kind=StepKind.APPOINTMENT):
        close_step(step, by=by, attended=False)
    refresh_next_due(pathway)


def _receiving(handoff: Handoff) -> int | None:
    """Whose counsellor meets the client: the one who asked to take, otherwise the receiver; the sender follows a body outside."""
    if handoff.kind == HandoffKind.REQUEST_TO_TAKE or handoff.to_organisation_id is None:
        return handoff.from_organisation_id
    return handoff.to_organisation_id


@transaction.atomic
def confirm_met(*, by: Membership, handoff: Handoff, held_at: datetime, way: str, text: str = "") -> Handoff:
    """The first contact was held: the ladder ends and the sender's responsibility with it."""
    pathway, handoff = _current(handoff, expected=(HandoffState.ACCEPTED,))
    if not may_guide(by) or by.organisation_id != _receiving(handoff):
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
    tell_about_handoff(handoff, kind="handoff_met")
    _audit(handoff, by, "handoff_met")
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
    (`queries.handoff_words.silent_since`).
    """
    pathway, handoff = _current(handoff, expected=(HandoffState.ACCEPTED,))
    if not may_guide(by) or by.organisation_id != _receiving(handoff):
        raise ValidationError(_("Only the receiving organisation names the first contact."))
    _require_coming_contact(first_contact_at, first_contact_way)
    handoff.first_contact_at, handoff.first_contact_way = first_contact_at, first_contact_way
    handoff.save(update_fields=["first_contact_at", "first_contact_way"])
    appointments = NextStep.objects.open().filter(handoff=handoff, kind=StepKind.APPOINTMENT)
    if not appointments.update(starts_at=first_contact_at, due_on=timezone.localdate(first_contact_at), way=first_contact_way, place=place):
        _first_contact_step(handoff, pathway, by, someone_answerable(pathway, by), place)
    refresh_next_due(pathway)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.ACCEPTED, "again": True})
    return handoff


@transaction.atomic
def pause_ladder(*, by: Membership, handoff: Handoff, until: date, reason: str) -> Handoff:
    """Reminders rest until a day, for a reason that stays readable; never longer than the ladder itself, and never
    beyond its last step: the lead gets the hand-off on the day on which silence earns it, paused or not."""
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
    handoff.clean_fields(exclude=["sections", "snapshot_sent", "snapshot_answered"])
    handoff.save(update_fields=["paused_until", "pause_reason"])
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, text=handoff.pause_reason, detail={"paused_until": until.isoformat()})
    return handoff


@transaction.atomic
def send_again(*, by: Membership, handoff: Handoff, reason: str, due_on: date, token=None, **changes) -> Handoff:
    """Send a declined or withdrawn hand-off again, or to somebody else; the new one says which it reopens.

    `changes`: another receiver (to_organisation, to_person, to_outside, to_outside_email) and, with it, the basis on
    which that one is told (basis, basis_statute, consented_on). What is not named stays as it was.
    """
    pathway = lock_pathway(Pathway.objects.get(handoffs=handoff.pk))
    old = Handoff.objects.select_related("to_organisation", "to_person__user").get(pk=handoff.pk)
    if old.state not in (HandoffState.DECLINED, HandoffState.WITHDRAWN):
        raise Conflict(old, _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": old.get_state_display()})
    if not {"to_organisation", "to_outside"} & set(changes):
        to_person = old.to_person if old.to_person and can_answer(old.to_person) else None
        changes = {"to_organisation": old.to_organisation, "to_person": to_person, "to_outside": old.to_outside, "to_outside_email": old.to_outside_email, **changes}
    if "basis" not in changes:
        changes |= {"basis": old.basis, "basis_statute": old.basis_statute, "consented_on": old.consented_on}
    return send_handoff(by=by, pathway=pathway, kind=old.kind, reason=reason, sections=old.sections, due_on=due_on, token=token, reopens=old, **changes)


def _audit(handoff: Handoff, by: Membership | None, verb: str) -> None:
    record_event(by=by.user if by else None, verb=verb, target=handoff, organisation_id=by.organisation_id if by else None, detail={"pathway": handoff.pathway.pseudonym})
