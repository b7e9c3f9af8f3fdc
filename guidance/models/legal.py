"""The provisions of law that processing and telling rest on."""
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership
from pilots.models.base import Sourced


class LegalGroundQuerySet(models.QuerySet):
    def current(self) -> "LegalGroundQuerySet":
        """The versions in use; whatever rests on an older one keeps it."""
        return self.filter(replaced_at=None)


class LegalGround(Sourced):
    """One version of a provision. A change is a new version (`actions.legal`), so that what rests on this one still says what it said.

    Only what was checked against a source counts as checked, and a section that was not is left out.
    """

    slug = models.SlugField(_("identifier"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    statute_fi = models.CharField(_("statute in Finnish"), max_length=120)
    statute_sv = models.CharField(_("statute in Swedish"), max_length=120)
    statute_en = models.CharField(_("statute in English"), max_length=120)
    number = models.CharField(_("number of the statute"), max_length=20, blank=True)
    section = models.CharField(_("section"), max_length=40, blank=True)
    title_fi = models.CharField(_("what it lets do, in Finnish"), max_length=200)
    title_sv = models.CharField(_("what it lets do, in Swedish"), max_length=200)
    title_en = models.CharField(_("what it lets do, in English"), max_length=200)
    for_processing = models.BooleanField(_("an organisation's own processing may rest on it"), default=False)
    for_disclosure = models.BooleanField(_("telling another organisation may rest on it"), default=False)
    since = models.DateField(_("in force from"), null=True, blank=True)
    until = models.DateField(_("in force until"), null=True, blank=True)
    is_checked = models.BooleanField(_("checked"), default=False)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = LegalGroundQuerySet.as_manager()

    class Meta:
        verbose_name = _("provision of law")
        ordering = ["statute_fi", "section", "slug", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="legal_ground_version_once"),
            models.UniqueConstraint(fields=["slug"], condition=Q(replaced_at=None), name="legal_ground_one_current"),
            models.CheckConstraint(
                condition=Q(is_checked=True) | Q(section=""), name="legal_ground_unchecked_names_no_section", violation_error_message=_("A section is named only when it has been checked.")
            ),
            models.CheckConstraint(
                condition=Q(for_processing=True) | Q(for_disclosure=True), name="legal_ground_is_for_something", violation_error_message=_("Choose what may rest on it: processing, telling, or both.")
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="legal_ground_ends_after_start", violation_error_message=_("The last day must not be before the first.")),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def statute(self) -> str:
        return self._in_language("statute")

    @property
    def title(self) -> str:
        return self._in_language("title")

    @property
    def words(self) -> str:
        """As a row that rests on it names it; "(unchecked)" stands beside it where it is shown."""
        named = f"{self.statute} ({self.number})" if self.number else self.statute
        return f"{named}, {self.section}" if self.section else named

    @property
    def written(self) -> str:
        """In Finnish, for the rows that keep the words too."""
        named = f"{self.statute_fi} ({self.number})" if self.number else self.statute_fi
        return f"{named}, {self.section}" if self.section else named

    def _in_language(self, name: str) -> str:
        return getattr(self, f"{name}_{get_language() or 'fi'}", "") or getattr(self, f"{name}_fi")


def said(ground: LegalGround | None, words: str) -> str:
    """What a row rests on: the provision in the reader's language, with a word where nobody has checked it; words as they were written."""
    if ground is None:
        return words
    return ground.words if ground.is_checked else gettext("%(provision)s (unchecked)") % {"provision": ground.words}
