from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Organisation
from services.choices import TermPeriodKind


class TermPeriod(models.Model):
    """A part of a provider's own school year; both days are included. A series keeps to the terms of both sides and skips their breaks."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="term_periods", verbose_name=_("organisation"))
    kind = models.CharField(_("kind"), max_length=10, choices=TermPeriodKind)
    name_fi = models.CharField(_("name in Finnish"), max_length=100)
    name_sv = models.CharField(_("name in Swedish"), max_length=100, blank=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("part of the school year")
        verbose_name_plural = _("parts of the school year")
        ordering = ["first_day", "pk"]
        constraints = [models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="term_period_days", violation_error_message=_("The last day must not be before the first."))]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind} {self.first_day}"
