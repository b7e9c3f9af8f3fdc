"""Two people press at once. Real threads, each with its own connection, on the database of the run.

Exactly one wins where only one may; the loser gets `Conflict` or a sentence, never an error of the database; and
after each round nobody is lost.
"""
import pytest
from django.core.exceptions import ValidationError

from guidance.actions.answers import decline_handoff
from guidance.actions.caseload import transfer_caseload
from guidance.actions.clients import edit_client
from guidance.actions.consents import record_consent, withdraw_consent
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.participations import end_participation, name_responsible
from guidance.actions.pathways import close_pathway, edit_pathway, open_pathway
from guidance.actions.stages import move_stage
from guidance.actions.timeline import add_step, finish_step
from guidance.choices import ConsentScope, DisclosureBasis, EndReason, HandoffState, Outcome, Stage
from guidance.models import Client, Handoff, NextStep, Pathway
from guidance.queries.consent_texts import current_version
from pilots.actions.people import end_membership
from services.conflicts import Conflict
from tests.guidance.factories import (
    accept,
    days_from_now,
    make_client,
    make_counsellor,
    make_handoff,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    new_client,
    open_steps,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]
LOST = (Conflict, ValidationError)


@pytest.fixture
def made(transactional_db):
    return make_partnership()


@pytest.fixture
def rounds(battery_count):
    return range(battery_count(50))


def winners(results) -> int:
    """How many got through; whatever is neither a win nor a sentence is the test's failure."""
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, LOST):
            raise result
    return sum(not isinstance(result, BaseException) for result in results)


