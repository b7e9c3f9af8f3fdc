"""Non-disclosure in races: work that names somebody holds the pathway, who edits a client holds the client first. Neither waits for
the other for ever, and in the end somebody sees what is hidden. Otherwise as test_races.py."""
import pytest

from guidance.actions.caseload import transfer_caseload
from guidance.actions.clients import edit_client, name_people, protect_client
from guidance.actions.participations import end_participation
from guidance.models import Client, NextStep, Pathway
from pilots.actions.people import end_membership
from tests.guidance.factories import make_counsellor, make_partnership, make_pathway, make_shared_pathway
from tests.guidance.test_races import winners

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]


@pytest.fixture
def made(transactional_db):
    return make_partnership()


@pytest.fixture
def rounds(battery_count):
    return range(battery_count(50))


def test_caseload_against_an_edited_client(made, rounds, at_once, nobody_lost):
    person, heir = made.city_people
    pathways = [make_pathway(made) for _turn in range(3)]
    for pathway in pathways:
        protect_client(by=person, pathway=pathway, contact_address="PL 0")
    for turn in rounds:
        edits = [lambda p=pathway, t=turn, by=person: edit_client(by=by, pathway=p, contact_address=f"PL {t + 1}") for pathway in pathways]

        results = at_once([lambda by=person, to=heir: transfer_caseload(by=by, person=by, heir=to), *edits])

        # An edit that comes after the move is by somebody who is not named any more.
        assert winners(results) >= 1
        assert not isinstance(results[0], BaseException)
        person, heir = heir, person
        nobody_lost()


def test_leaving_against_an_edited_client(made, rounds, at_once, nobody_lost):
    """The last named person's organisation leaves, and the responsible person is named, while the client is edited."""
    for turn in rounds:
        pathway = make_shared_pathway(made)
        protect_client(by=made.anna, pathway=pathway, contact_address="PL 0")
        Client.objects.get(pk=pathway.client_id).named_people.set([made.ossi])
        NextStep.objects.filter(pathway=pathway, responsible=made.ossi).update(responsible=made.anna)
        Pathway.objects.filter(pk=pathway.pk).update(guidance_lead=None)

        results = at_once(
            [
                lambda p=pathway: end_participation(by=made.ossi, pathway=p, organisation_id=made.college.pk, reason="Valmis"),
                lambda p=pathway, t=turn: edit_client(by=made.ossi, pathway=p, contact_address=f"PL {t + 1}"),
            ]
        )

        assert winners(results) >= 1
        assert not isinstance(results[0], BaseException)
        assert list(pathway.client.named_people.all()) == [made.anna]
        nobody_lost()


def test_two_last_named_people_end_at_once(made, rounds, at_once, nobody_lost):
    """Of two organisations, so that no lock of their people keeps them apart."""
    pathway = make_shared_pathway(made)
    protect_client(by=made.anna, pathway=pathway, contact_address="PL 0")
    for _turn in rounds:
        pair = [make_counsellor(made.city), make_counsellor(made.college)]
        Client.objects.get(pk=pathway.client_id).named_people.set(pair)

        results = at_once([lambda p=person: end_membership(by=p.user, membership=p, reason="left") for person in pair])

        assert winners(results) >= 1
        nobody_lost()


def test_naming_somebody_against_their_end(made, rounds, at_once, nobody_lost):
    pathway = make_shared_pathway(made)
    protect_client(by=made.anna, pathway=pathway, contact_address="PL 0")
    for _turn in rounds:
        leaver = make_counsellor(made.city)
        name_people(by=made.anna, pathway=pathway, people=[made.anna, leaver])

        results = at_once([lambda p=leaver: name_people(by=made.anna, pathway=pathway, people=[made.anna, p]), lambda p=leaver: end_membership(by=p.user, membership=p, reason="left")])

        assert winners(results) >= 1
        name_people(by=made.anna, pathway=pathway, people=[made.anna])
        nobody_lost()
