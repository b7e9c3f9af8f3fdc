"""What a client shares with others, and whether an organisation lets clients read its readers' names."""
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Organisation

from .pathway import Pathway


class ShareLink(models.Model):
    """A client's own link to chosen parts of their pathway, for whom they like. Of the key only a digest is kept; nobody can read the link here again."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="share_links")
    label = models.CharField(_("whom the link is for"), max_length=100)
    sections = models.JSONField(_("what is shown"))
    key_digest = models.CharField(max_length=64, unique=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("shared link")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="share_link_ends_after_start", violation_error_message=_("The last day must not be before the first.")),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.ends_on}"


class ShareOpening(models.Model):
    """Somebody opened a client's link; the read log has a row of its own for it."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="openings")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.link_id} {self.at:%Y-%m-%d %H:%M}"


class ReaderNaming(models.Model):
    """An organisation lets clients read the names of its people who have read about them; without a row it does not."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="reader_naming")
    shows_names = models.BooleanField(_("clients see the names of our readers"), default=False)

    def __str__(self) -> str:
        return f"{self.organisation_id}"
