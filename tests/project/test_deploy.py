"""What a production start looks like: Django's own deployment check, and settings that fail with a sentence."""
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from ast import literal_eval
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from pilots import attachments
from pilots.actions import figures
from services import photos
from services.busy import files as busy_files
from services.tables import limits as limits_of_lists

ORIGIN = "https://kopa.example.org"
ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SECRET = "a-long-enough-secret-for-the-deployment-check-0123456789-abcdefgh"


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:kopa_portal", "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def databases(**environment: str) -> dict:
    done = manage("diffsettings", SECRET_KEY=SECRET, PUBLIC_ORIGIN=ORIGIN, DATABASE_URL="postgres://kopa@primary/kopa", DATABASE_REPLICA_URL="postgres://kopa@replica/kopa", **environment)
    return literal_eval(next(line for line in done.stdout.splitlines() if line.startswith("DATABASES = ")).removeprefix("DATABASES = "))


def test_connections_bring_their_limits_but_to_a_pooler():
    own, pooled = databases(), databases(DATABASE_POOLED="1")

    assert [list(found) for found in (own, pooled)] == [["default", "replica"]] * 2
    assert ["statement_timeout" in one["OPTIONS"].get("options", "") for found in (own, pooled) for one in found.values()] == [True, True, False, False]
    assert [one["DISABLE_SERVER_SIDE_CURSORS"] for found in (own, pooled) for one in found.values()] == [False, False, True, True]
    # A replica that is asked directly keeps its shorter limit.
    beside = databases(DATABASE_POOLED="1", DATABASE_REPLICA_POOLED="0")
    assert ["options" in one["OPTIONS"] for one in beside.values()] == [False, True]
    assert "statement_timeout=5s" in beside["replica"]["OPTIONS"]["options"]


BROKER = {"id": "broker", "name": {"fi": "Vahva", "sv": "Stark", "en": "Strong"}, "issuer": "https://broker.example", "client_id": "kopa", "secret": "s", "for": "clients", "strong": True}


def deploy_check(tmp_path, providers: list[dict]) -> subprocess.CompletedProcess:
    return manage(
        "check", "--deploy", "--fail-level", "WARNING",
        SECRET_KEY=SECRET, PUBLIC_ORIGIN=ORIGIN, ALLOWED_HOSTS="kopa.example.org", DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3", IDENTITY_PROVIDERS=json.dumps(providers),
        BACKUP_DIR=str(tmp_path), SECURITY_CONTACT="mailto:tietoturva@kopa.example.org", SECURITY_TXT_EXPIRES="2199-12-31",
    )


def test_deploy_check_is_clean(tmp_path):
    done = deploy_check(tmp_path, [BROKER])

    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize("providers", [[], [BROKER | {"strong": False}], [BROKER | {"for": "staff"}]])
def test_deploy_check_tells_that_clients_cannot_be_identified(tmp_path, providers):
    done = deploy_check(tmp_path, providers)

    assert done.returncode == 1
    assert "kopa_portal.W002" in done.stderr


@pytest.mark.parametrize(
    "environment,sentence",
    [
        ({}, "Set the environment variable SECRET_KEY"),
        ({"SECRET_KEY": SECRET}, "Set the environment variable PUBLIC_ORIGIN"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": "http://kopa.example.org"}, "PUBLIC_ORIGIN must begin with https://"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "HTTPS": "0"}, "are for the demo only"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "COOKIE_SECURE": "0"}, "are for the demo only"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "IDENTITY_PROVIDERS": "{"}, "IDENTITY_PROVIDERS must be JSON"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "IDENTITY_PROVIDERS": json.dumps([BROKER | {"issuer": "http://broker.example"}])}, "issuer must begin with https://"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "SECURITY_TXT_EXPIRES": "31.12.2027"}, "SECURITY_TXT_EXPIRES must be a day"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "LOG_FORMAT": "xml"}, "LOG_FORMAT must be json or line"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "DATABASE_URL": "mysql://kopa@localhost/kopa"}, "DATABASE_URL must begin with postgres:// or sqlite:///"),
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "DATABASE_REPLICA_URL": "postgres://kopa@replica/kopa"}, "DATABASE_REPLICA_URL names a streaming replica of PostgreSQL"),
    ],
)
def test_deploy_bad_settings_end_with_a_sentence(tmp_path, environment, sentence):
    done = manage("check", **{"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"} | environment)

    assert done.returncode != 0
    assert sentence in done.stderr


