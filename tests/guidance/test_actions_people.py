"""Caseload, absences, consents and the guard against ending somebody who answers for a client."""
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.actions.absences import add_absence, change_substitute, end_absence
from guidance.actions.caseload import caseload_of, transfer_caseload
from guidance.actions.consents import withdraw_consent
from guidance.actions.participations import name_responsible
from guidance.actions.timeline import add_step
from guidance.choices import DisclosureBasis, HandoffKind, HandoffState
from guidance.models import Absence, Handoff, NextStep, Participation, Pathway
from guidance.queries.absences import stands_in_for, substitutes_of
from pilots.actions.people import end_membership
from pilots.choices import Role
from tests.guidance.factories import accept, days_from_now, make_counsellor, make_handoff, make_pathway, make_shared_pathway, open_steps


def end(person):
    return end_membership(by=person.user, membership=person, reason="left")


# Caseload -----------------------------------------------------------------------------------------


def test_caseload_moves_whole_and_the_person_can_go(made, nobody_lost):
    leaver, heir = made.college_people
    pathway = make_shared_pathway(made)
    name_responsible(by=made.anna, pathway=pathway, duty="study_counsellor", person=leaver)
    make_handoff(made, pathway, by=leaver, to=made.te)
    other = make_pathway(made)
    waiting = make_handoff(made, other, to_person=leaver)
    load = caseload_of(leaver)
    assert ([p.pk for p in load.pathways], load.handoffs, load.is_empty) == ([pathway.pk], 2, False)

    assert transfer_caseload(by=heir, person=leaver, heir=heir) == 1

    pathway.refresh_from_db()
    waiting.refresh_from_db()
    assert (pathway.guidance_lead, pathway.study_counsellor, waiting.to_person) == (heir, heir, heir)
    assert pathway.participations.get(organisation=made.college).responsible == heir
    assert caseload_of(leaver).is_empty
    end(leaver)
    nobody_lost()


def test_caseload_of_a_mere_sender_moves_too(made, nobody_lost):
    """Somebody who answers for nothing but a hand-off they sent could otherwise never be ended."""
    pathway = make_shared_pathway(made)
    sender, heir = made.college_people[1], made.college_people[0]
    handoff = make_handoff(made, pathway, by=sender, to=made.te)

    transfer_caseload(by=sender, person=sender, heir=heir)

    handoff.refresh_from_db()
    assert handoff.from_person == heir
    end(sender)
    nobody_lost()


def test_caseload_only_some(made):
    pathways = [make_pathway(made) for _turn in range(3)]

    transfer_caseload(by=made.anna, person=made.anna, heir=made.city_people[1], only=[pathways[0].pk])

    assert [Pathway.objects.get(pk=p.pk).process_person for p in pathways] == [made.city_people[1], made.anna, made.anna]


@pytest.mark.parametrize("by, heir", [("anna", "anna"), ("anna", "ossi"), ("anna", "officer"), ("anna", "ended"), ("ossi", "colleague"), ("officer", "colleague")])
def test_caseload_refuses(made, pathway, by, heir):
    ended = make_counsellor(made.city)
    ended.ended_at, ended.end_reason = timezone.now(), "left"
    ended.save()
    people = {"anna": made.anna, "ossi": made.ossi, "ended": ended, "officer": make_counsellor(made.city, Role.EDUCATION_OFFICER), "colleague": made.city_people[1]}

    with pytest.raises(ValidationError):
        transfer_caseload(by=people[by], person=made.anna, heir=people[heir])

    assert Pathway.objects.get(pk=pathway.pk).process_person == made.anna


@pytest.mark.parametrize("duty", ["process_person", "guidance_lead", "study_counsellor", "participation", "step", "sender", "named receiver", "lead", "substitute of the lead", "substitute"])
def test_nobody_is_ended_while_responsible(made, duty):
    person = make_counsellor(made.city)
    pathway = make_pathway(made)
    if duty in ("process_person", "guidance_lead", "study_counsellor"):
        Pathway.objects.update(**{duty: person})
    elif duty == "participation":
        Participation.objects.update(responsible=person)
    elif duty == "step":
        add_step(by=made.anna, pathway=pathway, responsible=person, what="Askel", due_on=days_from_now(1))
    elif duty == "sender":
        make_handoff(made, pathway, by=person)
    elif duty == "named receiver":
        make_handoff(made, pathway, to=made.city, to_person=person, kind=HandoffKind.ASSIGNMENT)
    elif duty == "lead":
        made.partnership.lead = person
        made.partnership.save()
    elif duty == "substitute of the lead":
        made.partnership.substitute = person
        made.partnership.save()
    else:
        add_absence(by=made.anna, membership=made.anna, substitute=person, starts_on=days_from_now(0), ends_on=days_from_now(3))

    with pytest.raises(ValidationError, match="first"):
        end(person)

    person.refresh_from_db()
    assert person.ended_at is None


def test_somebody_without_clients_is_ended(made):
    assert end(make_counsellor(made.city)).ended_at


# Absences -----------------------------------------------------------------------------------------


def away(made, membership, substitute, first=0, last=3, by=None):
    return add_absence(by=by or membership, membership=membership, substitute=substitute, starts_on=days_from_now(first), ends_on=days_from_now(last))


def test_substitute_stands_in_on_those_days_only(made):
    away(made, made.anna, made.city_people[1], first=1, last=2)

    stands = [[person.pk for person in stands_in_for(made.city_people[1], days_from_now(day))] for day in range(4)]

    assert stands == [[], [made.anna.pk], [made.anna.pk], []]
    assert substitutes_of(made.anna, days_from_now(1)) == [made.city_people[1]]


