"""What has been published of the network."""
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.addresses import address
from pilots.choices import PublicationKind

from .base import Sourced
from .obstacle import Titled, in_some_language

LANGUAGES = (("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English")))


class Publication(Titled, Sourced):
    """A pre-study, report, video, piece of news, or where to find experts. What is not known stays empty and is said to be unknown."""

    slug = models.SlugField(_("identifier"), max_length=80, unique=True, null=True, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=PublicationKind)
    author = models.CharField(_("author"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    published_in_words_fi = models.CharField(_("time of publication in words, in Finnish"), max_length=100, blank=True)
    published_in_words_sv = models.CharField(_("time of publication in words, in Swedish"), max_length=100, blank=True)
    published_in_words_en = models.CharField(_("time of publication in words, in English"), max_length=100, blank=True)
    where_fi = models.CharField(_("where to find it, in Finnish"), max_length=300, blank=True)
    where_sv = models.CharField(_("where to find it, in Swedish"), max_length=300, blank=True)
    where_en = models.CharField(_("where to find it, in English"), max_length=300, blank=True)
    link = models.URLField(_("address"), max_length=500, blank=True)
    summary_fi = models.TextField(_("summary in Finnish"), blank=True)
    summary_sv = models.TextField(_("summary in Swedish"), blank=True)
    summary_en = models.TextField(_("summary in English"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["sort_key_fi", "sort_key_sv", "search_words", "loaded"])

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-published_on", "-id"]
        constraints = [
            in_some_language("name", "publication_has_a_title", _("Write the title in Finnish or in Swedish.")),
            models.CheckConstraint(condition=Q(archived_at=None, archived_by=None) | Q(archived_at__isnull=False, archived_by__isnull=False), name="publication_archived_pair"),
        ]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.author, self.summary_fi, self.summary_sv, self.summary_en]

    def get_absolute_url(self) -> str:
        return address("pilots:publication_detail", self.pk)
