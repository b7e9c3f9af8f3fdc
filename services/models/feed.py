from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership, Organisation

from .resource import Resource


class FeedAddress(models.Model):
    """An address from which a calendar programme reads the bookings of an organisation, or of one of its resources.

    Whoever has the address reads: it is random, shown once, and only its SHA-256 is kept. It lives as long as the
    membership that made it, until it is revoked.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="feed_addresses")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="feed_addresses", verbose_name=_("organisation"))
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, blank=True, related_name="feed_addresses", verbose_name=_("what is booked"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False), name="feed_address_revoked_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
