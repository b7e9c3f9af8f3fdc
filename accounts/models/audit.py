from django.db import models


class AuditEvent(models.Model):
    """Who did what to what, and when; append-only by triggers on both databases.

    Rule (domain.md of the design): target kind and id or pseudonym, never a label, and no foreign
    keys, so that the row outlives what it tells of and names nobody after an erasure.
    `detail` holds codes and ids only.
    """

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True, blank=True)
    organisation_id = models.BigIntegerField(null=True, blank=True)
    verb = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_kind", "target_id", "-id"], name="audit_by_target"),
            models.Index(fields=["organisation_id", "-id"], name="audit_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_kind} {self.target_id}"
