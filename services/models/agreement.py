import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import Membership, Organisation
from services.choices import STAFF_FORMS, AgreementState, LendingForm, PriceBasis, Vat

from .service import SharedService

# Shares are whole ten-thousandths, so that their sum is exact: 10,000 is 1.
WHOLE = 10_000
MOST_PRICE = 10_000_000
FREE, COUNTED = (PriceBasis.FREE,), (PriceBasis.HOUR, PriceBasis.SEAT)


class Agreement(models.Model):
    """What two or more organisations have agreed on: the period, what is lent at what price, and who bears which share.

    One drafts it, all note their decision on it. What was sent is changed no more: it is taken back to a draft, and all
    decide anew; what came into force gets a new version (`replaces`), which ends the old one when it comes into force itself.
    The database holds this, and that the shares of what was sent sum to 1 (triggers on both engines, see the migrations).
    `ended_on` is the last day on which it held, when that is not `last_day`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="drafted_agreements", verbose_name=_("drafted by"))
    title = models.CharField(_("title"), max_length=150)
    form = models.CharField(_("form of lending"), max_length=20, choices=LendingForm)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    terms = models.TextField(_("other terms"), blank=True)
    qualification = models.CharField(_("qualification for the post"), max_length=300, blank=True)
    extract_seen_on = models.DateField(_("criminal-record extract seen on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=AgreementState, default=AgreementState.DRAFT)
    edition = models.PositiveSmallIntegerField(_("version"), default=1)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["state", "last_day"], name="agreement_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="agreement_days", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(
                condition=Q(form__in=STAFF_FORMS) | Q(qualification="", extract_seen_on=None),
                name="agreement_terms_of_staff",
                violation_error_message=_("A qualification and a criminal-record extract belong only to the lending of staff."),
            ),
            models.CheckConstraint(
                condition=Q(state=AgreementState.DRAFT, in_force_at=None, ended_on=None)
                | Q(state__in=(AgreementState.SENT, AgreementState.DECLINED), sent_at__isnull=False, in_force_at=None, ended_on=None)
                | Q(state=AgreementState.IN_FORCE, sent_at__isnull=False, in_force_at__isnull=False, ended_on=None)
                | Q(state=AgreementState.ENDED, sent_at__isnull=False, in_force_at__isnull=False, ended_on__isnull=False),
                name="agreement_state_has_its_times",
            ),
            models.CheckConstraint(condition=~Q(state=AgreementState.DECLINED) | ~Q(reason=""), name="agreement_declined_has_reason"),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__range=(F("first_day"), F("last_day"))), name="agreement_ended_within_its_days"),
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(state=AgreementState.DECLINED), name="agreement_one_new_version", violation_error_message=_("A new version of this agreement has been begun already.")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("services:agreement_detail", self.pk)

    @property
    def until(self) -> date:
        """The last day on which it holds."""
        return self.ended_on or self.last_day

    @property
    def period(self) -> str:
        return f"{date_format(self.first_day, 'SHORT_DATE_FORMAT')}–{date_format(self.until, 'SHORT_DATE_FORMAT')}"

    @property
    def lends_staff(self) -> bool:
        return self.form in STAFF_FORMS


class AgreementParty(models.Model):
    """A party with its share of the cost in ten-thousandths, and its decision: which body or officer, when, where it is written."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreement_parties", verbose_name=_("organisation"))
    position = models.PositiveSmallIntegerField()
    share = models.PositiveIntegerField(_("share of the cost"))
    body = models.CharField(_("deciding body or officer"), max_length=150, blank=True)
    decided_on = models.DateField(_("day of the decision"), null=True, blank=True)
    section = models.CharField(_("section"), max_length=20, blank=True)
    record_number = models.CharField(_("record number"), max_length=60, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "organisation"], name="agreement_party_once", violation_error_message=_("Each organisation is a party once.")),
            models.UniqueConstraint(fields=["agreement", "position"], name="agreement_party_position"),
            models.CheckConstraint(condition=Q(share__lte=WHOLE), name="agreement_share_at_most_one"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None, decided_on=None, body="", section="", record_number="") | Q(accepted_at__isnull=False, decided_on__isnull=False) & ~Q(body=""),
                name="agreement_decision_whole",
                violation_error_message=_("A decision has its body or officer and its day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.organisation_id}"

    @property
    def percent(self) -> float:
        return self.share / 100


class AgreementLine(models.Model):
    """What one party gives to the others at what price: a service of its own, whose hours or seats are counted, or a subject in words."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("given by"))
    service = models.ForeignKey(SharedService, on_delete=models.PROTECT, null=True, blank=True, related_name="agreement_lines", verbose_name=_("service"))
    subject = models.CharField(_("what"), max_length=200, blank=True)
    basis = models.CharField(_("price"), max_length=10, choices=[choice for choice in PriceBasis.choices if choice[0] != PriceBasis.AGREED])
    price = models.DecimalField(_("price in euros"), max_digits=9, decimal_places=2, null=True, blank=True)
    vat = models.CharField(_("VAT"), max_length=10, choices=Vat, default=Vat.NONE)
    vat_rate = models.DecimalField(_("VAT rate in per cent"), max_digits=4, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(service__isnull=False, subject="") | Q(service=None) & ~Q(subject=""),
                name="agreement_line_names_one",
                violation_error_message=_("Choose a service, or write what it is: one of the two."),
            ),
            models.CheckConstraint(
                condition=~Q(basis__in=COUNTED) | Q(service__isnull=False),
                name="agreement_line_counted_has_service",
                violation_error_message=_("Hours and seats are counted from a service in the portal. Choose one, or give a price per term."),
            ),
            models.CheckConstraint(
                condition=Q(basis=PriceBasis.FREE, price=None) | Q(basis__in=(*COUNTED, PriceBasis.TERM), price__isnull=False, price__gte=0),
                name="agreement_line_price_fits_basis",
                violation_error_message=_("Give the price in euros, or none when it is free of charge."),
            ),
            models.CheckConstraint(
                condition=Q(vat=Vat.NONE, vat_rate=None) | Q(vat__in=(Vat.ADDED, Vat.INCLUDED), vat_rate__isnull=False, vat_rate__gt=0),
                name="agreement_line_vat_has_rate",
                violation_error_message=_("Give the VAT rate in per cent, and only where VAT is charged."),
            ),
            models.CheckConstraint(condition=~Q(basis=PriceBasis.FREE) | Q(vat=Vat.NONE), name="agreement_line_free_has_no_vat", violation_error_message=_("What is free of charge has no VAT.")),
            models.UniqueConstraint(fields=["agreement", "service"], name="agreement_line_service_once", violation_error_message=_("This service is in the agreement already.")),
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.service_id}"

    @property
    def what(self) -> str:
        return self.service.name if self.service_id else self.subject
