from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guidance.choices import AssessmentCode, AssessmentKind, ItemState
from pilots.models import Membership, Organisation

from .partnership import Programme
from .pathway import Pathway


class AssessmentItem(models.Model):
    """A coded need, obstacle or competence need: open, in hand by a measure, or resolved. No health codes."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="assessment_items")
    kind = models.CharField(_("kind"), max_length=20, choices=AssessmentKind)
    code = models.CharField(_("what"), max_length=20, choices=AssessmentCode)
    state = models.CharField(_("state"), max_length=10, choices=ItemState, default=ItemState.OPEN)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=pgettext_lazy("guidance", "measure"))
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "noted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pathway", "kind", "code"], condition=~Q(state=ItemState.RESOLVED), name="assessment_item_open_once", violation_error_message=_("This is already in the assessment.")),
            models.CheckConstraint(condition=Q(state=ItemState.RESOLVED, resolved_at__isnull=False) | (~Q(state=ItemState.RESOLVED) & Q(resolved_at=None)), name="assessment_item_resolved_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.kind} {self.code}"
