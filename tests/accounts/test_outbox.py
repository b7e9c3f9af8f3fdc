"""Mail is stored with its action, sent once, tried again with patience, and given up after eight tries."""
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from accounts.actions.outbox import ATTEMPTS, queue_mail, send_due_mail
from accounts.models import OutboxMessage

NOW = datetime(2027, 2, 3, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def queue(to_email: str = "demo@example.org", language: str = "fi", **context) -> OutboxMessage:
    context = {"email": to_email, "activate_url": "https://kopa.example/confirm/"} | context
    return queue_mail(kind="email_confirmation", to_email=to_email, language=language, context=context, now=NOW)


def test_queued_mail_is_not_sent_yet(mailoutbox):
    message = queue()

    assert mailoutbox == []
    assert (message.sent_at, message.attempts, message.due_at) == (None, 0, NOW)
    assert "\n" not in message.subject
    assert "https://kopa.example/confirm/" in message.body


def test_mail_keeps_signs_that_html_would_escape():
    message = queue(activate_url="https://kopa.example/?a=1&b='2'")

    assert "https://kopa.example/?a=1&b='2'" in message.body


def test_mail_goes_with_its_action_or_not_at_all():
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert not OutboxMessage.objects.exists()


def test_due_mail_is_sent_once_and_emptied(mailoutbox):
    message = queue(language="sv")

    assert send_due_mail(NOW) == 1
    assert send_due_mail(NOW) == 0

    (sent,) = mailoutbox
    message.refresh_from_db()
    assert sent.to == ["demo@example.org"]
    assert sent.extra_headers["Message-ID"] == f"<{message.message_id}@localhost>"
    assert sent.extra_headers["Content-Language"] == "sv"
    assert (message.sent_at, message.body) == (NOW, "")


def test_mail_that_is_not_due_waits(mailoutbox):
    queue()

    assert send_due_mail(NOW - timedelta(seconds=1)) == 0
    assert mailoutbox == []


def test_failed_mail_waits_twice_as_long_each_time_and_is_given_up_after_eight(settings):
    settings.EMAIL_BACKEND = "tests.accounts.backends.Refusing"
    message = queue()
    moment, waits = NOW, []

    for _ in range(ATTEMPTS):
        assert send_due_mail(moment) == 0
        message.refresh_from_db()
        waits.append((message.due_at - moment) // timedelta(minutes=1))
        assert bool(message.body) == (len(waits) < ATTEMPTS)
        assert send_due_mail(moment) == 0
        moment = message.due_at

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]
    assert message.attempts == ATTEMPTS
    assert message.given_up_at is not None
    assert message.body == ""
    assert message.last_error == "SMTPServerDisconnected: gone"
    assert send_due_mail(moment + timedelta(days=1)) == 0
    message.refresh_from_db()
    assert message.attempts == ATTEMPTS


@pytest.mark.parametrize("attempts", [ATTEMPTS - 1, ATTEMPTS])
def test_mail_given_up_is_told_in_the_log_without_its_address(settings, caplog, attempts):
    settings.EMAIL_BACKEND = "tests.accounts.backends.Refusing"
    message = queue()
    OutboxMessage.objects.update(attempts=attempts)

    send_due_mail(NOW)

    (told,) = caplog.records
    assert (told.levelname, told.getMessage()) == ("ERROR", f"Mail {message.pk} (email_confirmation) is given up after 8 tries; the outbox has the last error.")
    assert message.to_email not in caplog.text


def test_failed_mail_goes_out_when_the_server_is_back(settings, mailoutbox):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.accounts.backends.Refusing"
    message = queue()
    send_due_mail(NOW)
    settings.EMAIL_BACKEND = backend

    assert send_due_mail(NOW + timedelta(minutes=1)) == 1
    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (2, "")


def test_kill_after_the_server_took_the_mail_sends_it_once_more_with_the_same_id(settings, mailoutbox):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.accounts.backends.KilledAfterSending"
    queue()
    with pytest.raises(KeyboardInterrupt):
        send_due_mail(NOW)
    settings.EMAIL_BACKEND = backend

    assert send_due_mail(NOW) == 0
    assert send_due_mail(NOW + timedelta(minutes=1)) == 1

    first, second = mailoutbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_mail_that_kills_each_time_is_given_up_too(settings):
    settings.EMAIL_BACKEND = "tests.accounts.backends.KilledAfterSending"
    message = queue()

    for day in range(ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            send_due_mail(NOW + timedelta(days=day))
    assert send_due_mail(NOW + timedelta(days=ATTEMPTS)) == 0

    message.refresh_from_db()
    assert message.attempts == ATTEMPTS
    assert (message.given_up_at, message.body) == (NOW + timedelta(days=ATTEMPTS), "")


def test_mail_that_cannot_be_written_does_not_stop_the_next(settings, mailoutbox):
    settings.EMAIL_BACKEND = "tests.accounts.backends.RefusingOne"
    queue("broken@example.org")
    queue("demo@example.org")

    assert send_due_mail(NOW) == 1
    assert OutboxMessage.objects.get(to_email="broken@example.org").last_error == "ValueError: cannot be encoded"


@pytest.mark.parametrize("fields", [{"sent_at": NOW, "given_up_at": NOW}, {"due_at": NOW - timedelta(seconds=1)}])
def test_constraint_refuses(fields):
    message = queue()

    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=message.pk).update(**fields)


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_once_by_several_runs_at_once(mailoutbox, at_once):
    for number in range(20):
        queue(f"demo{number}@example.org")

    at_once([partial(send_due_mail, NOW)] * 4)

    assert sorted(message.to[0] for message in mailoutbox) == sorted(f"demo{number}@example.org" for number in range(20))
