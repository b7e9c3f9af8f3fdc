import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import Membership, Organisation
from services.choices import PriceBasis, SettlementState

from .agreement import Agreement, AgreementLine


class Settlement(models.Model):
    """What each party of an agreement bears for a term or another period; both days are included.

    A draft is computed anew until every party has accepted it; then it is locked, and the database lets nobody change it
    (triggers on both engines). What was wrong in a locked one is put right by another that names it in `corrects`. Money is in whole cents.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="settlements")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=SettlementState, default=SettlementState.DRAFT)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    computed_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="settlement_days", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(condition=Q(state=SettlementState.DRAFT, locked_at=None) | Q(state=SettlementState.ACCEPTED, locked_at__isnull=False), name="settlement_locked_has_time"),
            models.CheckConstraint(condition=Q(corrects=None) | ~Q(reason=""), name="settlement_correction_has_reason", violation_error_message=_("Say what is put right and why.")),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return address("services:settlement_detail", self.pk)

    @property
    def period(self) -> str:
        return f"{date_format(self.first_day, 'SHORT_DATE_FORMAT')}–{date_format(self.last_day, 'SHORT_DATE_FORMAT')}"

    @property
    def is_locked(self) -> bool:
        return self.state == SettlementState.ACCEPTED


class SettlementLine(models.Model):
    """How much of a line of the agreement was used, and what it comes to. `quantity` is minutes, seats, or terms; a correction's may be negative.

    `counted` is the number of bookings or enrolments that the quantity comes from.
    """

    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(AgreementLine, on_delete=models.PROTECT, related_name="settled")
    quantity = models.IntegerField()
    counted = models.PositiveIntegerField(default=0)
    net = models.BigIntegerField()
    vat = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        ordering = ["line__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["settlement", "line"], name="settlement_line_once"),
            models.CheckConstraint(condition=Q(total=F("net") + F("vat")), name="settlement_line_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.settlement_id} {self.line_id}"

    @property
    def amount(self) -> Decimal:
        """The quantity as it is read: hours, seats or terms."""
        return Decimal(self.quantity) / 60 if self.line.basis in (PriceBasis.HOUR, PriceBasis.FREE) and not self.is_of_seats else Decimal(self.quantity)

    @property
    def is_of_seats(self) -> bool:
        """What is free of charge counts hours where something is booked and seats on courses."""
        return self.line.basis == PriceBasis.SEAT or self.line.basis == PriceBasis.FREE and self.line.service is not None and self.line.service.resource_id is None


class SettlementShare(models.Model):
    """What one party bears of a line, in cents. Those of a line sum to its total: the database locks nothing else."""

    line = models.ForeignKey(SettlementLine, on_delete=models.CASCADE, related_name="shares")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["line", "organisation"], name="settlement_share_once")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.organisation_id}"


class SettlementAcceptance(models.Model):
    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="acceptances")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    accepted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["accepted_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["settlement", "organisation"], name="settlement_accepted_once")]

    def __str__(self) -> str:
        return f"{self.settlement_id} {self.organisation_id}"