def test_deploy_empty_database_url_is_none():
    done = manage("check", SECRET_KEY=SECRET, PUBLIC_ORIGIN=ORIGIN, DATABASE_URL="")

    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_deploy_demo_needs_no_public_origin(tmp_path):
    done = manage("check", DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3", SECRET_KEY=SECRET, DEMO="1")

    assert (done.returncode, done.stderr.strip()) == (0, "")


def names_in(text: str) -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", text, flags=re.MULTILINE))


def test_deploy_example_has_every_setting_that_the_code_reads():
    asked = re.compile(r"""(?:\benv(?:\.\w+)?|\brequired|\bos\.environ\.get)\(\s*"([A-Z_]+)\"""")
    read = {name for path in [*(ROOT / "kopa_portal" / "settings").glob("*.py"), ROOT / "gunicorn.conf.py"] for name in asked.findall(path.read_text())}

    assert "SECRET_KEY" in read
    assert read - names_in((DEPLOY / "kopa.env.example").read_text()) == set()


def size(text: str) -> int:
    return int(text[:-1]) * 1024 * 1024


def test_deploy_proxy_takes_what_the_portal_takes():
    """As large as the largest file of the page, and a little for the form around it: a larger one is never read, a smaller one is never refused without a word."""
    limits = [size(found) for found in re.findall(r"client_max_body_size (\d+m);", (DEPLOY / "nginx" / "kopa.conf").read_text())]

    files = max(attachments.LARGEST, photos.LARGEST, limits_of_lists.LARGEST, busy_files.LARGEST)
    assert [0 < limit - largest <= 2 * 1024 * 1024 for limit, largest in zip(limits, (files, figures.LARGEST), strict=True)] == [True, True]


def test_deploy_proxy_lets_large_figures_through_on_the_page_that_takes_them():
    pattern = re.search(r"location ~ (\S+) \{\n +client_max_body_size", (DEPLOY / "nginx" / "kopa.conf").read_text())[1]
    addresses = []
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            addresses.append(reverse("pilots:figure_file_list"))

    assert [bool(re.search(pattern, address)) for address in addresses] == [True, True, True]


@pytest.mark.django_db
def test_deploy_proxy_answers_with_the_portals_own_headers(client, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD = 63_072_000, True, True

    answer = client.get("/about/", secure=True)

    headers = dict(re.findall(r'^add_header (\S+) "(.*)" always;$', (DEPLOY / "nginx" / "kopa-headers.conf").read_text(), flags=re.MULTILINE))
    policy = headers.pop("Content-Security-Policy")
    assert headers == {name: answer.get(name) for name in headers}
    # The page "out of use" needs less than the portal's pages: each of its directives is one of theirs, or closes what they open.
    theirs = {part.strip() for part in answer["Content-Security-Policy"].split(";")}
    assert {part.strip() for part in policy.split(";")} - theirs == {"form-action 'none'"}


def test_deploy_proxy_overwrites_what_a_visitor_could_forge():
    """The address that throttling counts by and the scheme come from the proxy alone; nothing else that gunicorn or Django would believe goes through."""
    told = dict(re.findall(r"^proxy_set_header (\S+) (\S+);$", (DEPLOY / "nginx" / "kopa-proxy.conf").read_text(), flags=re.MULTILINE))

    believed = {"X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "https", "X-Request-ID": "$request_id", "Host": "$host", "Connection": "close"}
    emptied = ("Forwarded", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Protocol", "X-Forwarded-Ssl", "X-Real-IP")
    assert told == believed | dict.fromkeys(emptied, '""')


def test_deploy_proxy_bounds_what_visitors_hold_at_once():
    """Every way to the portal goes through the file with the bounds; documents and the search have a pace besides, in each language."""
    site, way = ((DEPLOY / "nginx" / name).read_text() for name in ("kopa.conf", "kopa-proxy.conf"))
    locations = dict(re.findall(r"^    location (?:~ |\^~ )?(\S+) \{\n(.*?)^    \}", site, flags=re.MULTILINE | re.DOTALL))

    assert re.findall(r"^limit_conn (\w+) \d+;", way, flags=re.MULTILINE) == ["kopa_visitor", "kopa_everybody"]
    assert "proxy_pass" not in site
    assert set(re.findall(r"^\s*limit_(?:conn|req) (?:zone=)?(\w+)", site + way, flags=re.MULTILINE)) == set(re.findall(r" zone=(\w+):", site))
    documents, search = (re.compile(next(pattern for pattern, text in locations.items() if f"zone={zone}" in text)) for zone in ("kopa_documents", "kopa_search"))
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            files = [reverse("summaries:network_file", args=[what]) for what in ("csv", "xlsx", "pdf")] + [reverse("summaries:area_report_file", args=["a", "docx"])]
            assert [bool(documents.search(address)) for address in files] == [True] * 4
            assert search.search(reverse("summaries:search"))


def test_deploy_proxy_finds_a_page_for_each_refusal_of_its_own(tmp_path):
    call_command("write_unavailable_pages", tmp_path / "unavailable")
    named = re.findall(r"^    error_page ([\d ]+)(?: =\d+)? (/\S+);", (DEPLOY / "nginx" / "kopa.conf").read_text(), flags=re.MULTILINE)

    assert sorted(code for codes, _page in named for code in codes.split()) == ["400", "413", "414", "429", "494", "502", "503", "504"]
    assert [page for codes, page in named if "413" in codes] == ["/unavailable/${kopa_language}-large.html"]
    for _codes, page in named:
        for language in ("fi", "sv", "en"):
            assert (tmp_path / page.replace("${kopa_language}", language).replace("$kopa_language", language)[1:]).exists()


def test_deploy_script_runs_no_package_as_root():
    script = (DEPLOY / "install.sh").read_text()
    after = script.partition("-m pip install")[2]

    assert re.findall(r"^(?!.*runuser).*\.venv/bin/.*$", after.partition("\n")[2], flags=re.MULTILINE) == []
    assert "runuser -u kopa_owner -- \"$release/.venv/bin/python\"" in after


def test_deploy_addresses_of_other_machines_databases_are_encrypted():
    texts = [(ROOT / name).read_text() for name in ("docs/scaling.md", "docs/deployment.md", "deploy/kopa.env.example")]
    addresses = [found for text in texts for found in re.findall(r"postgres://kopa_web:\S+", text)]

    assert len(addresses) == 4
    assert [one for one in addresses if "sslmode=verify-full&sslrootcert=/etc/ssl/certs/" not in one] == []


STUB = '#!/bin/sh\ncase ${0##*/} in id) echo 0; exit ;; systemd-run) touch "$BEGUN"; sleep 1; echo "It said this." ;; esac\necho "${0##*/} $*" >>"$CALLS"\n'


def test_deploy_restore_ends_as_it_should_when_nobody_is_there_any_more(tmp_path):
    """kopa-manage over stand-ins: the line breaks while the restore runs, and what comes after it is still done."""
    script = (DEPLOY / "kopa-manage").read_text()
    for folder in ("/etc/kopa", "/var/lib/kopa", "/var/log", "/opt/kopa"):
        (tmp_path / folder[1:]).mkdir(parents=True)
        script = script.replace(f"{folder}/", f"{tmp_path}{folder}/")
    (tmp_path / "etc/kopa/kopa.env").write_text("DATABASE_URL=postgres:///kopa\n")
    (tmp_path / "opt/kopa/current/deploy").mkdir(parents=True)
    (tmp_path / "opt/kopa/current/deploy/roles.sql").write_text("")
    (tmp_path / "kopa-manage").write_text(script)
    (tmp_path / "bin").mkdir()
    for name in ("id", "systemd-run", "systemctl", "runuser", "chown"):
        (tmp_path / "bin" / name).write_text(STUB)
        (tmp_path / "bin" / name).chmod(0o755)
    begun, calls = tmp_path / "begun", tmp_path / "calls"
    command = ["sh", tmp_path / "kopa-manage", "restore", "/x.age", "--key", "/x.key", "--replace"]
    running = subprocess.Popen(command, env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "BEGUN": str(begun), "CALLS": str(calls)}, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True, text=True)
    while not begun.exists():
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGHUP)
    running.communicate(timeout=30)

    done = calls.read_text()
    assert running.returncode == 0, done
    assert (tmp_path / "var/log/kopa-restore.log").read_text().count("It said this.") == 2
    order = [done.index(part) for part in ("kopa_owner CREATEDB", "manage.py restore /x.age --key /x.key --replace --heads", "--file -", "manage.py grant_web_role kopa_web", "kopa_owner NOCREATEDB")]
    assert order == sorted(order)
    # What a restore puts aside is not given to the user of the pages.
    assert [line for line in done.splitlines() if line.startswith("chown")] == ["chown -R kopa_web:kopa_web " + " ".join(f"{tmp_path}/var/lib/kopa/{name}" for name in ("private", "erasures", "heads"))]


@pytest.mark.parametrize("command,user", [("sweep_files", "kopa_web"), ("verify_access_log", "kopa_web"), ("migrate", "kopa_owner")])
def test_deploy_command_runs_as_the_user_whose_things_it_touches(tmp_path, command, user):
    for name in ("id", "systemd-run"):
        (tmp_path / name).write_text(STUB.replace("sleep 1", ":"))
        (tmp_path / name).chmod(0o755)
    calls = tmp_path / "calls"

    subprocess.run(["sh", DEPLOY / "kopa-manage", command], env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "KOPA_RELEASE": str(tmp_path), "BEGUN": str(tmp_path / "begun"), "CALLS": str(calls)}, check=True, capture_output=True)

    (called,) = calls.read_text().splitlines()
    assert re.findall(r"User=(\w+)", called) == [user]
    # Each secret only for whoever needs it.
    assert ("seal.env" in called, "owner.env" in called) == (command == "verify_access_log", user == "kopa_owner")


def test_deploy_script_starts_every_unit_that_is_to_start():
    started = set(re.search(r"systemctl enable --quiet (kopa\.target .*)", (DEPLOY / "install.sh").read_text())[1].split())

    assert started == {path.name for path in (DEPLOY / "systemd").glob("kopa*.*") if path.is_file() and "[Install]" in path.read_text()}


def test_deploy_every_service_has_a_user_of_its_own_and_the_limits():
    """The limits stand once, in a file that systemd lays over every unit whose name begins with kopa-."""
    services = {path.name: path.read_text() for path in (DEPLOY / "systemd").glob("*.service")}

    assert {name: re.findall(r"^User=(\S+)$", text, flags=re.MULTILINE) for name, text in services.items()} == {
        name: ["kopa_owner" if name == "kopa-backup.service" else "kopa_web"] for name in services
    }
    assert all(name.startswith("kopa-") for name in services)
    limits = (DEPLOY / "systemd" / "kopa-.service.d" / "hardening.conf").read_text()
    assert [one for one in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes") if one not in limits] == []
    alone = [name for name, text in services.items() if "\nPrivateUsers=yes\nCapabilityBoundingSet=\nUMask=0077\n" in text]
    assert sorted({*services} - {*alone}) == ["kopa-backup.service"]
    # The key of the seals is for whoever seals and proves, the pages do not get it.
    assert sorted(name for name, text in services.items() if "seal.env" in text) == ["kopa-due.service", "kopa-verify.service"]


def test_deploy_pages_for_the_proxy_are_in_each_language(tmp_path):
    call_command("write_unavailable_pages", tmp_path / "unavailable")

    pages = {path.name: path.read_text() for path in (tmp_path / "unavailable").iterdir()}
    assert {name: re.findall(r'<html lang="(\w+)"', page) for name, page in pages.items()} == {f"{code}{which}.html": [code] for code in ("fi", "sv", "en") for which in ("", "-unread", "-large")}
    assert "The service is out of use for a moment" in pages["en.html"]
    # What the pages themselves judge files by.
    largest = [f"{size // 1024**2} MB" for size in (max(attachments.LARGEST, photos.LARGEST), figures.LARGEST)]
    assert re.findall(r"\d+ MB", pages["en-large.html"]) == largest


def test_deploy_packages_of_a_server_are_found_in_the_lock():
    lock = runpy.run_path(str(DEPLOY / "server_packages.py"))["blocks"]((ROOT / "requirements.txt").read_text())

    assert "".join(sorted(lock.values())).count("--hash=") == (ROOT / "requirements.txt").read_text().count("--hash=")
    assert lock["django"].startswith("django==")
