from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from pilots.choices import ContactTask

from .area import PilotArea
from .organisation import Organisation, Unit

STALE_AFTER = timedelta(days=365)


class Contact(models.Model):
    """Whom to call about what, in which languages; someone has confirmed it on a date."""

    area = models.ForeignKey(PilotArea, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("pilot area"))
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("organisation"))
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=150)
    title_fi = models.CharField(_("title in Finnish"), max_length=150, blank=True)
    title_sv = models.CharField(_("title in Swedish"), max_length=150, blank=True)
    task = models.CharField(_("about"), max_length=30, choices=ContactTask, default=ContactTask.GENERAL)
    speaks_finnish = models.BooleanField(_("serves in Finnish"), default=True)
    speaks_swedish = models.BooleanField(_("serves in Swedish"), default=False)
    speaks_english = models.BooleanField(_("serves in English"), default=False)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    confirmed_on = models.DateField(_("confirmed on"))
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("contact person")
        verbose_name_plural = _("contact people")
        ordering = ["task", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(area__isnull=False, organisation=None, unit=None)
                | Q(area=None, organisation__isnull=False, unit=None)
                | Q(area=None, organisation=None, unit__isnull=False),
                name="contact_of_one_place",
                violation_error_message=_("A contact person belongs to exactly one area, organisation or unit."),
            ),
            models.CheckConstraint(
                condition=Q(speaks_finnish=True) | Q(speaks_swedish=True) | Q(speaks_english=True),
                name="contact_speaks_something",
                violation_error_message=_("Choose at least one language of service."),
            ),
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone=""),
                name="contact_reachable",
                violation_error_message=_("Give an e-mail address or a telephone number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.confirmed_on and self.confirmed_on > timezone.localdate():
            raise ValidationError({"confirmed_on": _("The day of confirmation cannot be in the future.")})

    @property
    def is_stale(self) -> bool:
        """Nobody has confirmed it for a year."""
        return timezone.localdate() - self.confirmed_on > STALE_AFTER
