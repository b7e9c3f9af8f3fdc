"""The link of a body outside: what it shows, what it takes, and every way of abusing it."""
import re
from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage
from guidance.actions.answers import accept_handoff
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.links import renew_outside_link
from guidance.actions.outside import accept_by_link, decline_by_link, open_link
from guidance.actions.timeline import add_step
from guidance.choices import HandoffState, LogAction, Purpose, Section, StepKind
from guidance.forms.moments import written_moment
from guidance.models import AccessLog, AccessLogSubject, Handoff, NextStep, OutsideLink, Participation
from guidance.models.log import NOBODY
from guidance.queries.outside import LINK_SALT, find_link, link_token
from services.conflicts import Conflict
from tests.guidance.factories import make_handoff, make_partnership, make_pathway, new_client, time_from_now

GOAL, NAME, REASON, PLACE = "Tavoitemerkki", "Sukunimimerkki", "Syymerkki", "Paikkamerkki"


@pytest.fixture
def full(made):
    return make_pathway(made, client=new_client(family_name=NAME), goal=GOAL)


@pytest.fixture
def handoff(made, full) -> Handoff:
    return make_handoff(made, full, to_outside="Keksitty paja", to_outside_email="paja@example.org", sections=list(Section.values), reason=REASON)


@pytest.fixture(autouse=True)
def _no_throttle_left(request):
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
    cache.clear()


def address(handoff: Handoff) -> str:
    return reverse("guidance:outside_answer", args=[link_token(OutsideLink.objects.get(handoff=handoff))])


def accept_data(**fields) -> dict:
    return {"press": "accept", "accept-first_contact_at": written_moment(time_from_now(days=3)), "accept-first_contact_way": "visit"} | fields


DECLINE = {"press": "decline", "decline-decline_reason": "Ei paikkoja"}
OPEN = {"press": "open"}


def state_of(handoff: Handoff) -> tuple:
    link = OutsideLink.objects.get(handoff=handoff)
    return Handoff.objects.get(pk=handoff.pk).state, link.opened_at is not None, link.used_at is not None


def test_link_is_mailed_without_a_word_of_the_client(handoff, full):
    mail = OutboxMessage.objects.get(kind="handoff_outside")

    assert mail.to_email == "paja@example.org"
    assert find_link(re.search(r"/guidance/answer/([^/]+)/", mail.body)[1]).handoff == handoff
    assert [word for word in (full.pseudonym, NAME, GOAL, REASON, full.client.given_names) if word in mail.subject + mail.body] == []


def test_get_shows_nothing_of_the_client_and_consumes_nothing(handoff, full):
    client = Client()

    pages = [client.get(address(handoff)) for _turn in range(20)]

    assert {page.status_code for page in pages} == {200}
    assert [word for word in (full.pseudonym, NAME, GOAL, REASON) if word in pages[0].content.decode()] == []
    assert state_of(handoff) == (HandoffState.SENT, False, False)
    assert AccessLog.objects.count() == 0


def test_open_shows_the_sender_and_the_appointment_and_no_name(made, handoff, full):
    moment = time_from_now(days=4)
    add_step(by=made.anna, pathway=full, responsible=made.anna, kind=StepKind.APPOINTMENT, what="Tapaamismerkki", starts_at=moment, due_on=None, way="visit", place=PLACE)

    page = Client().post(address(handoff), OPEN)

    text = page.content.decode()
    assert (page.status_code, page.context["appointment"].starts_at) == (200, moment)
    assert made.anna.user.email in text
    assert [word for word in (full.pseudonym, NAME, GOAL, REASON, PLACE, "Tapaamismerkki", full.client.given_names) if word in text] == []
    assert state_of(handoff) == (HandoffState.SENT, True, False)


def test_each_opening_is_logged_as_nobodys(handoff, full):
    for _turn in range(2):
        Client().post(address(handoff), OPEN)

    logs = AccessLog.objects.all()
    assert {(log.user_id, log.organisation_id, log.action, log.purpose, log.basis) for log in logs} == {(NOBODY, None, LogAction.LINK, Purpose.HANDOFF, handoff.basis)}
    assert list(AccessLogSubject.objects.values_list("pseudonym", flat=True)) == [full.pseudonym] * 2


def test_accept_names_the_first_contact_and_the_sender_keeps_the_client(made, handoff, full, nobody_lost):
    client = Client()
    client.post(address(handoff), OPEN)

    answer = client.post(address(handoff), accept_data())

    full.refresh_from_db()
    current = Handoff.objects.get()
    step = NextStep.objects.get(handoff=handoff)
    assert (answer.status_code, client.get(address(handoff)).status_code) == (302, 410)
    assert (current.state, current.answered_outside, current.answered_by) == (HandoffState.ACCEPTED, True, None)
    assert (step.responsible, step.starts_at, full.process_person, full.guidance_lead) == (made.anna, current.first_contact_at, made.anna, None)
    assert Participation.objects.filter(pathway=full).count() == 1
    nobody_lost()


