"""Figures as they were: what a figure of a month said can be found again, whatever has changed since."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from summaries.choices import ScopeKind


class SummarySnapshot(models.Model):
    """One figure of one month, of the network, of an area or of a municipality. Written once; the database refuses every change.

    `code` is the area's slug or the municipality's code: no foreign key leads out, so that a figure outlives what it was of.
    `month` is its first day; `frozen_on` the day on which things were counted, after the month had ended.
    """

    month = models.DateField(_("month"))
    figure = models.CharField(_("figure"), max_length=60)
    kind = models.CharField(_("of what"), max_length=12, choices=ScopeKind)
    code = models.CharField(max_length=60, blank=True)
    value = models.PositiveIntegerField(_("value"))
    frozen_on = models.DateField(_("counted on"))

    class Meta:
        ordering = ["month", "kind", "code", "figure"]
        constraints = [
            models.UniqueConstraint(fields=["month", "kind", "code", "figure"], name="snapshot_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="snapshot_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(frozen_on__gt=models.F("month")), name="snapshot_after_its_month"),
            models.CheckConstraint(condition=Q(kind=ScopeKind.NETWORK, code="") | (~Q(kind=ScopeKind.NETWORK) & ~Q(code="")), name="snapshot_names_what_it_is_of"),
        ]
        indexes = [models.Index(fields=["kind", "code", "figure", "month"], name="snapshot_by_figure")]

    def __str__(self) -> str:
        return f"{self.month} {self.figure} {self.kind} {self.code}"
