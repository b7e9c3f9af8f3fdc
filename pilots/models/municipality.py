from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.choices import LanguageStatus

from .base import Named, PeriodQuerySet, Sourced, ends_after_start

MUNICIPALITY_CODE = RegexValidator(r"^\d{3}$", _("A municipality code has three digits, for example 005."))


class Region(Sourced):
    """Maakunta: the region that municipalities belong to by period."""

    code = models.CharField(_("code"), max_length=2, unique=True, validators=[RegexValidator(r"^\d{2}$")])
    name_fi = models.CharField(_("name in Finnish"), max_length=100)
    name_sv = models.CharField(_("name in Swedish"), max_length=100, blank=True)

    name = Named.name
    name_language = Named.name_language

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(models.QuerySet):
    def on(self, day) -> "MunicipalityQuerySet":
        """Municipalities that exist on `day`."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day))


class Municipality(Named, Sourced):
    """A municipality of Statistics Finland's classification; the code is text ("005"), never a number.

    `valid_to` is the first day on which it no longer exists; `successor` is the municipality it became
    part of that day (Honkajoki into Kankaanpää on 2021-01-01).
    """

    code = models.CharField(_("code"), max_length=3, unique=True, validators=[MUNICIPALITY_CODE])
    has_own_swedish_name = models.BooleanField(_("has a Swedish name of its own"), default=False)
    language_status = models.CharField(_("language status"), max_length=5, choices=LanguageStatus, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("became part of"))
    change_note = models.CharField(_("note on the change"), max_length=300, blank=True)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["sort_key_fi"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(59, 71), longitude__range=(19, 32)),
                name="municipality_in_finland",
                violation_error_message=_("The position must lie in Finland: latitude 59-71, longitude 19-32."),
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(valid_to__isnull=False),
                name="municipality_successor_needs_end",
                violation_error_message=_("A municipality with a successor needs the day on which it ended."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="municipality_ends_after_start",
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return address("pilots:municipality_detail", self.code)


class MunicipalityRegion(Sourced):
    """Which region a municipality belongs to, by period (Kuhmoinen and Joroinen changed in 2021)."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="region_periods")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="municipality_periods")
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            ends_after_start("municipality_region_ends_after_start"),
            models.UniqueConstraint(fields=["municipality", "starts_on"], name="municipality_region_one_start"),
            models.UniqueConstraint(fields=["municipality"], condition=Q(starts_on=None), name="municipality_region_one_from_always"),
            models.UniqueConstraint(fields=["municipality"], condition=Q(ends_on=None), name="municipality_region_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.region_id}"
