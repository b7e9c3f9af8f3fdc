"""What skills an area's working life needs."""
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.addresses import address
from pilots.choices import NeedLater, NeedNow

from .area import PilotArea
from .base import Named, Sourced
from .obstacle import Titled, in_some_language


class FieldOfEducation(Named, Sourced):
    """A broad field of the national classification of education 2016 (Statistics Finland); the code is text: "01"."""

    code = models.CharField(_("code"), max_length=2, unique=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("field of education")
        verbose_name_plural = _("fields of education")
        ordering = ["code"]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.name_en]


class SkillNeed(Titled):
    """A skill that working life in an area needs, now and in five years; `search_words` holds its words and its field's. Ended, never deleted."""

    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, related_name="skill_needs", verbose_name=_("pilot area"))
    field = models.ForeignKey(FieldOfEducation, on_delete=models.PROTECT, related_name="skill_needs", verbose_name=_("field of education"))
    need_now = models.CharField(_("need now"), max_length=10, choices=NeedNow)
    need_later = models.CharField(_("in five years"), max_length=10, choices=NeedLater)
    source = models.CharField(_("source"), max_length=300)
    dated_on = models.DateField(_("known on"))
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["sort_key_fi", "sort_key_sv", "search_words"])

    class Meta:
        verbose_name = _("skill need")
        verbose_name_plural = _("skill needs")
        ordering = ["area", "field", "id"]
        constraints = [
            in_some_language("name", "skill_need_has_a_name", _("Name the skill in Finnish or in Swedish.")),
            models.CheckConstraint(condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False), name="skill_need_ended_pair"),
        ]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv]

    def get_absolute_url(self) -> str:
        return f"{address('pilots:area_detail', self.area.slug)}#skill-needs"
