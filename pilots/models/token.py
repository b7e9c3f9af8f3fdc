"""How programmes read the portal: the keys of organisations, and how often each reader has asked."""
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .organisation import Organisation
from .people import Membership


class ApiToken(models.Model):
    """A key with which a programme of an organisation reads the API: nothing more than a member of the organisation reads on the pages.

    It is random and shown once; only its SHA-256 is kept. It always ends on a day, and sooner when it is revoked.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_tokens", verbose_name=_("organisation"))
    name = models.CharField(_("what it is for"), max_length=100)
    scopes = models.JSONField(_("what it may read"), default=list, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("valid until"))
    last_used_on = models.DateField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("key of the API")
        verbose_name_plural = _("keys of the API")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_token_ends_after_start", violation_error_message=_("The end must be after the start.")),
            models.CheckConstraint(condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False), name="api_token_revoked_pair"),
        ]

    def __str__(self) -> str:
        return self.name


class RequestCount(models.Model):
    """How often a reader has asked in a minute. `reader` is a keyed hash over the minute too, so that two minutes tell nothing of the same reader."""

    reader = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "requests of a minute"

    def __str__(self) -> str:
        return f"{self.count}"
