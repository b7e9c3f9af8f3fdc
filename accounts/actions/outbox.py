"""Mail: stored with the action, sent afterwards, never lost and never twice knowingly."""
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import OutboxMessage

ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=1)
BATCH = 50
logger = logging.getLogger(__name__)


def queue_mail(*, kind: str, to_email: str, language: str, context: dict | None = None, now: datetime | None = None) -> OutboxMessage:
    """Store the mail `mails/<kind>.txt` (first line the subject) in the reader's language.

    Call it inside the action's transaction: the mail exists exactly when the action does. A job gives
    the time that it acts for as `now`.
    """
    with translation.override(language):
        subject, _, body = render_to_string(f"mails/{kind}.txt", context or {}).strip().partition("\n")
    created_at = now or timezone.now()
    return OutboxMessage.objects.create(
        kind=kind,
        to_email=to_email,
        language=language,
        subject=subject.strip()[:200],
        body=body.strip() + "\n",
        created_at=created_at,
        due_at=created_at,
    )


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
    except (OSError, ValueError) as error:
        # OSError: every fault of a mail server or of the way to it. ValueError: a mail that cannot be written; it must not stop the others.
        message.last_error = f"{type(error).__name__}: {error}"[:200]
        message.save(update_fields=["last_error"])
        if message.attempts >= ATTEMPTS:
            _give_up(message, now)
        return 0
    # The text is emptied: it may hold a one-time link.
    message.sent_at, message.body, message.last_error = now, "", ""
    message.save(update_fields=["sent_at", "body", "last_error"])
    return 1


@transaction.atomic
def _claim(pk: int, now: datetime) -> OutboxMessage | None:
    """The message, counted as tried and put off to its next try; None when another run has it or its tries are used up."""
    message = OutboxMessage.objects.select_for_update(skip_locked=_can_skip_locked()).due(now).filter(pk=pk).first()
    if message is None:
        return None
    if message.attempts >= ATTEMPTS:
        _give_up(message, now)
        return None
    message.due_at = now + FIRST_WAIT * 2**message.attempts
    message.attempts += 1
    message.save(update_fields=["attempts", "due_at"])
    return message


def _give_up(message: OutboxMessage, now: datetime) -> None:
    """The only end without a mail: whoever runs the portal reads of it in the log, where no address stands. The text goes too."""
    message.given_up_at, message.body = now, ""
    message.save(update_fields=["given_up_at", "body"])
    logger.error("Mail %s (%s) is given up after %s tries; the outbox has the last error.", message.pk, message.kind, message.attempts)


def _can_skip_locked() -> bool:
    return transaction.get_connection().features.has_select_for_update_skip_locked


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
