import uuid

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import Membership
from services.photos import LARGE, SMALL

from .service import SharedService


class ServicePhoto(models.Model):
    """The one photo of a service, for those who may use it; what it shows is told in words. The files are named by `stored_as` (services.photos)."""

    service = models.OneToOneField(SharedService, on_delete=models.CASCADE, related_name="photo")
    stored_as = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    alt_fi = models.CharField(_("what the photo shows, in Finnish"), max_length=200)
    alt_sv = models.CharField(_("what the photo shows, in Swedish"), max_length=200, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(alt_fi=""), name="photo_is_told_in_words", violation_error_message=_("Say in words what the photo shows."))]

    def __str__(self) -> str:
        return f"{self.service_id}"

    @property
    def alt(self) -> str:
        return self.alt_sv if self.alt_language == "sv" else self.alt_fi

    @property
    def alt_language(self) -> str:
        return "sv" if self.alt_sv and (get_language() or "")[:2] == "sv" else "fi"

    # The name of the file stands in the address: another photo is another address, so that a kept one is never shown for it.
    @property
    def large_url(self) -> str:
        return f"{address('services:service_photo', self.service_id, LARGE)}?v={self.stored_as.hex[:8]}"

    @property
    def small_url(self) -> str:
        return f"{address('services:service_photo', self.service_id, SMALL)}?v={self.stored_as.hex[:8]}"
