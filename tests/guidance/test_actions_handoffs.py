from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import OutboxMessage
from guidance.actions.answers import decline_handoff
from guidance.actions.clients import protect_client
from guidance.actions.first_contacts import change_first_contact, confirm_met
from guidance.actions.handoffs import pause_ladder, send_again, withdraw_handoff
from guidance.actions.participations import end_participation
from guidance.actions.timeline import add_step, finish_step
from guidance.choices import ContactWay, DisclosureBasis, EventKind, HandoffKind, HandoffState, ProcessingBasis, Section, StepKind
from guidance.models import Event, Handoff, NextStep, Participation, Pathway
from guidance.permissions import may_give_answer
from pilots.choices import OrganisationKind, Role
from pilots.models import Membership
from services.conflicts import Conflict
from tests.guidance.factories import (
    accept,
    days_from_now,
    make_counsellor,
    make_handoff,
    make_organisation,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    meet,
    open_steps,
    time_from_now,
)


def duties(pathway) -> tuple:
    pathway = Pathway.objects.get(pk=pathway.pk)
    return pathway.stage, pathway.process_owner_id, pathway.process_person_id, pathway.guidance_lead_id


def participants(pathway) -> set[int]:
    return set(Participation.objects.filter(pathway=pathway, ends_at=None).values_list("organisation_id", flat=True))


# Sending ------------------------------------------------------------------------------------------


def test_send_moves_nothing(made, pathway, nobody_lost):
    before = duties(pathway)

    handoff = make_handoff(made, pathway)

    assert (handoff.state, handoff.from_person, handoff.to_organisation) == (HandoffState.SENT, made.anna, made.college)
    assert duties(pathway) == before
    assert participants(pathway) == {made.city.pk}
    nobody_lost()


def test_send_same_token_twice_is_one(made, pathway):
    token = uuid4()

    first, second = (make_handoff(made, pathway, token=token) for _turn in range(2))

    assert first == second
    assert Handoff.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="handoff_sent").count() == len(made.college_people)


def test_send_token_of_another_pathway_is_refused(made, pathway):
    token = uuid4()
    make_handoff(made, pathway, token=token)

    with pytest.raises(ValidationError, match="another client"):
        make_handoff(made, make_pathway(made), token=token)


def test_send_one_open_to_a_receiver(made, pathway):
    make_handoff(made, pathway)

    with pytest.raises(ValidationError, match="already open"):
        make_handoff(made, pathway)
    assert make_handoff(made, pathway, to=made.te).state == HandoffState.SENT


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"to": "college", "due_on": date(2020, 1, 1)}, "due_on"),
        ({"to": "college", "due_on": None}, "due_on"),
        ({"to": "college", "reason": " "}, "reason"),
        ({"to": "college", "kind": "nonsense"}, "kind"),
        ({"to": "college", "basis": DisclosureBasis.OWN}, "basis"),
        ({"to": "college", "basis_statute": ""}, "__all__"),
        ({"to": "college", "basis": DisclosureBasis.CONSENT}, "__all__"),
        ({"to": "city"}, "to_organisation"),
        ({"to": "stranger"}, "to_organisation"),
        ({"to": "empty"}, "to_organisation"),
        ({"to": "college", "to_person": "taru"}, "to_person"),
        ({"to": "college", "to_person": "ended"}, "to_person"),
        ({"to": "college", "to_person": "officer"}, "to_person"),
        ({"to": "college", "kind": HandoffKind.ASSIGNMENT}, "to_person"),
        ({"to": "city", "kind": HandoffKind.ASSIGNMENT, "to_person": "anna"}, "to_person"),
        ({"to": "city", "kind": HandoffKind.TRANSFER}, "to_organisation"),
        ({"to": "college", "kind": HandoffKind.TRANSFER, "decided_by": " "}, "decided_by"),
        ({"to": "te", "kind": HandoffKind.TRANSFER, "decided_on": None}, "decided_on"),
        ({"to": "te", "kind": HandoffKind.TRANSFER, "decided_on": days_from_now(1)}, "decided_on"),
        ({"to": "te", "kind": HandoffKind.REQUEST_TO_TAKE}, "to_organisation"),
        ({"to_outside": "  "}, "to_organisation"),
        ({"to_outside": "Keksitty yhdistys", "kind": HandoffKind.TRANSFER}, "kind"),
        ({"to_outside": "Keksitty yhdistys", "basis": DisclosureBasis.OWN}, "basis"),
        ({"to_outside": "Keksitty yhdistys", "to_outside_email": "not an address"}, "to_outside_email"),
    ],
)
def test_send_refuses(made, pathway, changes, field):
    ended = make_counsellor(made.college)
    ended.ended_at, ended.end_reason = timezone.now(), "left"
    ended.save()
    people = {"taru": made.taru, "anna": made.anna, "ended": ended, "officer": make_counsellor(made.college, Role.EDUCATION_OFFICER)}
    stranger = make_organisation()
    make_counsellor(stranger)
    empty = make_organisation()
    made.partnership.parts.create(organisation=empty, part="other", position=9)
    organisations = {"college": made.college, "city": made.city, "te": made.te, "stranger": stranger, "empty": empty}
    changes = changes | {"to": organisations[changes["to"]]} if "to" in changes else dict(changes)
    if "to_person" in changes:
        changes["to_person"] = people[changes["to_person"]]

    with pytest.raises(ValidationError) as refusal:
        make_handoff(made, pathway, **changes)

    assert list(refusal.value.message_dict) == [field]
    assert not Handoff.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_send_needs_participation(made, pathway):
    with pytest.raises(ValidationError, match="does not take part"):
        make_handoff(made, pathway, by=made.ossi, to=made.te)