def test_two_accept_at_once(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        handoff = make_handoff(made, make_pathway(made))

        results = at_once([lambda h=handoff, p=person: accept(h, p) for person in made.college_people])

        assert winners(results) == 1
        handoff.refresh_from_db()
        lead = Pathway.objects.get(pk=handoff.pathway_id).guidance_lead
        assert handoff.answered_by == lead
        assert NextStep.objects.filter(handoff=handoff).count() == 1
        nobody_lost()


@pytest.mark.parametrize("reason", ["", "Asiakas muutti"])
def test_accept_against_withdraw(made, rounds, at_once, nobody_lost, reason):
    """Also with a reason: who saw it unanswered does not undo an acceptance that came meanwhile."""
    for _round in rounds:
        handoff = make_handoff(made, make_pathway(made))

        results = at_once([lambda h=handoff: accept(h, made.ossi), lambda h=handoff: withdraw_handoff(by=made.anna, handoff=h, reason=reason)])

        assert winners(results) == 1
        handoff.refresh_from_db()
        accepted = not isinstance(results[0], BaseException)
        assert handoff.state == (HandoffState.ACCEPTED if accepted else HandoffState.WITHDRAWN)
        assert (Pathway.objects.get(pk=handoff.pathway_id).guidance_lead == made.ossi) is accepted
        nobody_lost()


def test_accept_against_decline(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        handoff = make_handoff(made, make_pathway(made))

        results = at_once([lambda h=handoff: accept(h, made.ossi), lambda h=handoff: decline_handoff(by=made.college_people[1], handoff=h, reason="Syy")])

        assert winners(results) == 1
        handoff.refresh_from_db()
        assert handoff.state == (HandoffState.DECLINED if isinstance(results[0], BaseException) else HandoffState.ACCEPTED)
        nobody_lost()


def test_accept_against_withdrawn_consent(made, rounds, at_once, nobody_lost):
    """Whoever comes first, in the end nothing is disclosed any more."""
    for _round in rounds:
        pathway = make_pathway(made)
        handoff = make_handoff(made, pathway, basis=DisclosureBasis.CONSENT, consented_on=days_from_now(0))

        results = at_once([lambda h=handoff: accept(h, made.ossi), lambda p=pathway: withdraw_consent(by=made.anna, pathway=p, organisation=made.college)])

        assert winners(results) >= 1
        assert not isinstance(results[1], BaseException)
        handoff.refresh_from_db()
        assert handoff.state == HandoffState.WITHDRAWN
        assert not pathway.participations.filter(organisation=made.college, ends_at=None).exists()
        nobody_lost()


def test_consent_written_down_by_two_at_once(made, rounds, at_once):
    """One is in force, and who comes second is told instead of replacing it unseen."""
    for _round in rounds:
        pathway = make_pathway(made)
        asked = {"pathway": pathway, "organisation": made.college, "scope": ConsentScope.PATHWAY, "text_version": current_version(), "language": "fi", "given_on": days_from_now(0)}

        results = at_once([lambda p=person, a=asked: record_consent(by=p, **a) for person in made.city_people])

        assert (winners(results), [type(result) for result in results if isinstance(result, BaseException)], pathway.consents.count()) == (1, [Conflict], 1)


def test_consent_withdrawn_against_a_hand_off_that_rests_on_it(made, rounds, at_once, nobody_lost):
    """Whichever comes first, nothing is sent on a consent that is gone."""
    for _round in rounds:
        pathway = make_pathway(made)
        record_consent(by=made.anna, pathway=pathway, organisation=made.college, scope=ConsentScope.PATHWAY, text_version=current_version(), language="fi", given_on=days_from_now(0))

        results = at_once(
            [
                lambda p=pathway: make_handoff(made, p, basis=DisclosureBasis.CONSENT, consented_on=days_from_now(0)),
                lambda p=pathway: withdraw_consent(by=made.city_people[1], pathway=p, organisation=made.college),
            ]
        )

        assert winners(results) >= 1
        assert not isinstance(results[1], BaseException)
        assert not Handoff.objects.open().filter(pathway=pathway).exists()
        assert not pathway.consents.in_force().exists()
        nobody_lost()


def test_last_participant_leaves_against_hand_off(made, rounds, at_once, nobody_lost):
    """The college leaves while it is handing the client on: it stays as long as the hand-off is open."""
    for _round in rounds:
        pathway = make_shared_pathway(made)
        NextStep.objects.filter(pathway=pathway, responsible=made.ossi).update(responsible=made.anna)
        Pathway.objects.filter(pk=pathway.pk).update(guidance_lead=None)

        results = at_once(
            [
                lambda p=pathway: end_participation(by=made.ossi, pathway=p, organisation_id=made.college.pk, reason="Valmis"),
                lambda p=pathway: make_handoff(made, p, by=made.ossi, to=made.te),
            ]
        )

        assert winners(results) == 1
        takes_part = pathway.participations.filter(organisation=made.college, ends_at=None).exists()
        assert takes_part is Handoff.objects.open().filter(pathway=pathway).exists()
        nobody_lost()


def responsible_ways(made, pathway, person):
    handoff = make_handoff(made, pathway, to=made.te)
    return [
        lambda: name_responsible(by=made.anna, pathway=pathway, duty="process_person", person=person),
        lambda: name_responsible(by=made.anna, pathway=pathway, duty="study_counsellor", person=person),
        lambda: add_step(by=made.anna, pathway=pathway, responsible=person, what="Askel", due_on=days_from_now(3)),
        lambda: finish_step(by=made.anna, step=open_steps(pathway)[0], following={"responsible": person, "what": "Askel", "due_on": days_from_now(3)}),
        lambda: make_handoff(made, pathway, to=made.college, by=person),
        lambda: open_pathway(by=person, partnership=made.partnership, client=new_client(), first_step="Askel", first_due_on=days_from_now(3)),
        lambda: transfer_caseload(by=made.anna, person=made.anna, heir=person),
        lambda: decline_handoff(by=made.taru, handoff=handoff, reason="Syy"),
    ]


@pytest.mark.parametrize("way", range(8), ids=["process_person", "study_counsellor", "step", "following_step", "sender", "opener", "heir", "declined"])
def test_ending_a_membership_against_being_made_responsible(made, rounds, at_once, nobody_lost, way):
    for _round in rounds:
        person = make_counsellor(made.city)
        call = responsible_ways(made, make_pathway(made), person)[way]
        if way == 7:
            # The only tie is the hand-off that is just being declined.
            Handoff.objects.open().filter(from_person=made.anna).update(from_person=person)

        results = at_once([call, lambda p=person: end_membership(by=p.user, membership=p, reason="left")])

        assert winners(results) >= 1
        nobody_lost()


def test_accepting_against_the_end_of_the_own_membership(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        person = make_counsellor(made.college)
        handoff = make_handoff(made, make_pathway(made))

        results = at_once([lambda h=handoff, p=person: accept(h, p), lambda p=person: end_membership(by=p.user, membership=p, reason="left")])

        assert winners(results) == 1
        nobody_lost()


def test_same_edit(made, rounds, at_once, nobody_lost):
    pathway = make_pathway(made)
    for turn in rounds:
        version = Pathway.objects.get(pk=pathway.pk).version
        texts = [f"Tavoite {turn} {side}" for side in "ab"]

        results = at_once([lambda t=text, v=version: edit_pathway(by=made.anna, pathway=pathway, version=v, goal=t) for text in texts])

        assert winners(results) == 1
        assert [type(result) for result in results if isinstance(result, BaseException)] == [Conflict]
        won = [text for text, result in zip(texts, results, strict=True) if not isinstance(result, BaseException)]
        assert Pathway.objects.get(pk=pathway.pk).goal == won[0]
        nobody_lost()


def test_same_edit_of_a_client(made, rounds, at_once):
    pathway = make_pathway(made, client=new_client(phone="050 0"))
    for turn in rounds:
        seen = {"phone": Client.objects.get(pk=pathway.client_id).phone}

        results = at_once([lambda s=seen, p=f"050 {turn} {side}": edit_client(by=made.anna, pathway=pathway, seen=s, phone=p) for side in "ab"])

        assert winners(results) == 1
        [won] = [result.phone for result in results if not isinstance(result, BaseException)]
        assert Client.objects.get(pk=pathway.client_id).phone == won


def test_two_different_moves_at_once(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        pathway = make_pathway(made)

        results = at_once(
            [
                lambda p=pathway: move_stage(by=made.anna, pathway=p, target=Stage.IDENTIFICATION, version=p.version),
                lambda p=pathway: move_stage(by=made.city_people[1], pathway=p, target=Stage.INTERRUPTED, interruption="work", reason="Syy", version=p.version),
            ]
        )

        assert winners(results) == 1
        assert pathway.stage_periods.count() == 2
        nobody_lost()


def test_two_finish_the_last_step(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        pathway = make_pathway(made)
        [step] = open_steps(pathway)

        results = at_once([lambda s=step, p=person: finish_step(by=p, step=s, following={"responsible": p, "what": "Askel", "due_on": days_from_now(3)}) for person in made.city_people])

        assert winners(results) == 1
        assert len(open_steps(pathway)) == 1
        nobody_lost()


def test_one_client_opened_twice(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        client = make_client()

        results = at_once([lambda c=client, p=person: make_pathway(made, by=p, client=c) for person in made.city_people])

        assert winners(results) == 1
        assert client.pathways.count() == 1
        nobody_lost()


def test_close_against_hand_off(made, rounds, at_once, nobody_lost):
    for _round in rounds:
        pathway = make_pathway(made)

        results = at_once(
            [
                lambda p=pathway: close_pathway(by=made.anna, pathway=p, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN),
                lambda p=pathway: make_handoff(made, p),
            ]
        )

        assert winners(results) == 1
        nobody_lost()


def test_two_caseloads_crosswise(made, rounds, at_once, nobody_lost):
    """Two people give each other everything at once: neither waits for the other for ever."""
    first, second = made.city_people
    pathways = [make_pathway(made, by=person) for person in made.city_people for _turn in range(3)]
    for _round in rounds:
        results = at_once([lambda: transfer_caseload(by=first, person=first, heir=second), lambda: transfer_caseload(by=second, person=second, heir=first)])

        assert winners(results) >= 1
        assert Pathway.objects.filter(process_person__in=[first, second]).count() == len(pathways)
        nobody_lost()
