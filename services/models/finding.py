from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership

from .service import SharedService


class Favourite(models.Model):
    """A service that a person has marked. It is the person's own, whichever organisation they act for; what is shown of it goes by that one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourite_services")
    service = models.ForeignKey(SharedService, on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "service"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.service_id}"


class SavedSearch(models.Model):
    """A search of the catalogue that a person has kept, of one membership: its rights decide what an alert tells.

    `query` is the address of the list with the filters in use only, in their own order, so that the same search is kept
    once. At `seen_until` it was looked through last, and found the services whose keys are `found` (none kept yet when it is
    empty); an alert tells of what it finds now and did not find then. The last mail went at `told_at`.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(max_length=1000)
    alerts = models.BooleanField(_("tell me of new ones by mail"), default=True)
    created_at = models.DateTimeField()
    seen_until = models.DateTimeField()
    found = models.JSONField(null=True, blank=True, editable=False)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["seen_until"], condition=Q(alerts=True), name="saved_search_with_alert")]
        constraints = [
            models.UniqueConstraint(fields=["membership", "query"], name="saved_search_once"),
            models.CheckConstraint(condition=~Q(query=""), name="saved_search_narrows"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
