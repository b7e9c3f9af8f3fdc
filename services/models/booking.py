import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pilots.models import Membership, Organisation
from services.choices import HOLDING, BookingState, Misfit

from .place import Place
from .resource import Resource
from .service import SharedService


class BookingSeries(models.Model):
    """The same hours each week from the first day to the last; its dates that did not fit stay with their reason."""

    service = models.ForeignKey(SharedService, on_delete=models.PROTECT, related_name="series")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="series")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="booking_series")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="series_days", violation_error_message=_("The last day must not be before the first."))]

    def __str__(self) -> str:
        return f"{self.pk}"


class RejectedDate(models.Model):
    """A date of a series that did not fit, why, and the time that was offered instead."""

    series = models.ForeignKey(BookingSeries, on_delete=models.CASCADE, related_name="rejected_dates")
    day = models.DateField(_("day"))
    misfit = models.CharField(_("reason"), max_length=12, choices=Misfit)
    offered_starts_at = models.DateTimeField(null=True, blank=True)
    offered_ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["series", "day"], name="rejected_date_once")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.day}"


class Booking(models.Model):
    """A time of a resource that one organisation borrows; a request until the owner confirms it.

    Half open, stored in UTC, made in Europe/Helsinki. `token` comes from the form: the same form sent twice makes one.
    While the state is one of HOLDING, `occupancies` hold the time of every leaf, buffers included; nothing else does.
    """

    service = models.ForeignKey(SharedService, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("service"))
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("what is booked"))
    series = models.ForeignKey(BookingSeries, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("borrower"))
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("place"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    purpose = models.CharField(_("what for"), max_length=200)
    people = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BookingState)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["resource", "starts_at"], name="booking_by_resource"),
            models.Index(fields=["organisation", "starts_at"], name="booking_by_borrower"),
            models.Index(fields=["service", "state", "starts_at"], name="booking_by_service"),
            # What waits for an answer is counted on every page of whoever answers.
            models.Index(fields=["resource", "requested_at"], condition=Q(state=BookingState.REQUESTED), name="booking_requested"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start", violation_error_message=_("The end must be after the start.")),
            # Confirmed at once has no answerer: the rule answered.
            models.CheckConstraint(condition=Q(answered_by=None) | Q(answered_at__isnull=False), name="booking_answered_by_with_answer"),
            models.CheckConstraint(
                condition=Q(state=BookingState.REQUESTED, answered_at=None, ended_at=None)
                | Q(state=BookingState.CONFIRMED, answered_at__isnull=False, ended_at=None)
                | Q(state=BookingState.DECLINED, answered_at__isnull=False, ended_at=None) & ~Q(reason="")
                | Q(state=BookingState.WITHDRAWN, answered_at=None, ended_at__isnull=False)
                | Q(state=BookingState.CANCELLED, answered_at__isnull=False, ended_at__isnull=False),
                name="booking_state_has_its_times",
            ),
            models.CheckConstraint(condition=Q(ended_by=None) | Q(ended_at__isnull=False), name="booking_ended_by_with_end"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def holds(self) -> bool:
        return self.state in HOLDING


class Occupancy(models.Model):
    """The time of one leaf that one booking holds, buffers included; half open, in UTC.

    No two of a leaf overlap: an exclusion constraint on PostgreSQL, triggers on SQLite (see the migrations). A row
    lives exactly as long as its booking holds the time.
    """

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="occupancies")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="occupancies")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        # By the end: what has ended is never asked again.
        indexes = [models.Index(fields=["resource", "ends_at"], name="occupancy_by_resource")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="occupancy_ends_after_start"),
            models.UniqueConstraint(fields=["booking", "resource"], name="occupancy_once_in_a_booking"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.starts_at:%Y-%m-%d %H:%M}"