def test_send_transfer_only_by_process_owner(made):
    pathway = make_shared_pathway(made)

    with pytest.raises(ValidationError, match="Only the process owner"):
        make_handoff(made, pathway, by=made.ossi, to=made.te, kind=HandoffKind.TRANSFER)


def test_send_one_open_transfer(made, pathway):
    make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=made.te)

    with pytest.raises(ValidationError, match="transfer of this pathway is already open"):
        make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=made.college)


def test_send_transfer_leaves_the_partnership(made, pathway):
    other = make_organisation("Toisaalan työllisyyspalvelu")
    make_counsellor(other)

    assert make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=other).state == HandoffState.SENT


def test_send_transfer_to_an_employment_authority_needs_no_decision(made, pathway):
    other = make_organisation("Toisaalan työllisyyspalvelu", OrganisationKind.EMPLOYMENT_AUTHORITY)
    make_counsellor(other)

    handoff = make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=other, decided_by="", decided_on=None)

    assert (handoff.state, handoff.decided_by, handoff.decided_on) == (HandoffState.SENT, "", None)


def test_send_keeps_no_decision_of_a_daily_kind(made, pathway):
    handoff = make_handoff(made, pathway, decided_by="Keksitty johtaja", decided_on=timezone.localdate())

    assert (handoff.decided_by, handoff.decided_on) == ("", None)


def test_transfer_sent_again_keeps_the_decision(made, pathway):
    handoff = decline_handoff(by=made.taru, handoff=make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=made.te), reason="Syy")

    new = send_again(by=made.anna, handoff=handoff, reason="Syy", due_on=days_from_now(7))

    assert (new.decided_by, new.decided_on) == (handoff.decided_by, handoff.decided_on)


def test_send_own_basis_to_one_that_takes_part(made):
    pathway = make_shared_pathway(made)

    assert make_handoff(made, pathway, basis=DisclosureBasis.OWN).state == HandoffState.SENT


def test_send_keeps_only_known_sections_and_no_name(made, pathway):
    handoff = make_handoff(made, pathway, sections=[Section.IDENTITY, Section.GOAL, "nonsense"])

    assert handoff.sections == [Section.GOAL, Section.IDENTITY]
    assert pathway.client.family_name not in str(handoff.snapshot_sent)
    assert handoff.snapshot_sent["process_person"] == made.anna.pk


# Answering ----------------------------------------------------------------------------------------


def test_accept_referral_moves_the_lead_only(made, pathway, nobody_lost):
    handoff = make_handoff(made, pathway)

    accept(handoff, made.ossi)

    assert duties(pathway) == (pathway.stage, made.city.pk, made.anna.pk, made.ossi.pk)
    assert participants(pathway) == {made.city.pk, made.college.pk}
    nobody_lost()


def test_accept_transfer_moves_the_owner_only(made, pathway, nobody_lost):
    handoff = make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=made.te)
    assert duties(pathway)[1] == made.city.pk

    accept(handoff, made.taru)

    assert duties(pathway) == (pathway.stage, made.te.pk, made.taru.pk, None)
    assert participants(pathway) == {made.city.pk, made.te.pk}
    nobody_lost()


