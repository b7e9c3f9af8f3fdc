"""Statements, about page, feedback and the language switch."""
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import OutboxMessage
from kopa_portal.pages import FEEDBACK_IN_WINDOW, send_feedback

LANGUAGES = ["/", "/sv/", "/en/"]


@pytest.fixture
def takes_feedback(settings):
    settings.FEEDBACK_EMAIL = "palaute@example.org"


@pytest.fixture
def values() -> dict:
    return {"token": str(uuid.uuid4()), "text": "Alueen nimi on väärin.\r\nKiitos!", "about": "/areas/suupohja/", "email": ""}


def send(**changes) -> bool:
    values = {"text": "Hyvä", "about": "", "email": "", "language": "sv", "token": uuid.uuid4(), "sender": "192.0.2.1"}
    return send_feedback(**(values | changes))


# Statements --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["about", "accessibility", "privacy"])
def test_page_needs_neither_sign_in_nor_database(client, language, name):
    answer = client.get(f"{language}{name}/")

    assert (answer.status_code, answer.content.decode().count("<h1")) == (200, 1)


def test_privacy_shows_the_gap_until_a_controller_is_named(client, settings):
    unnamed = client.get("/en/privacy/").content.decode()
    settings.CONTROLLER_NAME = "Demokunta & kumppanit"
    named = client.get("/en/privacy/").content.decode()

    assert ("has not been named yet" in unnamed, "has not been named yet" in named) == (True, False)
    assert "The controller is Demokunta &amp; kumppanit." in named


def test_privacy_tells_when_the_last_copy_of_what_was_erased_is_gone(client, settings):
    settings.BACKUP_DIR, settings.BACKUP_KEEP_DAYS = "", 17
    without = client.get("/en/privacy/").content.decode()
    settings.BACKUP_DIR = "/backups"
    kept = client.get("/en/privacy/").content.decode()

    assert ("the controller tells" in without, "17 days" in without) == (True, False)
    assert "kept for 17 days. Data that have been erased are gone from the last of them after that time and one day more." in kept


def test_accessibility_names_the_supervisor_and_the_way_to_tell_us(client):
    page = client.get("/en/accessibility/").content.decode()

    assert [word in page for word in ("Traficom", "saavutettavuus@traficom.fi", "029 534 5000", "306/2019", reverse("feedback"))] == [True] * 5


def test_about_names_both_documents_and_the_licences(client):
    page = client.get("/en/about/").content.decode()

    words = ["Koulutus palveluna -verkostoprojekti", "kumppanuusmalli", "Statistics Finland", "GeoNames", "Natural Earth", "CC BY 4.0", "EUPL-1.2"]
    assert [word in page for word in words] == [True] * len(words)


# Feedback ----------------------------------------------------------------------------------------


def test_feedback_without_an_address_says_so_and_takes_nothing(client, values, db):
    shown, sent = client.get("/en/feedback/"), client.post("/en/feedback/", values)

    assert ("has not been set yet" in shown.content.decode(), "<textarea" in shown.content.decode()) == (True, False)
    assert (sent.status_code, OutboxMessage.objects.count()) == (200, 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
@pytest.mark.parametrize("language", LANGUAGES)
def test_feedback_waits_in_the_outbox(client, values, language):
    answer = client.post(f"{language}feedback/", values | {"email": "lukija@example.org"})

    mail = OutboxMessage.objects.get()
    assert (answer.status_code, answer.url) == (302, f"{language}feedback/")
    assert (mail.kind, mail.to_email, mail.sent_at) == ("feedback", "palaute@example.org", None)
    assert [line in mail.body for line in ("Alueen nimi on väärin.", "Kiitos!", "/areas/suupohja/", "lukija@example.org")] == [True] * 4


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_sent_twice_is_one_mail(client, values):
    answers = [client.post("/feedback/", values).status_code for _time in range(2)]

    assert (answers, OutboxMessage.objects.count()) == ([302, 302], 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"text": ""}, "text"), ({"text": "x" * 4001}, "text"), ({"text": "a\x00"}, "text"), ({"email": "no"}, "email"), ({"about": "x" * 301}, "about"), ({"token": "x"}, "token")],
)
def test_feedback_names_the_field_that_is_wrong_and_keeps_the_rest(client, values, changes, field):
    answer = client.post("/feedback/", values | {"text": "Säilyy"} | changes)

    assert (answer.status_code, list(answer.context["form"].errors), OutboxMessage.objects.count()) == (200, [field], 0)
    assert "text" in changes or "Säilyy" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_in_floods_is_held_back_with_the_text_kept(client, values):
    answers = [client.post("/feedback/", values | {"token": str(uuid.uuid4())}) for _number in range(FEEDBACK_IN_WINDOW + 1)]

    assert [answer.status_code for answer in answers] == [302] * FEEDBACK_IN_WINDOW + [200]
    assert ("Alueen nimi on väärin." in answers[-1].content.decode(), OutboxMessage.objects.count()) == (True, FEEDBACK_IN_WINDOW)


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_of_one_network_does_not_hold_back_another():
    for _number in range(FEEDBACK_IN_WINDOW):
        send()

    with pytest.raises(ValidationError):
        send()
    assert send(sender="192.0.2.2") is True


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_sent_twice_counts_once():
    """Whoever presses twice on the last one allowed is thanked, not refused."""
    tokens = [uuid.uuid4() for _number in range(FEEDBACK_IN_WINDOW)]

    assert [send(token=token) for token in (*tokens, tokens[-1])] == [True] * FEEDBACK_IN_WINDOW + [False]


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_stores_no_network_address():
    send(sender="192.0.2.77")

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM kopa_cache")
        rows = cursor.fetchall()
    mail = OutboxMessage.objects.get()
    assert len(rows) == 2
    assert "192.0.2.77" not in f"{rows} {mail.subject} {mail.body}"


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_that_could_not_be_stored_can_be_sent_again(settings):
    """The token goes with the mail: a fault between them must not eat the text."""
    token = uuid.uuid4()
    settings.FEEDBACK_EMAIL = None  # the outbox refuses a mail to nobody
    with pytest.raises(IntegrityError):
        send(token=token)
    settings.FEEDBACK_EMAIL = "palaute@example.org"

    assert (send(token=token), OutboxMessage.objects.count()) == (True, 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("takes_feedback")
@pytest.mark.parametrize(
    ("referer", "about"),
    [
        ("http://testserver/areas/suupohja/?q=1", "/areas/suupohja/"),
        ("https://elsewhere.example/areas/", ""),
        ("http://testserver/feedback/", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_feedback_knows_the_page_that_led_to_it(client, referer, about):
    answer = client.get("/feedback/", headers={"referer": referer})

    assert answer.context["form"]["about"].value() == about


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("takes_feedback")
def test_feedback_sent_twice_at_once_is_one_mail(values):
    barrier = Barrier(4)

    def post(_number: int) -> int:
        try:
            barrier.wait()
            return Client().post("/feedback/", values).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))

    assert (answers, OutboxMessage.objects.count()) == ([302] * 4, 1)
    cache.clear()


# Language switch ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [("/sv/areas/", "/sv/areas/"), ("https://elsewhere.example/", "/"), ("//elsewhere.example/", "/"), ("javascript:alert(1)", "/"), ("", "/")],
)
def test_set_language_stays_within_the_portal(client, target, leads_to):
    answer = client.get("/language/sv/", {"next": target})

    assert (answer.status_code, answer.url, answer.cookies["language"].value) == (302, leads_to, "sv")
