from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guidance.choices import ReadingRule
from pilots.models import Organisation


class ReadingThreshold(models.Model):
    """From which number on an organisation's data protection officer is shown a person's reading of one day (`USUAL_THRESHOLDS` otherwise)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="reading_thresholds")
    rule = models.CharField(max_length=20, choices=ReadingRule)
    threshold = models.PositiveSmallIntegerField(_("from this number on"), validators=[MinValueValidator(1)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "rule"], name="reading_threshold_once"),
            models.CheckConstraint(condition=models.Q(threshold__gte=1), name="reading_threshold_is_a_number", violation_error_message=_("Give a number from 1 on.")),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.rule}"