@pytest.mark.parametrize("why", ["unset", "removed"])
def test_accept_waits_until_the_receiver_has_stated_its_basis(made, pathway, nobody_lost, why):
    handoff = make_handoff(made, pathway)
    part = made.partnership.parts.filter(organisation=made.college)
    part.update(acts_as_authority=None) if why == "unset" else part.delete()

    with pytest.raises(ValidationError, match="has not stated on what basis"):
        accept(handoff, made.ossi)

    assert (Handoff.objects.get(pk=handoff.pk).state, participants(pathway), duties(pathway)[3]) == (HandoffState.SENT, {made.city.pk}, None)
    if why == "unset":
        part.update(acts_as_authority=True)
        accept(handoff, made.ossi)
        assert Participation.objects.get(pathway=pathway, organisation=made.college).processing_basis == ProcessingBasis.STATUTORY_TASK
    nobody_lost()


def test_accept_transfer_from_elsewhere_on_the_basis_stated_in_the_own_partnership(made, pathway, nobody_lost):
    """An authority that is no part here owns a partnership; whoever has stated nothing anywhere cannot accept."""
    other, stranger = make_partnership(), make_counsellor(make_organisation("Toisaalan työllisyyspalvelu"))
    handoff = make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=stranger.organisation)

    with pytest.raises(ValidationError, match="has not stated on what basis"):
        accept(handoff, stranger)
    withdraw_handoff(by=made.anna, handoff=handoff)
    accept(make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=other.city), other.anna)

    taken = Participation.objects.get(pathway=pathway, organisation=other.city)
    assert (taken.processing_basis, taken.processing_statute) == (ProcessingBasis.STATUTORY_TASK, "keksitty säännös")
    nobody_lost()


def test_accept_assignment_inside_the_own_organisation(made, pathway, nobody_lost):
    colleague = made.city_people[1]
    handoff = make_handoff(made, pathway, to=made.city, to_person=colleague, kind=HandoffKind.ASSIGNMENT, basis=DisclosureBasis.OWN)

    with pytest.raises(ValidationError, match="Only the receiving"):
        accept(handoff, made.anna)
    accept(handoff, colleague)

    assert duties(pathway)[3] == colleague.pk
    nobody_lost()


def test_accept_request_to_take_gives_to_the_one_who_asked(made, nobody_lost):
    pathway = make_shared_pathway(made)
    meet(accept(make_handoff(made, pathway, to=made.te), made.taru), made.taru)
    handoff = make_handoff(made, pathway, by=made.ossi, to=made.te, kind=HandoffKind.REQUEST_TO_TAKE, basis=DisclosureBasis.OWN)

    accept(handoff, made.taru)

    assert duties(pathway)[3] == made.ossi.pk
    assert Handoff.objects.get(pk=handoff.pk).answered_by == made.taru
    with pytest.raises(ValidationError, match="met the client"):
        meet(handoff, made.taru)
    meet(handoff, made.ossi)
    nobody_lost()


def test_accept_by_a_colleague_makes_the_colleague_answer(made, pathway):
    """A silent named person must not be given the client by whoever rescues it."""
    handoff = make_handoff(made, pathway, to_person=made.college_people[1])

    accept(handoff, made.ossi)

    assert duties(pathway)[3] == made.ossi.pk


def test_accept_for_a_named_colleague(made, pathway):
    handoff = make_handoff(made, pathway)

    accept(handoff, made.ossi, responsible=made.college_people[1])

    assert duties(pathway)[3] == made.college_people[1].pk
    assert {step.responsible for step in open_steps(pathway)} == {made.anna, made.college_people[1]}


def test_accept_makes_the_first_contact_an_appointment(made, pathway):
    at = time_from_now(days=3)

    handoff = accept(make_handoff(made, pathway), made.ossi, first_contact_at=at, first_contact_way=ContactWay.JOINT_MEETING, place="Keksitty paikka")

    [step] = [step for step in open_steps(pathway) if step.handoff_id == handoff.pk]
    assert (step.kind, step.starts_at, step.due_on, step.way, step.place, step.responsible) == (
        StepKind.APPOINTMENT, at, timezone.localdate(at), ContactWay.JOINT_MEETING, "Keksitty paikka", made.ossi,
    )


@pytest.mark.parametrize(
    "changes, field", [({"first_contact_at": timezone.now() - timedelta(hours=1)}, "first_contact_at"), ({"first_contact_way": "nonsense"}, "first_contact_way"), ({"responsible": "taru"}, "responsible")]
)
def test_accept_refuses(made, pathway, changes, field):
    handoff = make_handoff(made, pathway)
    changes = {name: made.taru if value == "taru" else value for name, value in changes.items()}

    with pytest.raises(ValidationError) as refusal:
        accept(handoff, made.ossi, **changes)

    assert list(refusal.value.message_dict) == [field]
    assert duties(pathway)[3] is None


