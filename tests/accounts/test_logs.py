"""Nothing that somebody wrote or is called reaches the process's log, whatever breaks."""
import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.debug import ExceptionReporter, get_default_exception_reporter_filter, get_exception_reporter_class

from accounts.logs import JsonFormatter, pseudonym_of
from kopa_portal.operation.metrics import exposition
from tests.accounts.conftest import PASSWORD, make_person
from tests.guidance.factories import make_partnership, make_pathway, new_client
from tests.guidance.web import sign_in

NAME, ADDRESS, WORDS, KEY, BIRTH = "Merkkinen", "merkki.henkilo@example.org", "merkkisanoja kirjeessä", "merkkiavain-1234567890", "12.11.1987"
MARKERS = (NAME, ADDRESS, WORDS, KEY, BIRTH, "1987-11-12", PASSWORD)


@pytest.fixture
def logged() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """What the portal's own formatter wrote, and what Django's plain one would have."""
    ours = import_string(settings.LOGGING["formatters"][settings.LOGGING["handlers"]["console"]["formatter"]]["()"])()
    streams, handlers = (io.StringIO(), io.StringIO()), []
    for stream, formatter in zip(streams, (logging.Formatter("{message}", style="{"), ours), strict=True):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handlers.append(handler)
        logging.getLogger().addHandler(handler)
    yield streams[1], streams[0]
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


def break_table(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")


    """The test's own transaction takes back what it broke."""
    return


@pytest.mark.django_db
def test_faults_of_pages_tell_nothing_of_people(logged, person):
    ours, plain = logged
    made = make_partnership()
    pathway = make_pathway(made, client=new_client(family_name=NAME))
    counsellor = sign_in(made.anna)
    counsellor.raise_request_exception = False
    visitor = Client(raise_request_exception=False)
    asked = [
        (counsellor, "guidance_client", reverse("guidance:client_search"), {"q": NAME, "name": NAME, "birth_date": BIRTH}),
        (counsellor, "guidance_event", reverse("guidance:pathway_detail", args=[pathway.pseudonym]), None),
        (counsellor, "guidance_accesslog", reverse("guidance:pathway_detail", args=[pathway.pseudonym]), None),
        (counsellor, "pilots_membership", reverse("address_confirm", args=[KEY]), None),
        (visitor, "kopa_cache", reverse("feedback") + f"?about={NAME}", {"text": WORDS, "email": ADDRESS}),
        (visitor, "accounts_user", reverse("account_login"), {"login": ADDRESS, "password": PASSWORD}),
    ]
    answers = []

    for client, table, path, fields in asked:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT broken")
            break_table(table)
            answers.append(client.get(path) if fields is None else client.post(path, fields))
            if connection.vendor == "postgresql":
                connection.needs_rollback = False
            cursor.execute("ROLLBACK TO SAVEPOINT broken")

    failed = [answer for answer in answers if answer.status_code >= 500]
    assert len(failed) >= 4, answers
    assert "Error" in ours.getvalue()
    told = "".join([ours.getvalue(), exposition().decode(), *(answer.content.decode() + str(answer.headers) for answer in failed)])
    assert [marker for marker in (*MARKERS, pathway.pseudonym) if marker in told] == []
    assert mail.outbox == []
    # Whoever reads the log finds what the person at the screen was shown, and who it was only as a pseudonym.
    faults = [line for line in map(json.loads, ours.getvalue().splitlines()) if line.get("fault")]
    assert {line["request"] for line in faults} == {answer["X-Request-ID"] for answer in failed}
    assert all(answer["X-Request-ID"][:8] in answer.content.decode() for answer in failed)
    assert {line["who"] for line in faults} == {pseudonym_of(made.anna.user_id), None}
    # The same faults as Django would write them.
    assert [marker for marker in MARKERS if marker in plain.getvalue()] != []


def test_exception_is_written_without_its_words_and_with_its_cause(logged):
    ours, plain = logged
    try:
        try:
            raise KeyError(NAME)
        except KeyError as cause:
            raise ValueError(WORDS) from cause
    except ValueError:
        logging.getLogger("accounts").exception("The job %s failed.", "x")

    assert "builtins.ValueError" in ours.getvalue()
    assert "builtins.KeyError" in ours.getvalue()
    assert "test_logs.py" in ours.getvalue()
    assert not any(marker in ours.getvalue() for marker in MARKERS)
    assert NAME in plain.getvalue()


def report(reporter: type[ExceptionReporter], rf) -> str:
    secret = WORDS
    request = rf.post(f"/?q={NAME}", {"text": WORDS}, HTTP_COOKIE=f"session={KEY}")
    try:
        raise ValueError(ADDRESS + secret)
    except ValueError as error:
        made = reporter(request, type(error), error, error.__traceback__)
        return made.get_traceback_text() + made.get_traceback_html()


def test_half_a_character_does_not_break_a_line():
    record = logging.LogRecord("accounts", logging.WARNING, __file__, 1, "Broken: %s", ("ä\udce4",), None)

    line = JsonFormatter().format(record)

    assert "ä" in line.encode().decode()
    assert json.loads(line)["message"] == "Broken: ä\udce4"


def test_report_of_a_fault_holds_no_values(rf):
    ours = report(get_exception_reporter_class(None), rf)
    # Without the cleansing filter Django's own report holds them all.
    plain = report(ExceptionReporter, rf)

    assert "ValueError" in ours
    assert [marker for marker in MARKERS if marker in ours] == []
    assert {NAME, ADDRESS, WORDS} <= {marker for marker in MARKERS if marker in plain}
    assert type(get_default_exception_reporter_filter()).__name__ == "PrivateReporterFilter"


def test_no_handler_mails_reports_or_writes_them_plainly():
    handlers = [handler for name in ("", "django", "django.request", "django.server", "django.security") for handler in logging.getLogger(name).handlers]

    assert settings.ADMINS == []
    assert not any("AdminEmail" in type(handler).__name__ for handler in handlers)
    written = [handler.formatter for handler in handlers if type(handler) is logging.StreamHandler]
    assert written
    assert {type(formatter).__name__ for formatter in written} == {"JsonFormatter"}


@pytest.mark.django_db
def test_refused_sign_in_and_its_address_are_not_in_the_log(logged, client):
    make_person(ADDRESS)

    client.post("/account/login/", {"login": ADDRESS, "password": "wrong words here too"})

    assert not any(marker in logged[0].getvalue() for marker in MARKERS)
