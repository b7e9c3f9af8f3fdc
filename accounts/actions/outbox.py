"""Mail: stored with the action, sent afterwards, never lost and never twice knowingly."""
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


def queue_mail(*, kind: str, to_email: str, language: str, context: dict | None = None, due_at: datetime | None = None) -> OutboxMessage:
    """Store the mail `mails/<kind>.txt` (first line the subject) in the reader's language.

    Call it inside the action's transaction: the mail exists exactly when the action does.
    """
    with translation.override(language):
        subject, _, body = render_to_string(f"mails/{kind}.txt", context or {}).strip().partition("\n")
    return queue_text(kind=kind, to_email=to_email, language=language, subject=subject, body=body.strip() + "\n", due_at=due_at)


def queue_text(*, kind: str, to_email: str, language: str, subject: str, body: str, due_at: datetime | None = None) -> OutboxMessage:
    now = timezone.now()
    return OutboxMessage.objects.create(
        kind=kind,
        to_email=to_email,
        language=language,
        subject=subject.strip()[:200],
        body=body,
        created_at=now,
        due_at=max(due_at or now, now),
    )


def send_due_mail(now: datetime) -> int:
    """Send what is due at `now`; a failed mail waits twice as long each time and is given up after eight tries."""
    sent = 0
    for pk in OutboxMessage.objects.due(now).values_list("pk", flat=True)[:BATCH]:
        sent += _send_one(pk, now)
    return sent


@transaction.atomic
def _send_one(pk: int, now: datetime) -> int:
    message = OutboxMessage.objects.select_for_update(skip_locked=_can_skip_locked()).due(now).filter(pk=pk).first()
    if message is None:
        return 0
    message.attempts += 1
    try:
        EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.to_email],
            headers={"Message-ID": f"<{message.message_id}@{_mail_domain()}>", "Content-Language": message.language, "Auto-Submitted": "auto-generated"},
        ).send()
    except OSError as error:  # every fault of a mail server or of the way to it
        message.last_error = f"{type(error).__name__}: {error}"[:200]
        if message.attempts >= ATTEMPTS:
            message.given_up_at = now
        else:
            message.due_at = now + FIRST_WAIT * 2 ** (message.attempts - 1)
        message.save(update_fields=["attempts", "last_error", "given_up_at", "due_at"])
        return 0
    message.sent_at, message.body, message.last_error = now, "", ""
    message.save(update_fields=["attempts", "sent_at", "body", "last_error"])
    return 1


def _can_skip_locked() -> bool:
    return transaction.get_connection().features.has_select_for_update_skip_locked


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