@pytest.mark.parametrize("who", ["anna", "taru", "officer", "nobody"])
@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_answer_only_by_the_receiver(made, pathway, who, answer):
    people = {"anna": made.anna, "taru": made.taru, "officer": make_counsellor(made.college, Role.SERVICE_HANDLER), "nobody": None}
    handoff = make_handoff(made, pathway)

    with pytest.raises(ValidationError, match="Only the receiving organisation"):
        accept(handoff, people[who]) if answer == "accept" else decline_handoff(by=people[who], handoff=handoff, reason="Syy")

    assert Handoff.objects.get(pk=handoff.pk).state == HandoffState.SENT


def test_nobody_answers_what_they_sent_themselves_in_another_organisation(made, pathway):
    """One person with a membership in both: sending to oneself is refused, and so is answering with the other hand."""
    other_hand = Membership.objects.create(user=made.anna.user, organisation=made.college, role=Role.COUNSELLOR, started_at=timezone.now())
    handoff = make_handoff(made, pathway)

    with pytest.raises(ValidationError, match="Only the receiving"):
        accept(handoff, other_hand)
    with pytest.raises(ValidationError, match="Only the receiving"):
        decline_handoff(by=other_hand, handoff=handoff, reason="Syy")
    assert not may_give_answer(other_hand, handoff)
    withdraw_handoff(by=made.anna, handoff=handoff)
    with pytest.raises(ValidationError, match="somebody else than yourself"):
        make_handoff(made, pathway, to_person=other_hand)
    Membership.objects.filter(organisation=made.college).exclude(pk=other_hand.pk).update(ended_at=timezone.now(), end_reason="left")
    with pytest.raises(ValidationError, match="Nobody in this organisation"):
        make_handoff(made, pathway)


def test_decline_leaves_everything_and_adds_a_step(made, pathway, nobody_lost):
    before, steps = duties(pathway), open_steps(pathway)
    handoff = make_handoff(made, pathway)

    decline_handoff(by=made.ossi, handoff=handoff, reason="Ei paikkoja")

    assert duties(pathway) == before
    assert participants(pathway) == {made.city.pk}
    assert Handoff.objects.get(pk=handoff.pk).decline_reason == "Ei paikkoja"
    [new] = [step for step in open_steps(pathway) if step not in steps]
    assert (new.responsible, new.due_on, new.handoff) == (made.anna, days_from_now(0), handoff)
    nobody_lost()


def test_decline_needs_a_reason(made, pathway):
    with pytest.raises(ValidationError) as refusal:
        decline_handoff(by=made.ossi, handoff=make_handoff(made, pathway), reason="  ")
    assert list(refusal.value.message_dict) == ["decline_reason"]


def test_outside_body_accepts_and_nothing_moves(made, pathway, nobody_lost):
    before = duties(pathway)
    handoff = make_handoff(made, pathway, to_outside="Keksitty yhdistys", to_outside_email="yhdistys@example.org")

    accept(handoff, None)

    handoff.refresh_from_db()
    assert (handoff.state, handoff.answered_outside, handoff.answered_by) == (HandoffState.ACCEPTED, True, None)
    assert duties(pathway) == before
    assert participants(pathway) == {made.city.pk}
    assert [step.responsible for step in open_steps(pathway) if step.handoff_id] == [made.anna]
    meet(handoff, made.anna)
    assert Handoff.objects.get(pk=handoff.pk).state == HandoffState.MET
    nobody_lost()


def test_outside_body_declines(made, pathway, nobody_lost):
    handoff = make_handoff(made, pathway, to_outside="Keksitty yhdistys")

    decline_handoff(by=None, handoff=handoff, reason="Ei meille")

    assert Handoff.objects.get(pk=handoff.pk).answered_outside
    assert any(step.handoff_id == handoff.pk for step in open_steps(pathway))
    nobody_lost()


def test_outside_answer_may_be_written_down_by_the_sender_only(made, pathway):
    handoff = make_handoff(made, pathway, to_outside="Keksitty yhdistys")

    with pytest.raises(ValidationError):
        accept(handoff, made.ossi)
    accept(handoff, made.city_people[1])

    assert Handoff.objects.get(pk=handoff.pk).answered_by == made.city_people[1]


# All kinds in all states --------------------------------------------------------------------------

