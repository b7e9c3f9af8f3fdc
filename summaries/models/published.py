"""What has been told of clients: counts of a month, frozen together, without the small ones and those that protect them."""
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PublishedCell(models.Model):
    """One cell of one declared table of one month, of a partnership or (`partnership` "") of the whole network.

    Written once; the database refuses every change, so nothing may stand here that an erasure would have to take away: of a hidden
    count (`count` None) only that it is hidden. No foreign key leads out, so that a figure outlives what it was of.
    """

    month = models.DateField(_("month"))
    table = models.CharField(_("table"), max_length=30)
    partnership = models.SlugField(_("partnership"), max_length=60, blank=True)
    column = models.CharField(_("column"), max_length=30)
    count = models.PositiveIntegerField(_("count"), null=True)
    frozen_on = models.DateField(_("counted on"))

    class Meta:
        ordering = ["month", "table", "partnership", "column"]
        constraints = [
            models.UniqueConstraint(fields=["month", "table", "partnership", "column"], name="published_cell_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="published_cell_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(frozen_on__gt=F("month")), name="published_cell_after_its_month"),
            # Whatever goes wrong in the judging: a count of one to four people is never written.
            models.CheckConstraint(condition=Q(count=None) | Q(count=0) | Q(count__gte=5), name="published_cell_tells_no_small_count"),
        ]
        indexes = [models.Index(fields=["table", "partnership", "column", "month"], name="published_cell_by_month")]

    def __str__(self) -> str:
        return f"{self.month} {self.table} {self.column} {self.partnership}"
