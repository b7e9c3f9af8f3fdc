"""What programmes are told of the portal: whether it answers, its counts, its log, and whom to write to."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from accounts.actions.outbox import queue_mail
from accounts.models import OutboxMessage
from guidance.models import CheckRun
from kopa_portal import checks
from kopa_portal.backups.making import LAST as LAST_BACKUP
from kopa_portal.operation import readiness
from kopa_portal.operation.metrics import exposition
from tests.guidance.factories import make_partnership, make_pathway
from tests.guidance.web import sign_in

TOKEN = "x" * 32


def refused(request):
    connection.cursor().execute("SELECT nothing FROM nowhere")


def handler500(request):
    return HttpResponse(status=500)


urlpatterns = [path("refused/", refused)]
OPERATOR = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def operated(settings, tmp_path):
    """A portal as it should be: nothing to look at."""
    settings.OPERATION_TOKEN, settings.BACKUP_DIR, settings.READY_MIN_FREE_MB = TOKEN, str(tmp_path), 0
    (tmp_path / LAST_BACKUP).write_text(json.dumps({"finished_at": timezone.now().isoformat()}))
    CheckRun.objects.create(at=timezone.now(), findings=[])


def asked(client: Client, query: str = "") -> tuple[int, dict]:
    answer = client.get(f"/ready{query}", headers=OPERATOR)
    return answer.status_code, answer.json()


# Whether it answers ------------------------------------------------------------------------------


def test_health_needs_no_database(client):
    answer = client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_tells_strangers_nothing_but_yes(client, operated):
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}, {"x-forwarded-for": "127.0.0.1"}):
        answer = client.get("/ready?all", headers=headers)

        assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_ready_judges_everything_for_the_operator(client, operated):
    status, told = asked(client, "?all")

    assert (status, told["status"], told["failed"]) == (200, "ready", [])
    assert {name: check["state"] for name, check in told["checks"].items()} == dict.fromkeys(("database", "migrations", "disk", "backup", "outbox", "pathways", "aside"), "ok") | {"replica": "not judged"}


@pytest.mark.django_db
def test_ready_with_an_unapplied_migration_is_503(client, operated):
    MigrationRecorder(connection).record_unapplied("accounts", "0005_worker")

    status, told = asked(client)

    assert (status, told["status"], told["failed"]) == (503, "unavailable", ["migrations"])
    assert client.get("/ready").status_code == 503


def old_mail() -> None:
    mail = queue_mail(kind="unknown_account", to_email="x@example.org", language="en", context={"email": "x@example.org", "signup_url": "", "password_reset_url": ""})
    OutboxMessage.objects.filter(pk=mail.pk).update(created_at=timezone.now() - timedelta(minutes=61))


def left_aside(settings, ending: str) -> None:
    settings.MEDIA_PRIVATE = str(Path(settings.BACKUP_DIR, "private"))
    Path(f"{settings.MEDIA_PRIVATE}{ending}").mkdir()


BREAKS = {
    "aside": lambda settings: left_aside(settings, f".before-{timezone.now() - timedelta(days=8):%Y%m%d-%H%M%S}"),
    "aside unfinished": lambda settings: left_aside(settings, ".restore"),
    "disk": lambda settings: setattr(settings, "READY_MIN_FREE_MB", 10**12),
    "outbox": lambda settings: old_mail(),
    "pathways": lambda settings: CheckRun.objects.update(at=timezone.now() - timedelta(hours=27)),
    "pathways found": lambda settings: CheckRun.objects.update(findings=[{"rule": "x", "counts": {"1": 3}, "shown": []}]),
    "backup": lambda settings: Path(settings.BACKUP_DIR, LAST_BACKUP).unlink(),
    "backup old": lambda settings: Path(settings.BACKUP_DIR, LAST_BACKUP).write_text(json.dumps({"finished_at": (timezone.now() - timedelta(hours=27)).isoformat()})),
    "backup unreadable": lambda settings: Path(settings.BACKUP_DIR, LAST_BACKUP).write_text('{"finished_at": "yesterday"}'),
    "backup without zone": lambda settings: Path(settings.BACKUP_DIR, LAST_BACKUP).write_text('{"finished_at": "2026-11-22T02:00:00"}'),
}


@pytest.mark.django_db
@pytest.mark.parametrize("broken", BREAKS)
def test_ready_calls_for_the_operator_and_keeps_answering(client, operated, settings, broken):
    BREAKS[broken](settings)
    name = broken.split()[0]

    status, told = asked(client)

    assert (status, told["status"], told["failed"]) == (200, "ready", [name])
    assert not re.search(r"\d", told["checks"][name]["why"].replace("26 hours", ""))
    assert asked(client, "?all")[0] == 503
    assert client.get("/ready?all").json() == {"status": "ready"}
    assert f'kopa_check_failed{{check="{name}"}} 1.0' in exposition().decode()


@pytest.mark.django_db
def test_ready_gives_a_week_to_look_through_what_is_aside(client, operated, settings):
    left_aside(settings, f".before-{timezone.now() - timedelta(days=6):%Y%m%d-%H%M%S}")
    left_aside(settings, ".restore")
    Path(f"{settings.MEDIA_PRIVATE}.restore-lock").touch()

    assert asked(client, "?all")[0] == 200


@pytest.mark.django_db
def test_ready_without_a_backup_folder_says_that_nobody_judged(client, operated, settings):
    settings.BACKUP_DIR = ""

    status, told = asked(client, "?all")

    assert (status, told["checks"]["backup"]) == (200, {"state": "not judged", "why": "BACKUP_DIR is not set."})


@pytest.mark.django_db
@pytest.mark.parametrize("place,state", [(5, "ok"), (None, "failed")])
def test_ready_tells_of_a_replica_that_is_not_read(client, operated, settings, monkeypatch, place, state):
    settings.DATABASE_ROUTERS = ["kopa_portal.replica.Router"]
    for name, value in {"place": place, "asked_at": time.monotonic() + 60, "next_at": time.monotonic() + 60}.items():
        monkeypatch.setattr(readiness.reach, name, value)

    status, told = asked(client)

    assert (status, told["checks"]["replica"]["state"]) == (200, state)


@pytest.mark.engine("postgresql")
@pytest.mark.django_db
def test_ready_does_not_wait_for_a_database_that_hangs(monkeypatch):
    monkeypatch.setattr(readiness, "LONGEST_STATEMENT", "100ms")
    began = time.monotonic()

    with pytest.raises(OperationalError), readiness.short_statements():
        connection.cursor().execute("SELECT pg_sleep(20)")

    assert time.monotonic() - began < 10


# Without a database: two processes of a real server, whose PostgreSQL is not there ----------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(port, log): gunicorn as it is run, with what gunicorn.conf.py gives it."""
    log = tmp_path_factory.mktemp("server") / "log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PROMETHEUS", "DJANGO"))}
    given = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "OPERATION_TOKEN": TOKEN, "BEHIND_PROXY": "1", "DJANGO_SETTINGS_MODULE": "kopa_portal.settings", "READY_MIN_FREE_MB": "0", "STATIC_ROOT": project.STATIC_ROOT}
    command = [sys.executable, "-m", "gunicorn", "kopa_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "2", "--worker-class", "gthread", "--no-control-socket"]
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=project.BASE_DIR, env=kept | given, stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 60
        while get(port, "/health")[0] != 200:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield port, log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def get(port: int, address: str, headers: dict | None = None) -> tuple[int, dict, str]:
    asking = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        asking.request("GET", address, headers=headers or {})
        answer = asking.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    except OSError:
        return 0, {}, ""
    finally:
        asking.close()


def test_server_without_a_database_is_alive_and_not_ready(server):
    port, _log = server
    began = time.monotonic()

    alive, ready, all_of_it = get(port, "/health"), get(port, "/ready"), get(port, "/ready", OPERATOR)

    assert (alive[0], ready[0], json.loads(ready[2])) == (200, 503, {"status": "unavailable"})
    told = json.loads(all_of_it[2])
    assert told["failed"] == ["database"]
    assert {name: check["state"] for name, check in told["checks"].items() if check["state"] != "not judged"} == {"database": "failed", "disk": "ok"}
    assert time.monotonic() - began < 20


def test_server_adds_up_the_counts_of_its_processes(server):
    port, _log = server
    count = re.compile(r'kopa_requests_total\{method="GET",page="about",status="200"\} (\d+)')

    for _time in range(30):
        get(port, "/en/about/", {"x-forwarded-proto": "https"})
    told = [get(port, "/metrics", OPERATOR)[2] for _time in range(4)]

    assert [count.search(text)[1] for text in told] == ["30"] * 4
    assert 'kopa_check_failed{check="database"} 1.0' in told[0]


def test_server_takes_the_number_of_its_proxy_and_of_nobody_else(server):
    port, _log = server
    of_proxy = "0123456789abcdef" * 2

    assert get(port, "/health", {"x-request-id": of_proxy})[1]["X-Request-ID"] == of_proxy
    for wrong in ("Merkkinen", of_proxy + "0", of_proxy[:-1] + "g", of_proxy.upper()):
        assert re.fullmatch("[0-9a-f]{32}", get(port, "/health", {"x-request-id": wrong})[1]["X-Request-ID"])


def test_server_writes_json_without_addresses(server):
    port, log = server
    key = "merkkiavain-1234567890"

    status, headers, page = get(port, f"/sv/areas/{key}/?q={key}", {"x-forwarded-proto": "https"})
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET /areas/{key}/ HTTP/9.9 x\r\n\r\n".encode())
        line.recv(1000)

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert status == 503
    assert headers["X-Request-ID"][:8] in page
    assert key not in page + log.read_text()
    assert [line["message"] for line in lines if line.get("request") == headers["X-Request-ID"]] == ["Service Unavailable: sv/areas/<slug:slug>/"]
    assert any(line["message"] == "Invalid request." for line in lines)


def test_request_number_without_a_proxy_is_our_own(client):
    given = "0123456789abcdef" * 2

    answer = client.get("/health", headers={"x-request-id": given})

    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])
    assert answer["X-Request-ID"] != given