STATES = [HandoffState.SENT, HandoffState.ACCEPTED, HandoffState.MET, HandoffState.DECLINED, HandoffState.WITHDRAWN]
ALLOWED = {
    "accept": {HandoffState.SENT},
    "decline": {HandoffState.SENT},
    "withdraw": {HandoffState.SENT, HandoffState.ACCEPTED},
    "meet": {HandoffState.ACCEPTED},
    "change_first_contact": {HandoffState.ACCEPTED},
    "pause": {HandoffState.SENT, HandoffState.ACCEPTED},
    "send_again": {HandoffState.DECLINED, HandoffState.WITHDRAWN},
}


def handoff_in(made, kind, state):
    """A hand-off of a kind brought to a state, with its sender, its answerer and who meets the client."""
    pathway = make_shared_pathway(made)
    sender, answerer = made.anna, made.ossi
    if kind == HandoffKind.REQUEST_TO_TAKE:
        handoff = make_handoff(made, pathway, kind=kind, basis=DisclosureBasis.OWN)
    elif kind == HandoffKind.ASSIGNMENT:
        handoff = make_handoff(made, pathway, kind=kind, to_person=made.ossi)
    else:
        handoff = make_handoff(made, pathway, kind=kind)
    meeter = sender if kind == HandoffKind.REQUEST_TO_TAKE else answerer
    if state in (HandoffState.ACCEPTED, HandoffState.MET):
        accept(handoff, answerer)
    if state == HandoffState.MET:
        meet(handoff, meeter)
    if state == HandoffState.DECLINED:
        decline_handoff(by=answerer, handoff=handoff, reason="Syy")
    if state == HandoffState.WITHDRAWN:
        withdraw_handoff(by=sender, handoff=handoff)
    return handoff, sender, answerer, meeter


@pytest.mark.parametrize("kind", HandoffKind.values)
@pytest.mark.parametrize("state", STATES)
def test_every_action_in_every_state(made, kind, state, nobody_lost):
    for name, allowed in ALLOWED.items():
        handoff, sender, answerer, meeter = handoff_in(made, kind, state)
        actions = {
            "accept": lambda h=handoff, a=answerer: accept(h, a),
            "decline": lambda h=handoff, a=answerer: decline_handoff(by=a, handoff=h, reason="Syy"),
            "withdraw": lambda h=handoff, s=sender: withdraw_handoff(by=s, handoff=h, seen=state, reason="Syy"),
            "meet": lambda h=handoff, m=meeter: meet(h, m),
            "change_first_contact": lambda h=handoff, m=meeter: change_first_contact(by=m, handoff=h, first_contact_at=time_from_now(days=4), first_contact_way=ContactWay.PHONE),
            "pause": lambda h=handoff, s=sender: pause_ladder(by=s, handoff=h, until=days_from_now(2), reason="Loma"),
            "send_again": lambda h=handoff, s=sender: send_again(by=s, handoff=h, reason="Uudestaan", due_on=days_from_now(7)),
        }
        if state in allowed:
            actions[name]()
        else:
            with pytest.raises(Conflict) as conflict:
                actions[name]()
            assert conflict.value.obj == handoff
            assert Handoff.objects.get(pk=handoff.pk).state == state
        nobody_lost()


# Afterwards ---------------------------------------------------------------------------------------


def test_sender_answers_until_met(made, pathway):
    """Accepted is not met: the sender's organisation cannot leave, and the ladder runs."""
    made.partnership.parts.filter(organisation=made.te).update(position=1)
    shared = make_shared_pathway(made)
    handoff = make_handoff(made, shared, by=made.ossi, to=made.te)
    accept(handoff, made.taru)
    for step in open_steps(shared):
        if step.responsible.organisation_id == made.college.pk:
            step.responsible = made.anna
            step.save()

    with pytest.raises(ValidationError, match="open hand-off"):
        end_participation(by=made.ossi, pathway=shared, organisation_id=made.college.pk, reason="Valmis")
    meet(handoff, made.taru)
    end_participation(by=made.ossi, pathway=shared, organisation_id=made.college.pk, reason="Valmis")

    assert participants(shared) == {made.city.pk, made.te.pk}


def test_met_writes_a_contact_and_makes_the_following_step(made, pathway, nobody_lost):
    handoff = accept(make_handoff(made, pathway), made.ossi)
    for step in open_steps(pathway):
        if step.handoff_id is None:
            step.done_at = timezone.now()
            step.save()

    confirm_met(by=made.ossi, handoff=handoff, held_at=timezone.now(), way=ContactWay.JOINT_MEETING, text="Sujui")

    [step] = open_steps(pathway)
    assert (step.responsible, step.due_on) == (made.ossi, days_from_now(14))
    event = Event.objects.filter(pathway=pathway, handoff=handoff).order_by("-at", "-id").first()
    assert (event.kind, event.text) == (EventKind.JOINT_MEETING, "Sujui")
    nobody_lost()


