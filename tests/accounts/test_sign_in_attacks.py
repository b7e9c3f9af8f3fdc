"""What is tried at the sign-in itself: a planted session, many attempts over several workers, and the clock."""
import os
import statistics
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.models import AuditEvent, PortalSession

from .conftest import PASSWORD, make_person

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "/account/login/"
# A worker of its own: it knows nothing but the database, as after a restart. Prints whether the right password let it in.
WORKER = """
import django, sys
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
client.post("/account/login/", {"login": sys.argv[1], "password": sys.argv[2]})
print("in" if client.get("/account/").status_code == 200 else "out")
"""


@pytest.fixture(autouse=True)
def _no_attempts_before(db):
    cache.clear()


def test_session_planted_before_is_not_the_one_that_signs_in(person):
    """Session fixation: the key changes when somebody signs in, and the old one opens nothing."""
    planted = Client()
    planted.get(LOGIN)
    session = planted.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    planted.cookies[settings.SESSION_COOKIE_NAME] = before

    planted.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert planted.get("/account/").status_code == 200
    assert planted.session.session_key != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/account/").status_code == 302
    assert not PortalSession.objects.filter(session_key=before, user_id=person.pk).exists()


def test_made_up_session_key_is_never_taken_over(person):
    made_up = Client()
    made_up.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32

    made_up.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert made_up.cookies[settings.SESSION_COOKIE_NAME].value != "a" * 32
    assert not PortalSession.objects.filter(session_key="a" * 32).exists()


def worker(email: str) -> str:
    database = connection.settings_dict["NAME"]
    url = f"sqlite:///{database}" if connection.vendor == "sqlite" else _postgres_url(str(database))
    done = subprocess.run(
        [sys.executable, "-c", WORKER, email, PASSWORD],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _postgres_url(name: str) -> str:
    given = os.environ["DATABASE_URL"]
    base, mark, query = given.partition("?")
    return f"{base.rpartition('/')[0]}/{name}{mark}{query}"


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_throttling_holds_in_another_process_and_after_a_restart():
    person, other = make_person("demo.henkilo@example.org"), make_person("toinen@example.org")
    for _ in range(5):
        Client().post(LOGIN, {"login": person.email, "password": "wrong"})

    assert (worker(person.email), worker(other.email)) == ("out", "in")


def test_throttling_is_not_escaped_by_another_port_in_the_host(person):
    """Any port passes ALLOWED_HOSTS."""
    for port in range(8001, 8006):
        Client(headers={"host": f"localhost:{port}"}).post(LOGIN, {"login": person.email, "password": "wrong"})
    client = Client(headers={"host": "localhost:8006"})

    client.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert client.get("/account/").status_code == 302


def test_throttling_does_not_end_a_session_that_is_there(person):
    """Whoever attacks an address from elsewhere signs nobody out, and hinders nobody for longer than five minutes."""
    owner = Client()
    owner.post(LOGIN, {"login": person.email, "password": PASSWORD})
    for _ in range(20):
        Client(REMOTE_ADDR="198.51.100.7").post(LOGIN, {"login": person.email, "password": "wrong"})

    assert owner.get("/account/").status_code == 200
    from allauth.account import app_settings

    assert "5/300s" in app_settings.RATE_LIMITS["login_failed"]


@pytest.mark.once
def test_time_of_the_answer_does_not_tell_whether_an_address_is_known(person, settings):
    """With the real hash. Without one for the unknown address it would take a tenth of the time; the bar stands between, for a busy machine."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    taken: dict[str, list[float]] = {person.email: [], "nobody.here@example.org": []}
    for _ in range(9):
        for address, times in taken.items():
            cache.clear()
            began = time.process_time()
            client.post(LOGIN, {"login": address, "password": "not this password"})
            times.append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in taken.values())

    assert 0.5 < unknown / known < 2


def test_sign_in_and_what_it_was_done_with_are_in_the_log(client, person):
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})

    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_id, event.detail) == ("user.signed_in", person.pk, {"ways": ["password"]})


def test_refused_sign_in_is_logged_without_the_address(client, person, caplog):
    for address in (person.email, "nobody.here@example.org"):
        client.post(LOGIN, {"login": address, "password": "wrong"})

    told = [record.getMessage() for record in caplog.records if record.name == "accounts.adapter"]
    assert len(told) == 2
    assert len(set(told)) == 1
    assert not any("example.org" in line for line in told)


def test_confirming_that_it_is_you_gives_the_session_a_new_key(client, person):
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    copied = client.session.session_key

    client.post("/account/reauthenticate/", {"password": "wrong"})
    assert client.session.session_key == copied
    client.post("/account/reauthenticate/", {"password": PASSWORD})

    assert client.get("/account/second-factor/totp/activate/").status_code == 200
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = copied
    assert thief.get("/account/").status_code == 302


def test_end_sessions_signs_a_person_out_everywhere(client, person):
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    other = Client()
    other.force_login(make_person("toinen@example.org"))

    call_command("end_sessions", person.email.upper(), stdout=StringIO())

    assert [one.get("/account/").status_code for one in (client, other)] == [302, 200]
    with pytest.raises(CommandError):
        call_command("end_sessions", "nobody@example.org")


@pytest.mark.django_db
def test_counts_are_not_thrown_away_by_many_others():
    """Django's own limit is 300 keys, beyond which a third of them go."""
    cache.set("a-count-of-wrong-passwords", 4, 300)
    for number in range(320):
        cache.set(f"z-made-up-{number}", 1, 300)

    assert cache.get("a-count-of-wrong-passwords") == 4