def test_decline_tells_the_sender_why(made, handoff, full, nobody_lost):
    client = Client()
    client.post(address(handoff), OPEN)

    client.post(address(handoff), DECLINE)

    assert (Handoff.objects.get().state, Handoff.objects.get().decline_reason) == (HandoffState.DECLINED, "Ei paikkoja")
    assert OutboxMessage.objects.get(kind="handoff_declined").to_email == made.anna.user.email
    nobody_lost()


@pytest.mark.parametrize("data", [accept_data(), DECLINE])
def test_answer_without_opening_first_is_only_an_opening(handoff, data):
    page = Client().post(address(handoff), data)

    assert page.status_code == 200
    assert state_of(handoff) == (HandoffState.SENT, True, False)


@pytest.mark.parametrize("first, second", [(accept_data(), DECLINE), (DECLINE, accept_data()), (DECLINE, DECLINE), (accept_data(), accept_data())])
def test_second_answer_changes_nothing(handoff, first, second):
    client = Client()
    client.post(address(handoff), OPEN)
    client.post(address(handoff), first)
    before = Handoff.objects.values().get()

    answer = client.post(address(handoff), second)

    assert (answer.status_code, Handoff.objects.values().get()) == (410, before)


@pytest.mark.parametrize("data", [accept_data(**{"accept-first_contact_at": "1.1.2020 9.00"}), accept_data(**{"accept-first_contact_way": "owl"}), {"press": "decline", "decline-decline_reason": "  "}])
def test_wrong_answer_is_told_at_its_field_and_uses_nothing(handoff, data):
    client = Client()
    client.post(address(handoff), OPEN)

    page = client.post(address(handoff), data)

    assert (page.status_code, bool(page.context["accept"].errors or page.context["decline"].errors)) == (422, True)
    assert state_of(handoff) == (HandoffState.SENT, True, False)


def test_expired_link_gives_nothing(handoff):
    OutsideLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answers = [Client().get(address(handoff)), Client().post(address(handoff), OPEN), Client().post(address(handoff), DECLINE)]

    assert [(answer.status_code, answer.context["why"]) for answer in answers] == [(410, "expired")] * 3
    assert state_of(handoff) == (HandoffState.SENT, False, False)
    assert AccessLog.objects.count() == 0


def test_withdrawn_request_gives_nothing_from_the_next_press_on(made, handoff):
    client = Client()
    client.post(address(handoff), OPEN)
    withdraw_handoff(by=made.anna, handoff=handoff)

    answer = client.post(address(handoff), accept_data())

    assert (answer.status_code, answer.context["why"], Handoff.objects.get().state) == (410, "withdrawn", HandoffState.WITHDRAWN)


def test_answer_written_down_by_the_sender_ends_the_link(made, handoff):
    accept_handoff(by=made.anna, handoff=handoff, first_contact_at=time_from_now(days=1), first_contact_way="phone")

    assert (Client().post(address(handoff), OPEN).status_code, AccessLog.objects.count()) == (410, 0)


STALE = {
    "opened": lambda link: open_link(link),
    "accepted": lambda link: accept_by_link(link=link, first_contact_at=time_from_now(days=1), first_contact_way="visit"),
    "declined": lambda link: decline_by_link(link=link, reason="Keksitty"),
}


@pytest.mark.parametrize("act", STALE)
def test_link_is_read_anew_before_it_is(handoff, act):
    """The page was read while the link still worked; meanwhile it has expired."""
    stale = find_link(link_token(OutsideLink.objects.get()))
    OutsideLink.objects.update(expires_at=timezone.now())

    with pytest.raises(Conflict):
        STALE[act](stale)

    assert state_of(handoff) == (HandoffState.SENT, False, False)


@pytest.mark.parametrize("act", STALE)
def test_link_replaced_meanwhile_is_not(made, handoff, act):
    stale = find_link(link_token(OutsideLink.objects.get()))
    renew_outside_link(by=made.anna, handoff=handoff)

    with pytest.raises(ValidationError):
        STALE[act](stale)

    assert state_of(handoff) == (HandoffState.SENT, False, False)


