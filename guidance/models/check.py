from django.db import models


class CheckRun(models.Model):
    """What a run of every invariant found; the partnership leads see it. Pseudonyms, stages, organisations and days: no names.

    `findings`: [{"rule", "count", "shown": [{"pseudonym", "partnership", "stage", "organisation", "days"}]}], only broken rules.
    """

    at = models.DateTimeField()
    findings = models.JSONField(default=list)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