@pytest.mark.parametrize("changes, field", [({"held_at": timedelta(hours=1)}, "held_at"), ({"held_at": timedelta(days=-3)}, "held_at"), ({"way": "nonsense"}, "way")])
def test_met_refuses(made, pathway, changes, field):
    handoff = accept(make_handoff(made, pathway), made.ossi)
    if "held_at" in changes:
        changes = {"held_at": timezone.now() + changes["held_at"]}

    with pytest.raises(ValidationError) as refusal:
        meet(handoff, made.ossi, **changes)

    assert list(refusal.value.message_dict) == [field]


def test_withdraw_only_by_the_sender(made, pathway):
    with pytest.raises(ValidationError, match="Only the sending"):
        withdraw_handoff(by=made.ossi, handoff=make_handoff(made, pathway))


@pytest.mark.parametrize("by", ["sender", "receiver"])
def test_withdraw_after_acceptance_gives_the_lead_back(made, nobody_lost, by):
    pathway = make_shared_pathway(made)
    handoff = accept(make_handoff(made, pathway, to=made.te), made.taru)
    assert duties(pathway)[3] == made.taru.pk

    withdraw_handoff(by={"sender": made.anna, "receiver": made.taru}[by], handoff=handoff, seen=HandoffState.ACCEPTED, reason="Asiakas muutti")

    assert duties(pathway)[3] == made.ossi.pk
    assert all(step.kind != StepKind.APPOINTMENT for step in open_steps(pathway))
    assert any(step.handoff_id == handoff.pk and step.responsible == made.anna for step in open_steps(pathway))
    nobody_lost()


def test_withdraw_after_acceptance_gives_the_process_back(made, pathway, nobody_lost):
    handoff = accept(make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=made.te), made.taru)

    withdraw_handoff(by=made.taru, handoff=handoff, seen=HandoffState.ACCEPTED, reason="Kotikunta ei muuttunutkaan")

    assert duties(pathway)[1:3] == (made.city.pk, made.anna.pk)
    nobody_lost()


@pytest.mark.parametrize("by", ["anna", "taru"])
@pytest.mark.parametrize("kind", [HandoffKind.REFERRAL, HandoffKind.TRANSFER])
def test_withdraw_after_acceptance_ends_what_began_with_it(made, pathway, nobody_lost, kind, by):
    """The receiver took part by the hand-off only: it leaves, and what it had on its list is the sender's again."""
    handoff = accept(make_handoff(made, pathway, kind=kind, to=made.te), made.taru)
    add_step(by=made.taru, pathway=pathway, responsible=made.taru, what="Keksitty", due_on=days_from_now(3))

    withdraw_handoff(by=getattr(made, by), handoff=handoff, seen=HandoffState.ACCEPTED, reason="Syy")

    assert participants(pathway) == {made.city.pk}
    assert {step.responsible for step in open_steps(pathway)} == {made.anna}
    nobody_lost()


@pytest.mark.parametrize("case", ["took part before", "hands on", "was handed it twice"])
def test_withdraw_after_acceptance_keeps_who_takes_part_by_more(made, pathway, nobody_lost, case):
    if case == "took part before":
        meet(accept(make_handoff(made, pathway), made.ossi), made.ossi)
    handoff = accept(make_handoff(made, pathway), made.ossi)
    if case == "hands on":
        make_handoff(made, pathway, by=made.ossi, to=made.te)
    if case == "was handed it twice":
        # As after a merge: another one, met meanwhile.
        other = make_pathway(made)
        meet(accept(make_handoff(made, other), made.ossi), made.ossi)
        Handoff.objects.filter(pathway=other).update(pathway=pathway)

    withdraw_handoff(by=made.anna, handoff=handoff, seen=HandoffState.ACCEPTED, reason="Syy")

    assert participants(pathway) == {made.city.pk, made.college.pk}
    nobody_lost()


def test_withdraw_after_acceptance_keeps_the_one_who_opened_the_pathway(made, pathway, nobody_lost):
    """The city transferred the client away and took part all along; being asked back and giving up again changes nothing of that."""
    meet(accept(make_handoff(made, pathway, kind=HandoffKind.TRANSFER, to=made.te), made.taru), made.taru)
    handoff = accept(make_handoff(made, pathway, by=made.taru, to=made.city), made.city_people[1])

    withdraw_handoff(by=made.taru, handoff=handoff, seen=HandoffState.ACCEPTED, reason="Syy")

    assert participants(pathway) == {made.city.pk, made.te.pk}
    nobody_lost()


