import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import ImportState, RowDecision, RowState
from pilots.models import Membership, Organisation

from .partnership import Partnership
from .pathway import Pathway


class ColumnMapping(models.Model):
    """Which column of an organisation's own list is which field; kept for its next list. Header names only, folded."""

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
    # Field -> place in the file.
    columns = models.JSONField(default=dict)
    # What stands for every line that does not say it itself.
    first_step = models.CharField(_("what happens next"), max_length=300, blank=True)
    first_due_on = models.DateField(_("first step by"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    stored_at = models.DateTimeField(null=True, blank=True)
    stored_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stored_count = models.PositiveIntegerField(default=0)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sha256"], condition=Q(state="stored"), name="import_batch_same_file_once", violation_error_message=_("This very file has been imported before.")),
            models.CheckConstraint(
                condition=Q(state="stored", stored_at__isnull=False, stored_by__isnull=False) | (~Q(state="stored") & Q(stored_at=None, stored_by=None, stored_count=0)),
                name="import_batch_stored_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (ImportState.UPLOADED, ImportState.MAPPED)


class ImportRow(models.Model):
    """A line of the file: its cells as they came, and the fields made of them or written in the page.

    `faults`: field -> code of what is wrong. `likely`: ids of pathways of perhaps the same person, the likeliest also
    as `duplicate_of`; `twin_line`: an earlier line of the same file with perhaps the same person.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list, blank=True)
    values = models.JSONField(default=dict, blank=True)
    faults = models.JSONField(default=dict, blank=True)
    duplicate_of = models.ForeignKey(Pathway, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    likely = models.JSONField(default=list, blank=True)
    twin_line = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=RowState, default=RowState.WRONG)
    decision = models.CharField(max_length=10, blank=True, choices=RowDecision)

    class Meta:
        ordering = ["batch", "line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="import_row_line_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"

    @property
    def is_emptied(self) -> bool:
        """A person under non-disclosure: nothing but the number of the line is kept, and nobody brings it back."""
        return not self.values and not self.cells
