from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership, Organisation
from services.choices import ImportState, ListKind


class ListColumns(models.Model):
    """Which column of an organisation's own list is which; kept for its next list. Header names only, folded."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=ListKind)
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="list_columns_once")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind}"


class ListImport(models.Model):
    """An uploaded list, reviewed row by row and then stored whole or not at all; the rows are erased after.

    What is wrong with a row is judged anew at each look, never stored: what was booked meanwhile turns up by itself.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=ListKind)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(_("file name"), max_length=150)
    header = models.JSONField(default=list)
    # Column -> place in the file.
    columns = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    stored_at = models.DateTimeField(null=True, blank=True)
    stored_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stored_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["organisation", "uploaded_at"], name="list_import_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ImportState.STORED, stored_at__isnull=False, stored_by__isnull=False) | (~Q(state=ImportState.STORED) & Q(stored_at=None, stored_by=None, stored_count=0)),
                name="list_import_stored_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in (ImportState.UPLOADED, ImportState.MAPPED)


class ListRow(models.Model):
    """A line of the file: its cells as they came, and the texts made of them or written in the page."""

    batch = models.ForeignKey(ListImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list, blank=True)
    values = models.JSONField(default=dict, blank=True)
    is_left_out = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["batch", "line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="list_row_line_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"