def test_withdraw_of_what_was_accepted_meanwhile_is_a_conflict(made, pathway):
    handoff = accept(make_handoff(made, pathway), made.ossi)

    with pytest.raises(Conflict):
        withdraw_handoff(by=made.anna, handoff=handoff, seen=HandoffState.SENT, reason="Syy")

    assert (Handoff.objects.get(pk=handoff.pk).state, duties(pathway)[3]) == (HandoffState.ACCEPTED, made.ossi.pk)


def test_withdraw_after_acceptance_needs_a_reason(made, pathway):
    handoff = accept(make_handoff(made, pathway), made.ossi)

    with pytest.raises(ValidationError, match="why it is undone"):
        withdraw_handoff(by=made.anna, handoff=handoff, seen=HandoffState.ACCEPTED)


def test_change_first_contact_moves_the_appointment(made, pathway, nobody_lost):
    handoff = accept(make_handoff(made, pathway), made.ossi)
    at = time_from_now(days=6)

    change_first_contact(by=made.ossi, handoff=handoff, first_contact_at=at, first_contact_way=ContactWay.PHONE, place="010 000")

    [step] = [step for step in open_steps(pathway) if step.handoff_id]
    assert (step.starts_at, step.due_on, step.way, step.place) == (at, timezone.localdate(at), ContactWay.PHONE, "010 000")
    nobody_lost()


@pytest.mark.parametrize("named, place, expected", [(True, "", "Keksintie 1"), (True, "Keksintie 2", "Keksintie 2"), (False, "", "Keksintie 1"), (False, "Keksintie 2", "Keksintie 1")])
def test_change_first_contact_keeps_the_place_that_is_not_written_anew_or_not_seen(made, pathway, named, place, expected):
    handoff = accept(make_handoff(made, pathway), made.ossi, place="Keksintie 1")
    protect_client(by=made.anna, pathway=pathway, named_people=[made.ossi] if named else [], contact_address="PL 1")

    change_first_contact(by=made.ossi, handoff=handoff, first_contact_at=time_from_now(days=6), first_contact_way=ContactWay.VISIT, place=place)

    assert NextStep.objects.get(handoff=handoff).place == expected


def test_change_first_contact_makes_a_missing_appointment(made, pathway):
    handoff = accept(make_handoff(made, pathway), made.ossi)
    NextStep.objects.filter(handoff=handoff).update(done_at=timezone.now())

    change_first_contact(by=made.ossi, handoff=handoff, first_contact_at=time_from_now(days=6), first_contact_way=ContactWay.PHONE)

    assert len([step for step in open_steps(pathway) if step.handoff_id]) == 1


@pytest.mark.parametrize("days, ok", [(0, False), (-1, False), (1, True), (14, True), (15, False)])
def test_pause_limits(made, pathway, days, ok):
    handoff = make_handoff(made, pathway)

    if ok:
        assert pause_ladder(by=made.anna, handoff=handoff, until=days_from_now(days), reason="Loma").paused_until == days_from_now(days)
    else:
        with pytest.raises(ValidationError) as refusal:
            pause_ladder(by=made.anna, handoff=handoff, until=days_from_now(days), reason="Loma")
        assert list(refusal.value.message_dict) == ["paused_until"]


def test_pause_refuses_without_reason_and_from_the_receiver(made, pathway):
    handoff = make_handoff(made, pathway)

    with pytest.raises(ValidationError, match="why the reminders rest"):
        pause_ladder(by=made.anna, handoff=handoff, until=days_from_now(2), reason=" ")
    with pytest.raises(ValidationError, match="Only the sending"):
        pause_ladder(by=made.ossi, handoff=handoff, until=days_from_now(2), reason="Loma")


def test_send_again_to_the_same_and_elsewhere(made, pathway, nobody_lost):
    first = make_handoff(made, pathway)
    decline_handoff(by=made.ossi, handoff=first, reason="Syy")
    token = uuid4()

    second = send_again(by=made.anna, handoff=first, reason="Uudestaan", due_on=days_from_now(7), token=token)
    same = send_again(by=made.anna, handoff=first, reason="Uudestaan", due_on=days_from_now(7), token=token)
    withdraw_handoff(by=made.anna, handoff=second)
    third = send_again(by=made.anna, handoff=second, reason="Toisaalle", due_on=days_from_now(7), to_organisation=made.te, basis=DisclosureBasis.CONSENT, consented_on=days_from_now(0))

    assert second == same
    assert (second.reopens, second.to_organisation, second.sections) == (first, made.college, first.sections)
    assert (third.reopens, third.to_organisation, third.basis) == (second, made.te, DisclosureBasis.CONSENT)
    nobody_lost()


