"""What the sender of a hand-off does: send, send again, take back, let the reminders rest.

Every action on a hand-off locks the pathway first and then reads the hand-off anew, so that both sides pressing at once
get one truth: the loser is told what happened (`Conflict`, answered 409).
"""
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from guidance.actions.consents import rest_on_consent
from guidance.actions.links import send_outside_link
from guidance.actions.locks import can_answer, lock_handoff, lock_pathway, lock_people, require_participant
from guidance.actions.notices import audit_handoff, tell_about_handoff
from guidance.actions.participations import leave
from guidance.actions.timeline import close_step, create_step, known_by_token, refresh_next_due, require_not_past, someone_answerable, write_event
from guidance.choices import OPEN_HANDOFF, DisclosureBasis, EventKind, HandoffKind, HandoffState, Section, StepKind
from guidance.models import Handoff, NextStep, Participation, PartnershipPart, Pathway
from guidance.permissions import may_answer, may_steer_sent, needs_decision, takes_part
from guidance.queries.receivers import receivers
from guidance.queries.snapshots import snapshot
from pilots.models import Membership
from services.conflicts import Conflict

NEXT_AFTER_UNDOING = timedelta(days=3)


@transaction.atomic
def send_handoff(
    *, by: Membership, pathway: Pathway, kind: str, reason: str, sections: list[str], due_on: date, basis: str, token=None, reopens: Handoff | None = None, consent_version: int | None = None, **receiver
) -> Handoff:
    """Send a hand-off. Nothing moves yet: the sender stays responsible until the client has been met.

    `receiver`: to_organisation and optionally to_person, or to_outside with to_outside_email; basis_ground, basis_statute and
    consented_on go with the basis; a consent that is not written down yet is, with the version of the text that was shown
    (`consent_version`). A transfer to a body that is no employment authority names its decision (decided_by, decided_on). The same token twice is one hand-off.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Handoff.objects, token, pathway):
        return known
    handoff = _drafted(by=by, pathway=pathway, kind=kind, reason=reason, sections=sections, due_on=due_on, basis=basis, reopens=reopens, **receiver, **({"token": token} if token else {}))
    if handoff.basis == DisclosureBasis.CONSENT:
        rest_on_consent(handoff, by=by, text_version=consent_version)
    handoff.snapshot_sent = snapshot(pathway, handoff.sections)
    handoff.clean_fields(exclude=["pathway", "from_organisation", "from_person", "to_organisation", "to_person", "basis_ground", "reopens", "token", "snapshot_sent", "snapshot_answered", "sections"])
    # Nothing excluded: a constraint over an excluded field would be passed over, and the database would say it without words.
    handoff.validate_constraints()
    handoff.save()
    if handoff.to_outside_email:
        send_outside_link(handoff)
    write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.SENT})
    tell_about_handoff(handoff, kind="handoff_sent")
    audit_handoff(handoff, by, "handoff_sent")
    return handoff


@transaction.atomic
def check_handoff(*, by: Membership, pathway: Pathway, **fields) -> None:
    """Refuses what `send_handoff` would refuse, before anything is written; the pages ask it before they show a preview."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    _drafted(by=by, pathway=pathway, **fields).validate_constraints()