@pytest.mark.battery
@pytest.mark.django_db(transaction=True)
def test_answers_and_withdrawing_at_once_have_one_winner(transactional_db, battery_count, at_once):
    made = make_partnership()
    for _round in range(battery_count(50)):
        handoff = make_handoff(made, make_pathway(made), to_outside="Keksitty paja", to_outside_email="paja@example.org")
        links = [find_link(link_token(OutsideLink.objects.get(handoff=handoff))) for _turn in range(4)]
        calls = [
            lambda link=links[0]: STALE["accepted"](link),
            lambda link=links[1]: STALE["accepted"](link),
            lambda link=links[2]: STALE["declined"](link),
            lambda link=links[3]: STALE["declined"](link),
            lambda handoff=handoff: withdraw_handoff(by=made.anna, handoff=handoff),
        ]

        results = at_once(calls)

        # Withdrawing an accepted one asks for a reason, and is then a loser with a sentence.
        assert [result for result in results if isinstance(result, Exception) and not isinstance(result, Conflict | ValidationError)] == []
        assert sum(not isinstance(result, Exception) for result in results) == 1


@pytest.mark.battery
@pytest.mark.django_db(transaction=True)
def test_opening_while_a_new_link_is_sent_is_told_like_an_old_link(transactional_db, battery_count, at_once):
    made = make_partnership()
    for _round in range(battery_count(50)):
        cache.clear()
        handoff = make_handoff(made, make_pathway(made), to_outside="Keksitty paja", to_outside_email="paja@example.org")
        place = address(handoff)

        opened, renewed = at_once([lambda place=place: Client().post(place, OPEN).status_code, lambda handoff=handoff: renew_outside_link(by=made.anna, handoff=handoff)])

        # Before: it opens; between reading and opening: back to the page, which says so; after: missing.
        assert (opened in (200, 302, 404), isinstance(renewed, OutsideLink)) == (True, True), (opened, renewed)


@pytest.mark.parametrize("state", ["open", "expired", "unknown"])
def test_answer_to_a_link_is_kept_nowhere(handoff, state):
    place = address(handoff) if state != "unknown" else reverse("guidance:outside_answer", args=["x"])
    if state == "expired":
        OutsideLink.objects.update(expires_at=timezone.now())

    assert "no-store" in Client().get(place)["Cache-Control"]


def test_renewed_link_ends_the_old_one(made, handoff):
    old = address(handoff)

    renew_outside_link(by=made.anna, handoff=handoff)

    assert [Client().get(link).status_code for link in (old, address(handoff))] == [404, 200]


def test_renew_is_the_senders_button(made, handoff, guide_client):
    page = reverse("guidance:handoff_link", args=[handoff.pk])
    old = address(handoff)

    answers = [guide_client(person).post(page).status_code for person in (made.ossi, made.anna)]

    assert (answers, address(handoff) == old) == ([404, 302], False)


@pytest.mark.parametrize("token", ["x", "x:y:z", "a" * 2000, "%00", "..%2F..", "WzEsIm4iXQ:1:2"])
def test_tampered_link_is_a_missing_page(handoff, token):
    _assert_missing(handoff, token)


@pytest.mark.parametrize("value", ["text", [1], [10**30, "n"], ["x", "n"], [None, None], [1, "\x00"], {"a": 1}, 7])
def test_link_signed_over_something_else_is_a_missing_page(handoff, value):
    _assert_missing(handoff, signing.dumps(value, salt=LINK_SALT))


def test_link_signed_for_another_purpose_is_a_missing_page(handoff):
    link = OutsideLink.objects.get()

    _assert_missing(handoff, signing.dumps([link.handoff_id, link.nonce], salt="pilots.invitation"))


def _assert_missing(handoff, token):
    path = reverse("guidance:outside_answer", args=["t"]).replace("/t/", f"/{token}/")

    assert [Client().get(path).status_code, Client().post(path, OPEN).status_code] == [404, 404]
    assert state_of(handoff) == (HandoffState.SENT, False, False)


def test_changed_letter_breaks_the_signature(handoff):
    token = link_token(OutsideLink.objects.get())
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(0, len(token) - 1, 5)]

    assert {Client().get(reverse("guidance:outside_answer", args=[each])).status_code for each in changed} == {404}


def test_pressing_is_throttled(handoff):
    client = Client()

    statuses = [client.post(address(handoff), OPEN).status_code for _turn in range(25)]

    assert (statuses[:20], statuses[20:]) == ([200] * 20, [429] * 5)


def test_guessing_is_throttled_by_address(db):
    statuses = [Client().get(reverse("guidance:outside_answer", args=[f"guess{turn}"])).status_code for turn in range(70)]

    assert (statuses[:60], statuses[60:]) == ([404] * 60, [429] * 10)


def test_signed_in_person_gets_nothing_more_by_the_link(made, handoff, full, guide_client):
    page = guide_client(made.ossi).post(address(handoff), OPEN)

    assert [word for word in (full.pseudonym, NAME, GOAL) if word in page.content.decode()] == []
    assert AccessLog.objects.get().user_id == NOBODY
