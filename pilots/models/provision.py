from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from pilots.choices import ProvisionWay

from .area import PilotArea
from .municipality import Municipality
from .organisation import EducationForm, Organisation


class Provision(models.Model):
    """How a form of education is to be had in a municipality, or that it is missing there. Kept by an area; ended, never deleted.

    Nothing told is no row at all: that a form is missing is a fact with a source of its own.
    """

    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, related_name="provisions", verbose_name=_("pilot area"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="provisions", verbose_name=_("municipality"))
    form = models.ForeignKey(EducationForm, on_delete=models.PROTECT, related_name="provisions", verbose_name=_("form of education"))
    way = models.CharField(_("how"), max_length=20, choices=ProvisionWay)
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="provisions", verbose_name=_("provider"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    place_in = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality of the place"))
    in_finnish = models.BooleanField(_("in Finnish"), default=False)
    in_swedish = models.BooleanField(_("in Swedish"), default=False)
    source = models.CharField(_("source"), max_length=300)
    check_by = models.DateField(_("check again by"), null=True, blank=True)
    # The day of checking that the area's people were last reminded of.
    reminded_for = models.DateField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["reminded_for"])

    class Meta:
        verbose_name = _("provision of education")
        verbose_name_plural = _("provisions of education")
        ordering = ["municipality", "form", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(way=ProvisionWay.MISSING, provider=None, place="", place_in=None, in_finnish=False, in_swedish=False) | (~Q(way=ProvisionWay.MISSING) & Q(provider__isnull=False)),
                name="provision_missing_has_no_provider",
                violation_error_message=_("Name the provider; what is missing has no provider, place or language."),
            ),
            models.CheckConstraint(condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False), name="provision_ended_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.form_id} {self.way}"

    @property
    def is_stale(self) -> bool:
        day: date | None = self.check_by
        return day is not None and day < timezone.localdate()
