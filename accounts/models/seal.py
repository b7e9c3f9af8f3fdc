from django.db import models


class Seal(models.Model):
    """What was in a log when it was sealed: the chain over every row of every sealed log; append-only by triggers.

    The id is the position: 1, 2, 3 and so on without a gap, so that two sealers at once cannot fork the chain. `mac` is
    keyed and takes in the mac before it, every other field, and the row itself with its parts (accounts/seals.py).
    `newest_at` is the time of the newest row sealed so far: what is much older and comes later was put in afterwards.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    row_id = models.BigIntegerField()
    newest_at = models.DateTimeField()
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        # Not unique: SQLite's INSERT OR REPLACE would remove the other row without asking a trigger.
        indexes = [models.Index(fields=["kind", "row_id"], name="seal_by_row")]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.row_id}"


class SealCheck(models.Model):
    """A check of the whole chain and the head it found; append-only by triggers. A later check must meet the head again."""

    at = models.DateTimeField(db_index=True)
    position = models.BigIntegerField()
    head = models.CharField(max_length=64, blank=True)
    fault_count = models.PositiveBigIntegerField()
    faults = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.position}"