def _drafted(*, by: Membership, pathway: Pathway, kind: str, reason: str, sections: list[str], due_on: date, basis: str, **fields) -> Handoff:
    require_not_past(due_on)
    now = timezone.now()
    handoff = Handoff(
        pathway=pathway, kind=kind, from_organisation_id=by.organisation_id, from_person=by, reason=reason.strip(), sections=sorted(set(sections) & set(Section.values)),
        due_on=due_on, basis=basis, sent_at=now, ladder_moved_at=now, **fields,
    )
    if handoff.basis != DisclosureBasis.STATUTE:
        handoff.basis_ground = None
    elif handoff.basis_ground:
        handoff.basis_statute = handoff.basis_ground.written
    _hold_both_sides(handoff)
    _check_receiver(handoff, pathway)
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
    elif all(person.user_id == handoff.from_person.user_id for person in receivers(organisation)):
        raise ValidationError({"to_organisation": _("Nobody in this organisation can receive a client at the moment. Choose another, or ask its administrator to invite a counsellor.")})
    own = organisation is not None and organisation.pk == handoff.from_organisation_id
    if handoff.kind == HandoffKind.REFERRAL and own:
        raise ValidationError({"to_organisation": _("A referral goes to another organisation. Inside your own, assign the client to a colleague.")})
    if handoff.basis == DisclosureBasis.OWN and (organisation is None or not takes_part(organisation.pk, pathway)):
        raise ValidationError({"basis": _("Another organisation is told about the client: choose the provision of law or the client's consent.")})
    if handoff.kind == HandoffKind.ASSIGNMENT and person is None:
        raise ValidationError({"to_person": _("An assignment names the person.")})
    if person is not None and person.user_id == handoff.from_person.user_id:
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
    _check_decision(handoff)


def _check_decision(handoff: Handoff) -> None:
    """The process goes to another employment authority, or to somebody else by a decision that names who made it and when."""
    handoff.decided_by = handoff.decided_by.strip()
    if handoff.kind != HandoffKind.TRANSFER:
        handoff.decided_by, handoff.decided_on = "", None
        return
    if handoff.decided_on and handoff.decided_on > timezone.localdate():
        raise ValidationError({"decided_on": _("This day is still to come.")})
    if needs_decision(handoff.kind, handoff.to_organisation):
        missing = {"decided_by": _("This receiver is no employment authority. Write who decided about the transfer.")} if not handoff.decided_by else {}
        if handoff.decided_on is None:
            missing["decided_on"] = _("Write the day of the decision.")
        if missing:
            raise ValidationError(missing)


def _holders(pathway: Pathway) -> set[int | None]:
    return {pathway.process_owner_id} | ({pathway.guidance_lead.organisation_id} if pathway.guidance_lead else set())


