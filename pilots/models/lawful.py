"""What the law already allows."""
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address

from .base import Named, Sourced
from .cooperation import CooperationModel


class LawfulCooperation(Named, Sourced):
    """A form of cooperation with the statute that it rests on. Only what was checked against a source counts as checked; a section that was not is left out."""

    slug = models.SlugField(_("identifier"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    between_fi = models.TextField(_("between whom, in Finnish"), blank=True)
    between_sv = models.TextField(_("between whom, in Swedish"), blank=True)
    between_en = models.TextField(_("between whom, in English"), blank=True)
    statute_fi = models.CharField(_("statute in Finnish"), max_length=200)
    statute_sv = models.CharField(_("statute in Swedish"), max_length=200)
    statute_en = models.CharField(_("statute in English"), max_length=200)
    number = models.CharField(_("number of the statute"), max_length=20, blank=True)
    section = models.CharField(_("section"), max_length=40, blank=True)
    note_fi = models.TextField(_("note in Finnish"), blank=True)
    note_sv = models.TextField(_("note in Swedish"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    is_checked = models.BooleanField(_("checked"), default=False)
    link = models.URLField(_("address of the source"), blank=True)
    models_using = models.ManyToManyField(CooperationModel, blank=True, related_name="lawful_forms", verbose_name=_("models that use it"))

    class Meta:
        verbose_name = _("form of cooperation that the law allows")
        verbose_name_plural = _("forms of cooperation that the law allows")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_checked=True) | models.Q(section=""),
                name="lawful_unchecked_names_no_section",
                violation_error_message=_("A section is named only when it has been checked."),
            )
        ]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.name_en, self.statute_fi, self.statute_sv, self.statute_en]

    def get_absolute_url(self) -> str:
        return f"{address('pilots:lawful_list')}#{self.slug}"
