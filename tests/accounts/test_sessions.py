"""When a session ends, what it remembers, and what it never writes. The clock is moved by moving what the session remembers."""
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.sessions import drop_ended_sessions, end_other_sessions
from accounts.models import AuditEvent, PortalSession
from accounts.sessions import SEEN_AT, STARTED_AT, SessionStore

from .conftest import PASSWORD, make_person

PAGE = "/account/"


def let_pass(client: Client, *, since_seen: timedelta = timedelta(), since_start: timedelta = timedelta()) -> None:
    """As if so much time had gone by since the last noted use, and since the sign-in."""
    session = client.session
    for key, passed in ((SEEN_AT, since_seen), (STARTED_AT, since_start)):
        session[key] = (timezone.now() - passed).isoformat() if passed else session[key]
    session.save()


@pytest.fixture
def in_use(signed_in: Client) -> Client:
    signed_in.get(PAGE)
    return signed_in


def test_session_lives_until_half_an_hour_without_use(in_use):
    let_pass(in_use, since_seen=timedelta(minutes=29, seconds=50))

    assert in_use.get(PAGE).status_code == 200


def test_session_ends_after_half_an_hour_without_use(in_use):
    let_pass(in_use, since_seen=timedelta(minutes=30))

    response = in_use.get(PAGE)

    assert response.status_code == 302
    assert "_auth_user_id" not in in_use.session


def test_session_ends_after_ten_hours_whatever_its_use(in_use):
    let_pass(in_use, since_start=timedelta(hours=10))

    assert in_use.get(PAGE).status_code == 302


def test_session_lives_for_nearly_ten_hours_in_use(in_use):
    let_pass(in_use, since_start=timedelta(hours=9, minutes=59))

    assert in_use.get(PAGE).status_code == 200


def test_use_is_noted_after_five_minutes(in_use):
    let_pass(in_use, since_seen=timedelta(minutes=5))

    in_use.get(PAGE)

    seen = datetime.fromisoformat(in_use.session[SEEN_AT])
    assert timezone.now() - seen < timedelta(minutes=1)
    assert PortalSession.objects.get(session_key=in_use.session.session_key).seen_at == seen


def test_use_within_five_minutes_writes_nothing(in_use):
    let_pass(in_use, since_seen=timedelta(minutes=4, seconds=50))

    with CaptureQueriesContext(connection, ) as queries:
        in_use.get(PAGE)

    written = [query["sql"] for query in queries if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert written == []
    assert len(queries) > 0


def test_visitor_gets_no_session(client, db):
    client.get("/account/login/")

    assert not PortalSession.objects.exists()


def test_session_that_was_ended_stays_ended_when_a_slow_request_saves_it(in_use):
    slow = SessionStore(in_use.session.session_key)
    slow[SEEN_AT] = timezone.now().isoformat()
    in_use.post("/account/logout/")

    with pytest.raises(UpdateError):
        slow.save()

    assert PortalSession.objects.get(session_key=slow.session_key).session_data == ""


def test_end_other_sessions_keeps_this_one_and_other_people(in_use, person):
    elsewhere, other = Client(), Client()
    elsewhere.post("/account/login/", {"login": person.email, "password": PASSWORD})
    other.post("/account/login/", {"login": make_person("toinen@example.org").email, "password": PASSWORD})
    for client in (elsewhere, other):
        client.get(PAGE)

    response = in_use.post("/account/sessions/end/")

    assert response["Location"] == "/account/"
    assert in_use.get(PAGE).status_code == 200
    assert elsewhere.get(PAGE).status_code == 302
    assert other.get(PAGE).status_code == 200
    event = AuditEvent.objects.exclude(verb="user.signed_in").get()
    assert (event.verb, event.actor_id, event.detail) == ("user.signed_out_elsewhere", person.pk, {"sessions": 1})


def test_end_other_sessions_is_no_get(in_use):
    assert in_use.get("/account/sessions/end/").status_code == 405


def test_end_other_sessions_counts_none(person):
    assert end_other_sessions(by=person, keep="") == 0


def test_account_page_lists_ones_own_sessions_only(in_use, person):
    other = Client()
    other.post("/account/login/", {"login": make_person("toinen@example.org").email, "password": PASSWORD})
    other.get(PAGE)
    elsewhere = Client()
    elsewhere.post("/account/login/", {"login": person.email, "password": PASSWORD})
    elsewhere.get(PAGE)

    sessions = in_use.get(PAGE).context["sessions"]

    assert [session.is_this for session in sessions] == [True, False]


def test_drop_ended_sessions_takes_only_what_is_over(in_use, person):
    now = timezone.now()
    PortalSession.objects.create(session_key="old", user_id=person.pk, expire_date=now - timedelta(seconds=1))

    assert drop_ended_sessions(now) == 1
    assert drop_ended_sessions(now) == 0
    assert in_use.get(PAGE).status_code == 200
