import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import ImportState
from pilots.models import Membership, Organisation

from .partnership import Partnership
from .pathway import Pathway


class ColumnMapping(models.Model):
    """Which column of an organisation's own list is which field; kept for its next list."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="column_mapping")
    columns = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.organisation_id}"


class ImportBatch(models.Model):
    """An uploaded client list, reviewed row by row and then stored whole or not at all; the rows are erased after."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(_("file name"), max_length=150)
    sha256 = models.CharField(max_length=64)
    header = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    stored_at = models.DateTimeField(null=True, blank=True)
    stored_count = models.PositiveIntegerField(default=0)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sha256"], condition=Q(state="stored"), name="import_batch_same_file_once", violation_error_message=_("This very file has been imported before.")),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class ImportRow(models.Model):
    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    errors = models.JSONField(default=dict, blank=True)
    duplicate_of = models.ForeignKey(Pathway, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=10, blank=True, choices=[("store", _("store as a new client")), ("skip", _("leave out"))])

    class Meta:
        ordering = ["batch", "line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="import_row_line_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"
