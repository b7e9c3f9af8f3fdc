"""A job for the tests of the worker: an effect in our own database that takes its time."""
import time

from django.utils import timezone
from django_tasks import task

from accounts.models import AuditEvent


@task()
def note(number: int, seconds: float) -> None:
    AuditEvent.objects.create(at=timezone.now(), verb="worked", target_kind="test", target_id=str(number))
    time.sleep(seconds)


@task()
def fail(secret: str) -> None:
    AuditEvent.objects.create(at=timezone.now(), verb="worked", target_kind="test", target_id="half")
    raise ValueError(secret)


@task()
def fill() -> None:
    """Meets a full disk in the middle of its work."""
    AuditEvent.objects.create(at=timezone.now(), verb="worked", target_kind="test", target_id="half")
    with open("/dev/full", "w") as file:
        file.write("x" * 100_000)
