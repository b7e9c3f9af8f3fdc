"""What the database holds against what people were told: nothing acknowledged is missing, nothing is there by half."""
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.prepared import Write


def faults(acknowledged: list[Write]) -> list[str]:
    """Each write that was told to be stored and is not, once, with its rows; then each row that lacks what belongs to it."""
    kinds = {kind: [write.key for write in acknowledged if write.kind == kind] for kind in {write.kind for write in acknowledged}}
    return [*_lost(kinds), *_halves()]


def _lost(kinds: dict[str, list[str]]) -> Iterator[str]:
    from guidance.models import Event, Handoff
    from pilots.models import Comment
    from services.models import Booking

    stored = {"booking": (Booking, "token"), "hand-off": (Handoff, "token"), "note": (Event, "token"), "file": (Event, "token"), "comment on a model": (Comment, "text")}
    for kind, keys in kinds.items():
        model, name = stored[kind]
        found = Counter(str(key) for key in model.objects.filter(**{f"{name}__in": keys}).values_list(name, flat=True))
        yield from (f"lost: {kind} {key}" for key in keys if not found[key])
    # Told or not: nothing is there twice.
    for kind, (model, name) in stored.items():
        rows = Counter(model.objects.values_list(name, flat=True))
        yield from (f"twice: {kind} {key}" for key, count in rows.items() if count > 1 and key)


def _halves() -> Iterator[str]:
    from django.conf import settings

    from accounts.models import AuditEvent
    from guidance.choices import EventKind
    from guidance.models import AccessLog, AccessLogSubject, Attachment, Event, Handoff
    from pilots.models import Comment
    from services.models import Booking, Occupancy

    def told(verb: str) -> set[int]:
        return {int(key) for key in AuditEvent.objects.filter(verb=verb).values_list("target_id", flat=True)}

    def both(words: str, left: set, right: set) -> Iterator[str]:
        yield from (f"half: {words} {key}" for key in sorted(left ^ right))

    bookings, files = set(Booking.objects.values_list("pk", flat=True)), list(Attachment.objects.all())
    yield from both("booking and its audit row", bookings, told("request_booking"))
    yield from both("booking and its hours", bookings, set(Occupancy.objects.exclude(booking=None).values_list("booking_id", flat=True)))
    yield from both("comment and its audit row", set(Comment.objects.values_list("pk", flat=True)), told("add_comment"))
    yield from both("hand-off and its event", set(Handoff.objects.values_list("pk", flat=True)), set(Event.objects.exclude(handoff=None).values_list("handoff_id", flat=True)))
    yield from both("file and its audit row", {file.pk for file in files}, told("file_attached"))
    yield from both("log row and its client", set(AccessLog.objects.exclude(page__in=("", "guidance:pathway_list")).values_list("pk", flat=True)), set(AccessLogSubject.objects.values_list("log_id", flat=True)))
    # Each form that wrote has its row in the read log, of the very pathway.
    for page, rows in (
        ("guidance:pathway_log", Event.objects.filter(kind=EventKind.NOTE, attachments=None)),
        ("guidance:attachment_add", Event.objects.exclude(attachments=None)),
        ("guidance:handoff_send", Event.objects.filter(kind=EventKind.HANDOFF, detail__state="sent")),
    ):
        logged = Counter(AccessLogSubject.objects.filter(log_id__in=AccessLog.objects.filter(page=page, action="change").values("pk")).values_list("pseudonym", flat=True))
        written = Counter(rows.values_list("pathway__pseudonym", flat=True))
        yield from (f"half: {count - logged[pseudonym]} writes of {page} without their row in the read log" for pseudonym, count in written.items() if count > logged[pseudonym])
    from pilots.attachments import path_of

    yield from (f"half: file {file.pk} has no content" for file in files if not path_of(file.stored_as).exists() or path_of(file.stored_as).stat().st_size != file.size)
    yield from (f"left behind: {path.name}" for path in Path(settings.MEDIA_PRIVATE).rglob("*.part"))


def unsent() -> list[str]:
    """Jobs and mails that still wait for the background worker."""
    from django_tasks_db.models import DBTaskResult

    from accounts.models import OutboxMessage

    jobs = DBTaskResult.objects.exclude(status="SUCCESSFUL").values_list("task_path", "status", "exception_class_path")
    return [*(" ".join(job) for job in jobs), *(f"mail after {tries} tries" for tries in OutboxMessage.objects.filter(sent_at=None).values_list("attempts", flat=True))]


def strays() -> int:
    """Files on the disk that no row names: a process was killed between the two. They are never handed out."""
    from django.conf import settings

    from guidance.models import Attachment

    named = {file.hex for file in Attachment.objects.values_list("stored_as", flat=True)}
    return sum(path.is_file() and path.name not in named for path in Path(settings.MEDIA_PRIVATE, "attachments").rglob("*"))
