"""The gate of the client's own pages: who comes in, what is asked first, and the row in the read log."""
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from guidance.actions.clients import protect_client
from guidance.actions.timeline import add_step
from guidance.choices import LogAction, Purpose, StepKind
from guidance.models import AccessLog
from pilots.choices import ContactTask
from pilots.models import Contact
from tests.guidance.factories import make_pathway, time_from_now
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.web import logged, sign_in

PAGE = "/en/my-path/"
GOAL, PLACE = "Tavoitemerkki", "Paikkamerkki"


def appointment(made, pathway, **fields):
    values = {"kind": StepKind.APPOINTMENT, "what": "Tapaamismerkki", "starts_at": time_from_now(days=3), "due_on": None, "way": "visit", "place": PLACE, "minutes": 45} | fields
    return add_step(by=made.anna, pathway=pathway, responsible=made.anna, **values)


def test_own_page_is_missing_for_everybody_else(made, pathway):
    make_account(pathway.client)

    assert [sign_in(person).get(PAGE).status_code for person in (made.anna, made.lead, made.ossi)] == [404, 404, 404]
    assert Browser().get(PAGE).headers["Location"].partition("?")[0] == reverse("account_login")
    assert logged() == []


def test_own_page_asks_for_a_second_factor_first(made, pathway):
    account = make_account(pathway.client)
    browser = Browser()
    browser.force_login(account.user)

    answer = browser.get(PAGE)

    assert (answer.status_code, [template.name for template in answer.templates][:1]) == (403, ["guidance/own_second_factor.html"])
    assert logged() == []


def test_own_page_is_logged_as_an_own_visit_and_never_stored(made):
    pathway = make_pathway(made, goal=GOAL)
    answer = sign_in_client(make_account(pathway.client)).get(PAGE)

    assert (answer.status_code, GOAL in answer.content.decode(), "no-store" in answer.headers["Cache-Control"]) == (200, True, True)
    assert logged() == [(LogAction.OWN, "own:path", [pathway.pseudonym])]
    log = AccessLog.objects.get()
    assert (log.purpose, log.organisation_id) == (Purpose.OWN, None)


def test_own_page_shows_the_clients_own_pathways_alone(made, pathway):
    others = make_pathway(made, goal=GOAL)
    answer = sign_in_client(make_account(pathway.client)).get(PAGE)

    assert [one.pk for one in answer.wsgi_request.own_pathways] == [pathway.pk]
    assert [text for text in (GOAL, others.pseudonym, others.client.given_names) if text in answer.content.decode()] == []


@pytest.mark.parametrize("is_protected", [False, True])
def test_who_is_not_known_for_certain_sees_the_next_appointment_alone(made, is_protected):
    pathway = make_pathway(made, goal=GOAL)
    step = appointment(made, pathway)
    appointment(made, make_pathway(made), starts_at=time_from_now(days=1))
    Contact.objects.create(organisation=made.city, name="Keksitty numero", task=ContactTask.GUIDANCE, phone="040 123", confirmed_on=timezone.localdate())
    if is_protected:
        protect_client(by=made.anna, pathway=pathway, contact_address="PL 1")
    answer = sign_in_client(make_account(pathway.client, known=False)).get(PAGE)
    text = answer.content.decode()

    assert (answer.status_code, answer.context["found"].appointment) == (200, step)
    assert (made.anna.user.name in text, *(word in text for word in (made.anna.user.email, "040 123"))) == (True, not is_protected, not is_protected)
    assert [word for word in (GOAL, pathway.client.family_name, pathway.client.given_names, pathway.pseudonym, "Tapaamismerkki") if word in text] == []
    assert (PLACE in text) != is_protected
    assert logged() == [(LogAction.OWN, "own:path", [pathway.pseudonym])]


def test_who_is_not_known_and_has_no_appointment_sees_whom_to_ask(made, pathway):
    appointment(made, pathway).__class__.objects.filter(kind=StepKind.APPOINTMENT).update(starts_at=timezone.now() - timedelta(hours=1))
    answer = sign_in_client(make_account(pathway.client, known=False)).get(PAGE)

    assert (answer.context["found"].appointment, answer.context["found"].contact) == (None, made.anna)


def test_demo_opens_the_whole_page(made, settings):
    settings.DEMO = True
    pathway = make_pathway(made, goal=GOAL)

    assert GOAL in sign_in_client(make_account(pathway.client, known=False)).get(PAGE).content.decode()