@transaction.atomic
def send_again(*, by: Membership, handoff: Handoff, reason: str, due_on: date, token=None, **changes) -> Handoff:
    """Send a declined or withdrawn hand-off again, or to somebody else; the new one says which it reopens.

    `changes`: another receiver (to_organisation, to_person, to_outside, to_outside_email) and, with it, the basis on
    which that one is told (basis, basis_ground, basis_statute, consented_on). What is not named stays as it was.
    """
    pathway = lock_pathway(Pathway.objects.get(handoffs=handoff.pk))
    old = Handoff.objects.select_related("to_organisation", "to_person__user").get(pk=handoff.pk)
    if old.state not in (HandoffState.DECLINED, HandoffState.WITHDRAWN):
        raise Conflict(old, _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": old.get_state_display()})
    if not {"to_organisation", "to_outside"} & set(changes):
        to_person = old.to_person if old.to_person and can_answer(old.to_person) else None
        changes = {"to_organisation": old.to_organisation, "to_person": to_person, "to_outside": old.to_outside, "to_outside_email": old.to_outside_email, **changes}
    if "basis" not in changes:
        changes |= {"basis": old.basis, "basis_statute": old.basis_statute, "basis_ground": old.basis_ground, "consented_on": old.consented_on}
    if "decided_by" not in changes:
        changes |= {"decided_by": old.decided_by, "decided_on": old.decided_on}
    new = send_handoff(by=by, pathway=pathway, kind=old.kind, reason=reason, sections=old.sections, due_on=due_on, token=token, reopens=old, **changes)
    _close_steps_of(old, new, by)
    return new


def _close_steps_of(old: Handoff, new: Handoff, by: Membership) -> None:
    """What the old hand-off's end left on the sender's list is done by sending it again; when that was the last step, the answer is awaited."""
    steps = list(NextStep.objects.open().filter(pathway=new.pathway_id, handoff=old, kind=StepKind.STEP))
    if not steps:
        return
    pathway = new.pathway
    if not NextStep.objects.open().filter(pathway=pathway).exclude(pk__in=[step.pk for step in steps]).exists():
        create_step(by=by, pathway=pathway, responsible=new.from_person, kind=StepKind.STEP, what=_("Look whether the hand-off has been answered"), due_on=new.due_on, handoff=new)
    for step in steps:
        close_step(step, by=by)
        write_event(pathway=pathway, kind=EventKind.STEP, by=by, detail={"step": step.pk, "attended": None})
    refresh_next_due(pathway)


@transaction.atomic
def withdraw_handoff(*, by: Membership, handoff: Handoff, seen: str = HandoffState.SENT, reason: str = "") -> Handoff:
    """Take an unanswered hand-off back; or, with a reason, undo an accepted one whose client was not met.

    `seen` is the state that the person saw: `Conflict` when it is another one by now, so that nobody undoes an acceptance
    that they have not seen. Without this an accepted hand-off whose first contact is never held would keep the pathway from
    ever ending. The sender undoes it, or the receiver who gives the client back; lead and owner are again who they were, and
    a receiver who took part by this hand-off only leaves.
    """
    pathway, handoff = lock_handoff(handoff, expected=tuple({seen} & set(OPEN_HANDOFF)))
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
    audit_handoff(handoff, by, "handoff_withdrawn")
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
    elif pathway.guidance_lead and pathway.guidance_lead.organisation_id == handoff.meeting_organisation_id:
        pathway.guidance_lead = still(old_lead)
    pathway.version += 1
    pathway.save(update_fields=["process_owner", "process_person", "guidance_lead", "version"])
    create_step(
        by=by, pathway=pathway, responsible=someone_answerable(pathway, sender), kind=StepKind.STEP,
        what=_("The hand-off was undone: choose the next way"), due_on=timezone.localdate() + NEXT_AFTER_UNDOING, handoff=handoff,
    )
    for step in NextStep.objects.open().filter(handoff=handoff, kind=StepKind.APPOINTMENT):
        close_step(step, by=by, attended=False)
    if (participation := _taken_part_by(handoff, pathway)) is not None:
        _take_steps_back(pathway, participation.organisation_id, by, someone_answerable(pathway, sender))
        leave(pathway, participation, by=by, text="", handoff=handoff.pk)
    refresh_next_due(pathway)


def _taken_part_by(handoff: Handoff, pathway: Pathway) -> Participation | None:
    """The receiver's participation, when nothing but this hand-off holds it: it took part neither before nor by another
    hand-off, answers for nothing now, and has none of its own under way."""
    receiver = handoff.meeting_organisation_id
    lead = pathway.guidance_lead.organisation_id if pathway.guidance_lead else None
    if receiver is None or receiver in {handoff.from_organisation_id, pathway.process_owner_id, lead}:
        return None
    participation = pathway.participations.filter(organisation_id=receiver, ends_at=None, starts_at__gte=handoff.sent_at).first()
    others = pathway.handoffs.exclude(pk=handoff.pk)
    if participation is None or others.open().filter(Q(from_organisation=receiver) | Q(to_organisation=receiver)).exists():
        return None
    by_another = others.filter(to_organisation=receiver, state=HandoffState.MET, answered_at__gte=participation.starts_at)
    return None if by_another.exists() else participation


def _take_steps_back(pathway: Pathway, organisation_id: int, by: Membership, heir: Membership) -> None:
    for step in NextStep.objects.open().filter(pathway=pathway, responsible__organisation=organisation_id):
        before, step.responsible = step.responsible_id, heir
        step.save(update_fields=["responsible"])
        write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, detail={"step": step.pk, "from": before, "to": heir.pk})


@transaction.atomic
def pause_ladder(*, by: Membership, handoff: Handoff, until: date, reason: str) -> Handoff:
    """Reminders rest until a day, for a reason that stays readable; never longer than the ladder itself, and never
    beyond its last step: the lead gets the hand-off on the day on which silence earns it, paused or not."""
    pathway, handoff = lock_handoff(handoff, expected=(HandoffState.SENT, HandoffState.ACCEPTED))
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
