"""What a production start looks like: Django's own deployment check, and settings that fail with a sentence."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ORIGIN = "https://kopa.example.org"
ROOT = Path(__file__).resolve().parents[2]
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


BROKER = {"id": "broker", "name": {"fi": "Vahva", "sv": "Stark", "en": "Strong"}, "issuer": "https://broker.example", "client_id": "kopa", "secret": "s", "for": "clients", "strong": True}


def deploy_check(tmp_path, providers: list[dict]) -> subprocess.CompletedProcess:
    return manage(
        "check", "--deploy", "--fail-level", "WARNING",
        SECRET_KEY=SECRET, PUBLIC_ORIGIN=ORIGIN, ALLOWED_HOSTS="kopa.example.org", DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3", IDENTITY_PROVIDERS=json.dumps(providers),
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
        ({"SECRET_KEY": SECRET, "PUBLIC_ORIGIN": ORIGIN, "DATABASE_URL": "mysql://kopa@localhost/kopa"}, "DATABASE_URL must begin with postgres:// or sqlite:///"),
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
