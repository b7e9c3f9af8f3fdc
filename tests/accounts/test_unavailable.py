import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psycopg2
import pytest
from django.conf import settings
from django.db import ConnectionHandler, DatabaseError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.unavailable import is_unavailable


def full_disk(request):
    with open("/dev/full", "w") as file:
        file.write("x" * 100_000)
    return HttpResponse()


def our_mistake(request):
    raise ZeroDivisionError


urlpatterns = [
    path("full/", full_disk),
    path("sv/full/", full_disk),
    path("mistake/", our_mistake),
    path("", our_mistake, name="home"),
    path("feedback/", our_mistake, name="feedback"),
]
handler500 = "accounts.unavailable.server_error"


def answers_without_database(database_url: str) -> dict[str, dict]:
    """Asks the real portal, in a process whose database cannot be reached, for a page of each language, a form and a missing page."""
    program = """
import json
import django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, SERVER_NAME="localhost")
client.cookies["__Host-session"] = "abcdefghijklmnopqrstuvwxyz012345"
found = {}
for method, address in [("get", "/"), ("get", "/sv/"), ("get", "/en/"), ("get", "/en/no-such-page/"), ("post", "/sv/account/login/")]:
    response = getattr(client, method)(address, secure=True)
    found[f"{method} {address}"] = {"status": response.status_code, "headers": dict(response.headers), "text": response.content.decode()}
print(json.dumps(found))
"""
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONWARNINGS": "default"}
    done = subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_server_error_with_unreachable_postgresql_is_503_in_the_language_of_the_address():
    found = answers_without_database("postgres://nobody@127.0.0.1:1/none")

    expected = {"get /": "fi", "get /sv/": "sv", "get /en/": "en", "get /en/no-such-page/": "en", "post /sv/account/login/": "sv"}
    assert {name: answer["status"] for name, answer in found.items()} == dict.fromkeys(expected, 503)
    assert {name: answer["headers"].get("Retry-After") for name, answer in found.items()} == dict.fromkeys(expected, "30")
    for name, language in expected.items():
        assert f'<html lang="{language}">' in found[name]["text"]
        assert "no-store" in found[name]["headers"]["Cache-Control"]
        assert "default-src 'none'" in found[name]["headers"]["Content-Security-Policy"]
        assert "Set-Cookie" not in found[name]["headers"]


def test_server_error_with_unreadable_sqlite_is_503(tmp_path):
    found = answers_without_database(f"sqlite:///{tmp_path / 'no-such-folder' / 'portal.sqlite3'}")

    assert {answer["status"] for answer in found.values()} == {503}


@pytest.mark.urls(__name__)
def test_server_error_on_full_disk_is_503_and_asks_for_patience():
    answer = Client(raise_request_exception=False).get("/sv/full/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert '<html lang="sv">' in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("path", "cookie", "accepted", "language"), [
    ("/full/", "sv", "en", "sv"), ("/full/", "", "en,fi;q=0.5", "en"), ("/full/", "", "de", "fi"), ("/full/", "klingon", "", "fi"), ("/sv/full/", "en", "en", "sv"),
])  # fmt: skip
def test_server_error_speaks_the_language_of_the_address_then_of_the_cookie_then_of_the_browser(path, cookie, accepted, language):
    client = Client(raise_request_exception=False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie

    answer = client.get(path, headers={"accept-language": accepted})

    assert f'<html lang="{language}">' in answer.content.decode()


@pytest.mark.urls(__name__)
def test_server_error_of_our_own_is_500_and_promises_nothing():
    answer = Client(raise_request_exception=False).get("/mistake/")

    assert answer.status_code == 500
    assert "Retry-After" not in answer
    assert '<html lang="fi">' in answer.content.decode()


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_texts_that_are_too_long_are_told_with_the_limit(kind):
    text = b"a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    content = b"login=" + text if kind.endswith("urlencoded") else b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n' + text + b"\r\n--x--\r\n"

    answer = Client().post("/en/account/login/", content, content_type=kind)

    page = " ".join(answer.content.decode().split())
    assert (answer.status_code, "at most 2.5 MB in all. Nothing was saved." in page) == (413, True)
    assert "Go back to the form" in page


@pytest.mark.once
@pytest.mark.django_db
def test_request_that_is_wrong_otherwise_is_not_called_too_large():
    answer = Client().post("/en/account/login/", {str(number): "a" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)})

    assert (answer.status_code, "could not be read" in answer.content.decode()) == (400, True)


@pytest.fixture
def sqlite_error(tmp_path, django_db_blocker) -> Iterator[Callable[..., Exception]]:
    """sqlite_error(*statements): what a real SQLite of its own answers to the last statement."""
    connections = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "trial.sqlite3")}})

    def provoke(*statements: str) -> Exception:
        *before, last = statements
        with connections["default"].cursor() as cursor:
            for statement in before:
                cursor.execute(statement)
            with pytest.raises(OperationalError) as caught:
                cursor.execute(last)
        return caught.value

    with django_db_blocker.unblock():
        yield provoke
        connections["default"].close()


def test_is_unavailable_when_sqlite_is_full(sqlite_error):
    error = sqlite_error("CREATE TABLE t (x)", "PRAGMA max_page_count = 2", "INSERT INTO t VALUES (zeroblob(100000))")

    assert "full" in str(error)
    assert is_unavailable(error)


def test_is_unavailable_is_false_for_wrong_sql_on_sqlite(sqlite_error):
    error = sqlite_error("SELECT * FROM no_such_table")

    assert not is_unavailable(error)


def write_slowly(before: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(before)
        time.sleep(0.1)
        cursor.execute("CREATE TABLE never_made AS SELECT true FROM pg_sleep(0.1)")


@pytest.mark.engine("postgresql")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", ["SET idle_in_transaction_session_timeout = '20ms'", "SET TRANSACTION READ ONLY", "SET statement_timeout = '1ms'"])
def test_is_unavailable_when_postgresql_waits_no_longer_or_only_reads(before):
    with pytest.raises(DatabaseError) as caught:
        write_slowly(before)
    connection.close()

    assert is_unavailable(caught.value)


def test_is_unavailable_when_the_server_died_before_it_could_say_anything():
    error = DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq")
    error.__cause__ = psycopg2.DatabaseError(str(error))

    assert is_unavailable(error)
    assert not is_unavailable(DatabaseError("Save with update_fields did not affect any rows."))


def lost_while_saving():
    try:
        raise OperationalError("the server closed the connection")
    except OperationalError as error:
        raise RuntimeError("the session was not saved") from error


def test_is_unavailable_sees_the_cause_behind_another_error():
    with pytest.raises(RuntimeError) as caught:
        lost_while_saving()

    assert is_unavailable(caught.value)


def test_is_unavailable_is_false_without_an_error():
    assert not is_unavailable(None)
