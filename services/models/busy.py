from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership
from services.choices import BusyKind, BusyProblem

from .resource import Resource


class BusySource(models.Model):
    """Where the times taken in the owner's own booking system come from: an address that is read each hour, or files.

    The owner promises times that are at most `promise_hours` old. When the last good reading is older, or there is none
    yet, the resource is on request: `Resource.synced_until`, kept by the actions. Of what is read only times are kept.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="busy_sources", verbose_name=_("resource"))
    kind = models.CharField(_("kind"), max_length=10, choices=BusyKind)
    # May hold a secret: shown nowhere but its server's name.
    url = models.CharField(_("address"), max_length=1000, blank=True)
    tag = models.CharField(max_length=200, blank=True, editable=False)
    promise_hours = models.PositiveSmallIntegerField(_("at most how many hours old"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    # As long as its times are new enough; a source that was never read is not.
    good_until = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    # When all of it was read last; a calendar that says “unchanged” is read whole again now and then, for days move into sight.
    whole_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=BusyProblem, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("source of busy times")
        verbose_name_plural = _("sources of busy times")
        ordering = ["pk"]
        indexes = [models.Index(fields=["next_at"], name="busy_source_due")]
        constraints = [
            models.CheckConstraint(condition=Q(kind=BusyKind.FEED, next_at__isnull=False) & ~Q(url="") | Q(kind=BusyKind.FILE, next_at=None, url=""), name="busy_source_feed_has_address"),
            models.UniqueConstraint(fields=["resource"], condition=Q(kind=BusyKind.FILE), name="busy_source_one_file"),
            models.CheckConstraint(condition=Q(promise_hours__range=(1, 24 * 60)), name="busy_source_promise"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class BusyTime(models.Model):
    """A time taken in the owner's own booking system; half open, in UTC. Brought in, never made here; nothing but the time."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="busy_times")
    source = models.ForeignKey(BusySource, on_delete=models.CASCADE, null=True, blank=True, related_name="times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    brought_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["resource", "ends_at"], name="busy_time_by_resource")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="busy_time_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.starts_at:%Y-%m-%d %H:%M}"