def test_substitute_who_is_away_passes_it_on(made):
    third = make_counsellor(made.city)
    away(made, made.anna, made.city_people[1])
    away(made, made.city_people[1], third)

    assert {person.pk for person in stands_in_for(third)} == {made.anna.pk, made.city_people[1].pk}
    assert {person.pk for person in substitutes_of(made.anna)} == {made.city_people[1].pk, third.pk}


def test_two_who_stand_in_for_each_other_do_not_go_round_for_ever(made):
    away(made, made.anna, made.city_people[1])
    # As written before it was refused.
    Absence.objects.create(membership=made.city_people[1], substitute=made.anna, starts_on=days_from_now(0), ends_on=days_from_now(3))

    assert stands_in_for(made.anna) == [made.city_people[1]]
    third = make_counsellor(made.city)
    assert away(made, third, made.anna).substitute == made.anna


@pytest.mark.parametrize(
    "others, days, ok",
    [
        ([("b", "a", 0, 3)], (0, 3), False),
        ([("b", "a", 3, 9)], (0, 3), False),
        ([("b", "a", 4, 9)], (0, 3), True),
        ([("b", "c", 0, 3), ("c", "a", 0, 3)], (0, 3), False),
        ([("b", "c", 0, 1), ("c", "a", 2, 3)], (0, 3), True),
        ([("b", "c", 0, 3)], (0, 3), True),
    ],
)
@pytest.mark.parametrize("changed", [False, True])
def test_substitutes_of_each_other_leave_nobody_there(made, others, days, ok, changed):
    """a is away and names b: refused when on some day b's work comes back to a."""
    people = {"a": made.anna, "b": made.city_people[1], "c": make_counsellor(made.city)}
    for who, substitute, first, last in others:
        away(made, people[who], people[substitute], first, last)
    absence = away(made, made.anna, make_counsellor(made.city), *days) if changed else None

    def name_b() -> Absence:
        return change_substitute(by=made.anna, absence=absence, substitute=people["b"]) if absence else away(made, made.anna, people["b"], *days)

    if ok:
        assert name_b().substitute == people["b"]
    else:
        with pytest.raises(ValidationError) as refusal:
            name_b()
        assert list(refusal.value.message_dict) == ["substitute"]


@pytest.mark.parametrize("case", ["self", "other organisation", "officer", "ended", "past", "backwards", "overlap", "stranger"])
def test_absence_refuses(made, case):
    colleague = made.city_people[1]
    substitute = {"self": made.anna, "other organisation": made.ossi, "officer": make_counsellor(made.city, Role.EDUCATION_OFFICER)}.get(case, colleague)
    if case == "ended":
        colleague.ended_at, colleague.end_reason = timezone.now(), "left"
        colleague.save()
    if case == "overlap":
        away(made, made.anna, colleague, first=3, last=9)
    first, last = {"past": (-9, -1), "backwards": (3, 1)}.get(case, (0, 3))
    before = Absence.objects.count()

    with pytest.raises(ValidationError):
        away(made, made.anna, substitute, first, last, by=made.ossi if case == "stranger" else made.anna)

    assert Absence.objects.count() == before


def test_absence_ends_and_changes_hands(made):
    absence = away(made, made.anna, made.city_people[1], first=0, last=9)
    third = make_counsellor(made.city)

    change_substitute(by=made.anna, absence=absence, substitute=third)
    assert stands_in_for(third) == [made.anna]
    end_absence(by=made.anna, absence=absence)

    assert stands_in_for(third) == []
    end_absence(by=made.anna, absence=absence)


# Consent ------------------------------------------------------------------------------------------


def consented(made, pathway, **fields):
    return make_handoff(made, pathway, basis=DisclosureBasis.CONSENT, basis_statute="", consented_on=days_from_now(0), **fields)


def test_consent_withdrawn_before_the_answer(made, pathway, nobody_lost):
    handoff = consented(made, pathway)

    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)

    assert Handoff.objects.get(pk=handoff.pk).state == HandoffState.WITHDRAWN
    nobody_lost()


def test_consent_withdrawn_after_acceptance_leaves_nobody_alone(made, pathway, nobody_lost):
    accept(consented(made, pathway), made.ossi)
    name_responsible(by=made.ossi, pathway=pathway, duty="study_counsellor", person=made.ossi)
    onward = make_handoff(made, pathway, by=made.ossi, to=made.te)

    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college, reason="Asiakkaan tahto")

    pathway.refresh_from_db()
    assert (pathway.guidance_lead, pathway.study_counsellor) == (None, None)
    assert not pathway.participations.filter(organisation=made.college, ends_at=None).exists()
    assert {step.responsible for step in open_steps(pathway)} == {made.anna}
    assert Handoff.objects.get(pk=onward.pk).state == HandoffState.WITHDRAWN
    nobody_lost()


@pytest.mark.parametrize("case", ["statute", "owner", "outsider", "nothing"])
def test_consent_withdrawal_refuses(made, case):
    pathway = make_shared_pathway(made)
    by, organisation = {"statute": (made.anna, made.college), "owner": (made.anna, made.city), "outsider": (made.taru, made.college), "nothing": (made.anna, made.te)}[case]

    with pytest.raises(ValidationError):
        withdraw_consent(by=by, pathway=pathway, organisation=organisation)

    assert NextStep.objects.open().filter(pathway=pathway).exists()
    assert pathway.participations.filter(organisation=made.college, ends_at=None).exists()