# Counts ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("token,given", [("", ""), ("", "Bearer "), (TOKEN, ""), (TOKEN, "Bearer "), (TOKEN, TOKEN), (TOKEN, f"Bearer {TOKEN}x")])
def test_metrics_are_the_operators_alone(client, settings, token, given):
    settings.OPERATION_TOKEN = token

    assert client.get("/metrics", headers={"authorization": given}).status_code == 404


@pytest.mark.django_db
def test_metrics_name_pages_and_nothing_about_clients(client, operated):
    made = make_partnership()
    pathway = make_pathway(made)
    counsellor = sign_in(made.anna)

    counsellor.get(reverse("guidance:pathway_detail", args=[pathway.pseudonym]))
    client.generic("MERKKI", "/areas/")
    client.get("/ei-ole-merkki/")
    told = client.get("/metrics", headers=OPERATOR)

    text = told.content.decode()
    pages = set(re.findall(r'page="([^"]*)"', text))
    assert told["Content-Type"].startswith("text/plain")
    assert {"guidance", "pilots:area_list", "none"} <= pages
    assert not [page for page in pages if page.startswith(("guidance:", "own:"))]
    assert not [mark for mark in (pathway.pseudonym, "MERKKI", "merkki", str(made.anna.user)) if mark in text]
    assert not re.search(r"kopa_\w*(client|pathway|handoff)\w*", text)


