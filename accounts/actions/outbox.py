"""Mail: stored with the action, sent afterwards, never lost and never twice knowingly."""
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django_tasks import task

from accounts.jobs import OUTSIDE
from accounts.models import BouncedAddress, OutboxMessage
from accounts.personal import is_of_client

ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=1)
BATCH = 50
BARRED = "The address is marked: mails came back from it."
logger = logging.getLogger(__name__)


# What a person asks for at an address to show that it works, so that a mark on it does not keep them out.
GOES_ANYHOW = frozenset({"account_already_exists", "address_check", "email_confirmation", "password_reset_key", "unknown_account"})


# To an address that is kept nowhere else: nothing but the row would tell whose it was, so it goes when the mail has gone.
ADDRESS_NOT_KEPT = frozenset({"own_appointment"})


def mail_text(kind: str, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject (the first line) and body of `mails/<kind>.txt`. TypeError for a client's row: no mail can tell of one."""
    if told := [name for name, value in context.items() if isinstance(value, models.Model) and is_of_client(type(value))]:
        raise TypeError(f"The mail {kind} is given a client's data: {', '.join(told)}.")
    with translation.override(language):
        subject, _, body = render_to_string(f"mails/{kind}.txt", dict(context)).strip().partition("\n")
    return subject.strip()[:200], body.strip() + "\n"


def queue_mail(*, kind: str, to_email: str, language: str, context: Mapping[str, Any] | None = None, now: datetime | None = None) -> OutboxMessage:
    """Store the mail `mails/<kind>.txt` in the reader's language.

    Call it inside the action's transaction: the mail exists exactly when the action does. A job gives
    the time that it acts for as `now`. What is for a person with an account goes by `notify` instead. To an address
    that mails came back from, nothing goes: the row only tells that it would have.
    """
    subject, body = mail_text(kind, language, context or {})
    at = now or timezone.now()
    message = OutboxMessage(kind=kind, to_email=to_email, language=language, subject=subject, body=body, created_at=at, due_at=at)
    if _is_barred(message):
        message.given_up_at, message.body, message.last_error = at, "", BARRED
        _forget_address(message)
    message.save(force_insert=True)
    if not message.given_up_at:
        send_soon.enqueue(message.pk)
    return message


@task(queue_name=OUTSIDE)
def send_soon(pk: int) -> None:
    """Send the mail at once, when a worker runs; whatever comes in between, `send_due_mail` is the net."""
    _send_one(pk, timezone.now())


def _is_barred(message: OutboxMessage) -> bool:
    return message.kind not in GOES_ANYHOW and BouncedAddress.objects.filter(email=str(message.to_email).lower()).exists()


@transaction.atomic
def record_bounce(*, email: str, reason: str, now: datetime | None = None) -> BouncedAddress:
    """Mark the address: its person sees it at sign-in, their organisation's administrator on the page of people."""
    values = {"at": now or timezone.now(), "reason": reason[:200]}
    return BouncedAddress.objects.update_or_create(email=email.strip().lower(), defaults=values)[0]


def send_due_mail(now: datetime) -> int:
    """Send what is due at `now`; a failed mail waits twice as long each time and is given up after eight tries."""
    waiting = list(OutboxMessage.objects.due(now).values_list("pk", flat=True)[:BATCH])
    return sum(_send_one(pk, now) for pk in waiting)


def _send_one(pk: int, now: datetime) -> int:
    """Claim, send, note: three steps, so that no lock is held while the mail server answers.

    A process killed after the mail server took the mail and before the note sends it once more after
    the wait, with the same Message-ID; that is the only possible double. Nothing is ever lost.
    """
    message = _claim(pk, now)
    if message is None:
        return 0
    try:
        EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.to_email],
            headers={"Message-ID": f"<{message.message_id}@{_mail_domain()}>", "Content-Language": message.language, "Auto-Submitted": "auto-generated"},
        ).send()
    except SMTPRecipientsRefused as error:
        return _refused(message, error, now)
    except (OSError, ValueError) as error:
        # OSError: every fault of a mail server or of the way to it. ValueError: a mail that cannot be written; it must not stop the others.
        return _failed(message, error, now)
    # The text is emptied: it may hold a one-time link.
    message.sent_at, message.body, message.last_error = now, "", ""
    _forget_address(message)
    message.save(update_fields=["sent_at", "body", "last_error", "to_email"])
    return 1


def _forget_address(message: OutboxMessage) -> None:
    """With what the mail server has said, where the address may stand."""
    if message.kind in ADDRESS_NOT_KEPT:
        message.to_email, message.last_error = "", ""


def _failed(message: OutboxMessage, error: Exception, now: datetime) -> int:
    message.last_error = f"{type(error).__name__}: {error}"[:200]
    message.save(update_fields=["last_error"])
    if message.attempts >= ATTEMPTS:
        _give_up(message, now)
    return 0


def _refused(message: OutboxMessage, error: SMTPRecipientsRefused, now: datetime) -> int:
    """An address that the server refuses for good (5xx) is marked and not tried again; 4xx is a fault like others.

    Only what the server says of the recipient counts: a refused sender, text or password says nothing of the address.
    """
    code, said = next(iter(error.recipients.values()))
    if not 500 <= code < 600:
        return _failed(message, error, now)
    with transaction.atomic():
        message.last_error = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:200]
        message.save(update_fields=["last_error"])
        if message.kind not in ADDRESS_NOT_KEPT:
            record_bounce(email=message.to_email, reason=message.last_error, now=now)
        _give_up(message, now)
    return 0


@transaction.atomic
def _claim(pk: int, now: datetime) -> OutboxMessage | None:
    """The message, counted as tried and put off to its next try; None when another run has it or its tries are used up."""
    message = OutboxMessage.objects.select_for_update(skip_locked=_can_skip_locked()).due(now).filter(pk=pk).first()
    if message is None:
        return None
    if message.attempts >= ATTEMPTS or _is_barred(message):
        _give_up(message, now)
        return None
    message.due_at = now + FIRST_WAIT * 2**message.attempts
    message.attempts += 1
    message.save(update_fields=["attempts", "due_at"])
    return message


def _give_up(message: OutboxMessage, now: datetime) -> None:
    """The only end without a mail: whoever runs the portal reads of it in the log, where no address stands. The text goes too."""
    message.given_up_at, message.body = now, ""
    _forget_address(message)
    message.save(update_fields=["given_up_at", "body", "to_email", "last_error"])
    logger.error("Mail %s (%s) is given up after %s tries; the outbox has the last error.", message.pk, message.kind, message.attempts)


def _can_skip_locked() -> bool:
    return transaction.get_connection().features.has_select_for_update_skip_locked


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