@pytest.mark.parametrize("is_last", [True, False])
def test_send_again_takes_the_old_one_off_the_senders_list(made, pathway, nobody_lost, is_last):
    """Of two steps one is left; the last one is followed by a step that awaits the answer, on its day."""
    first = make_handoff(made, pathway)
    decline_handoff(by=made.ossi, handoff=first, reason="Syy")
    choose, begun = NextStep.objects.get(handoff=first), pathway.next_steps.get(handoff=None)
    if is_last:
        finish_step(by=made.anna, step=begun)

    second = send_again(by=made.anna, handoff=first, reason="Uudestaan", due_on=days_from_now(5))

    choose.refresh_from_db()
    assert (choose.done_at is not None, choose.done_by) == (True, made.anna)
    awaited = [(made.anna, days_from_now(5), second)]
    assert [(step.responsible, step.due_on, step.handoff) for step in open_steps(pathway)] == (awaited if is_last else [(made.anna, begun.due_on, None)])
    nobody_lost()


def test_send_again_closes_what_an_undone_acceptance_left(made, pathway, nobody_lost):
    first = accept(make_handoff(made, pathway), made.ossi)
    withdraw_handoff(by=made.anna, handoff=first, seen=HandoffState.ACCEPTED, reason="Ei tavoitettu")

    send_again(by=made.anna, handoff=first, reason="Uudestaan", due_on=days_from_now(5))

    assert [step.handoff for step in open_steps(pathway)] == [None]
    nobody_lost()


def test_send_again_when_the_named_person_has_left(made, pathway):
    leaver = make_counsellor(made.college)
    first = make_handoff(made, pathway, to_person=leaver)
    decline_handoff(by=leaver, handoff=first, reason="Syy")
    leaver.ended_at, leaver.end_reason = timezone.now(), "left"
    leaver.save()

    again = send_again(by=made.anna, handoff=first, reason="Uudestaan", due_on=days_from_now(7))

    assert (again.to_organisation, again.to_person) == (made.college, None)


# Mails --------------------------------------------------------------------------------------------


def test_mails_go_to_the_right_people_and_name_nobody(made):
    from tests.guidance.factories import new_client

    client = new_client(family_name="Ainutlaatuinen", given_names="Keksintö", birth_date=date(1991, 2, 3), phone="0500001111", email="asiakas@example.org")
    pathway = make_pathway(made, client=client)
    handoff = make_handoff(made, pathway, reason="Salainen syy")
    decline_handoff(by=made.ossi, handoff=handoff, reason="Salainen vastaus")
    again = send_again(by=made.anna, handoff=handoff, reason="Salainen syy", due_on=days_from_now(7))
    withdraw_handoff(by=made.anna, handoff=again)
    last = accept(send_again(by=made.anna, handoff=again, reason="Salainen syy", due_on=days_from_now(7), to_person=made.ossi, to_organisation=made.college), made.ossi)
    meet(last, made.ossi)

    mails = list(OutboxMessage.objects.order_by("pk"))

    college = sorted(person.user.email for person in made.college_people)
    got = [(mail.kind, mail.to_email) for mail in mails]
    assert [email for kind, email in got if kind == "handoff_withdrawn"] == college
    assert [email for kind, email in got if kind == "handoff_sent"] == [*college, *college, made.ossi.user.email]
    assert [email for kind, email in got if kind in ("handoff_declined", "handoff_accepted", "handoff_met")] == [made.anna.user.email] * 3
    for mail in mails:
        text = mail.subject + mail.body
        for secret in ("Ainutlaatuinen", "Keksintö", pathway.pseudonym, "1991", "3.2.", "0500001111", "asiakas@example.org", "Salainen"):
            assert secret not in text
        assert "/guidance/" in mail.body


def test_accepted_hand_off_given_back_tells_the_sender(made, pathway):
    handoff = accept(make_handoff(made, pathway), made.ossi)

    withdraw_handoff(by=made.ossi, handoff=handoff, seen=HandoffState.ACCEPTED, reason="Syy")

    assert [mail.to_email for mail in OutboxMessage.objects.filter(kind="handoff_withdrawn")] == [made.anna.user.email]