def value_of(name: str) -> float:
    return sum(float(number) for number in re.findall(rf"^{name} (\S+)$", exposition().decode(), re.MULTILINE))


@pytest.mark.django_db
def test_metrics_count_refused_sign_ins_and_what_waits(client):
    names = ("kopa_sign_ins_refused_total", "kopa_outbox_waiting", r'kopa_jobs\{state="ready"\}')
    before = [value_of(name) for name in names]

    client.post("/account/login/", {"login": "nobody@example.org", "password": "wrong words here"})
    old_mail()

    assert [value_of(name) - count for name, count in zip(names, before, strict=True)] == [1, 1, 1]
    assert value_of("kopa_outbox_oldest_seconds") > 3600


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_metrics_count_statements_that_the_database_refuses(client):
    name = r'kopa_database_errors_total\{kind="\w+"\}'
    before = value_of(name)

    with pytest.raises(DatabaseError):
        client.get("/refused/")

    assert value_of(name) - before == 1


# Whom to write to --------------------------------------------------------------------------------


def test_security_txt_is_as_rfc_9116_says(client, settings):
    settings.SECURITY_CONTACT, settings.SECURITY_TXT_EXPIRES = ["mailto:a@example.org", "https://example.org/tell"], date(2027, 6, 30)

    answer = client.get("/.well-known/security.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:a@example.org",
        "Contact: https://example.org/tell",
        "Expires: 2027-06-30T00:00:00Z",
        "Preferred-Languages: fi, sv, en",
        "Canonical: https://kopa.example.org/.well-known/security.txt",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("missing,empty", [("SECURITY_CONTACT", []), ("SECURITY_TXT_EXPIRES", None)])
def test_security_txt_is_not_there_by_halves(client, settings, missing, empty):
    setattr(settings, missing, empty)

    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    "changed,expected",
    [
        ({}, []),
        ({"SECURITY_CONTACT": []}, [checks.UNTOLD]),
        ({"SECURITY_CONTACT": ["a@example.org"]}, [checks.UNTOLD]),
        ({"SECURITY_TXT_EXPIRES": None}, [checks.UNTOLD]),
        ({"SECURITY_TXT_EXPIRES": date(2026, 1, 1)}, [checks.UNTOLD]),
        ({"OPERATION_TOKEN": "kopa"}, [checks.GUESSABLE]),
        ({"OPERATION_TOKEN": ""}, []),
        ({"BACKUP_DIR": ""}, [checks.NO_BACKUPS]),
        ({"BACKUP_DIR": "/no/such/folder"}, [checks.NO_BACKUPS]),
    ],
)
def test_checks_tell_of_settings_that_leave_the_operator_blind(settings, tmp_path, changed, expected):
    for name, value in ({"OPERATION_TOKEN": TOKEN, "BACKUP_DIR": str(tmp_path)} | changed).items():
        setattr(settings, name, value)

    found = [*checks.weaknesses_can_be_told(), *checks.operator_is_known(), *checks.backups_have_a_place()]

    assert [one.id for one in found] == expected
