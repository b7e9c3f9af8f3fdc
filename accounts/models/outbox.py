import uuid

from django.db import models
from django.db.models import F, Q


class OutboxMessageQuerySet(models.QuerySet):
    def waiting(self) -> "OutboxMessageQuerySet":
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, now) -> "OutboxMessageQuerySet":
        return self.waiting().filter(due_at__lte=now)


class OutboxMessage(models.Model):
    """A mail, stored in the transaction of the action it tells of and sent by `manage.py run_due`.

    The text is emptied once sent or given up: a mail may hold a one-time link. `message_id` stays the same over
    every attempt, so that a mail server can drop the possible double.
    """

    kind = models.CharField(max_length=60)
    to_email = models.EmailField()
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, given_up_at=None), name="outbox_waiting"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sent_at=None) | Q(given_up_at=None), name="outbox_sent_or_given_up"),
            models.CheckConstraint(condition=Q(due_at__gte=F("created_at")), name="outbox_due_after_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class Lease(models.Model):
    """One holder at a time for a named piece of background work; a dead holder's lease runs out by itself."""

    name = models.CharField(max_length=60, primary_key=True)
    holder = models.UUIDField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class WorkerBeat(models.Model):
    """A worker process that lives says so every few seconds; what a silent one had begun is given to another."""

    worker = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.worker
