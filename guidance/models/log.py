from django.db import models

from guidance.choices import LogAction, Purpose

# Instead of a user: a body outside the portal, through its link.
NOBODY = 0


class AccessLog(models.Model):
    """Who read or was refused what about a client: one row for one person and request; append-only by triggers.

    Written in the transaction that reads, or nothing is shown. No foreign keys: the row outlives what it tells
    of. The clients shown are in AccessLogSubject, by pseudonym; an empty list has none, a count writes no row.
    """

    at = models.DateTimeField(db_index=True)
    user_id = models.BigIntegerField()
    organisation_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=20, choices=LogAction)
    purpose = models.CharField(max_length=20, choices=Purpose)
    basis = models.CharField(max_length=20, blank=True)
    page = models.CharField(max_length=60)
    request_id = models.UUIDField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user_id", "-at"], name="access_log_by_user"),
            models.Index(fields=["organisation_id", "-id"], name="access_log_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


class AccessLogSubject(models.Model):
    """A pathway that a logged answer showed."""

    log_id = models.BigIntegerField(db_index=True)
    pseudonym = models.CharField(max_length=9)

    class Meta:
        indexes = [models.Index(fields=["pseudonym", "-log_id"], name="access_log_by_pathway")]

    def __str__(self) -> str:
        return self.pseudonym
