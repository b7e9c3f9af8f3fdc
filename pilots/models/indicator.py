from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pilots.choices import AreaRule, ImportStep, MeasureUnit, Theme

from .base import Named, Sourced
from .municipality import Municipality
from .people import Membership

OBSERVED = 0


class Measure(Sourced):
    """What is counted each year. `weight` is the measure that a weighted mean is weighted by.

    The code is the key: a figure reads "population", and files name it so.
    """

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    position = models.PositiveSmallIntegerField(_("order"), unique=True)
    theme = models.CharField(_("theme"), max_length=20, choices=Theme)
    name_fi = models.CharField(_("name in Finnish"), max_length=100)
    name_sv = models.CharField(_("name in Swedish"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    unit = models.CharField(_("unit"), max_length=30, choices=MeasureUnit)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0)
    area_rule = models.CharField(_("rule for several municipalities"), max_length=10, choices=AreaRule)
    weight = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("weighted by"))

    name = Named.name
    name_language = Named.name_language

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(area_rule=AreaRule.WEIGHTED, weight__isnull=False) | (~Q(area_rule=AreaRule.WEIGHTED) & Q(weight=None)),
                name="measure_weight_for_weighted",
                violation_error_message=_("A weighted mean, and nothing else, names the measure that it is weighted by."),
            ),
            models.CheckConstraint(condition=Q(decimals__lte=2), name="measure_decimals_at_most_two", violation_error_message=_("At most two decimals are kept.")),
        ]

    def __str__(self) -> str:
        return self.name


class IndicatorImport(models.Model):
    """A file of figures: kept compressed while it waits, erased when it is stored or discarded.

    What is wrong with it is judged anew at each look; nothing of it is a figure before all of it is stored.
    """

    by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(_("file name"), max_length=150)
    content = models.BinaryField(default=b"", blank=True)
    mapping = models.JSONField(default=dict)
    step = models.CharField(max_length=10, choices=ImportStep, default=ImportStep.WAITING)
    stored_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    replaced = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("file of figures")
        verbose_name_plural = _("files of figures")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(step=ImportStep.STORED, stored_at__isnull=False) | (~Q(step=ImportStep.STORED) & Q(stored_at=None)), name="indicator_import_stored_has_time"),
            models.CheckConstraint(condition=Q(step=ImportStep.WAITING) | Q(content=b""), name="indicator_import_erased_after"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class IndicatorValue(Sourced):
    """A yearly figure of a municipality, or of a part of it by its name.

    `borders_year` tells in which year's borders it was counted. `vintage` is the year in which a projection was
    made, and 0 for what was observed: the two are told apart by the key itself and are never put together.
    """

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="indicators")
    part = models.CharField(_("part of the municipality"), max_length=100, blank=True, default="")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="values")
    year = models.PositiveSmallIntegerField(_("year"))
    vintage = models.PositiveSmallIntegerField(_("projection made in"), default=OBSERVED)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    borders_year = models.PositiveSmallIntegerField(_("in the borders of"))
    retrieved_on = models.DateField(_("retrieved on"), null=True, blank=True)
    batch = models.ForeignKey(IndicatorImport, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["measure", "year"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "measure", "vintage", "part", "year"], name="indicator_once_a_year"),
            models.CheckConstraint(
                condition=Q(vintage=OBSERVED) | Q(vintage__range=(1990, 2100)),
                name="indicator_vintage_is_a_year",
                violation_error_message=_("A projection names the year in which it was made."),
            ),
            models.CheckConstraint(condition=Q(year__range=(1900, 2150)), name="indicator_year_in_range", violation_error_message=_("The year must lie between 1900 and 2150.")),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.measure_id} {self.year}"


class ReplacedValue(models.Model):
    """A figure as it was before a later file gave another one; `batch` is that later file."""

    indicator = models.ForeignKey(IndicatorValue, on_delete=models.CASCADE, related_name="replaced")
    value = models.DecimalField(max_digits=14, decimal_places=2)
    borders_year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=300)
    retrieved_on = models.DateField(null=True, blank=True)
    replaced_at = models.DateTimeField()
    batch = models.ForeignKey(IndicatorImport, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.value}"
