import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import Membership, Organisation
from pilots.models.base import Named
from services.choices import RoundState, WishState

from .booking import BookingSeries
from .service import SharedService


class TermRound(Named):
    """One organisation gives out weekly times of a term: others wish, the wishes are allocated by rule, adjusted by hand, and booked.

    `lot` is drawn when the round is made and decides the order of the organisations for the whole round (docs/decisions).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="term_rounds", verbose_name=_("opened by"))
    services = models.ManyToManyField(SharedService, related_name="term_rounds", verbose_name=_("services"))
    first_day = models.DateField(_("first day of the term"))
    last_day = models.DateField(_("last day of the term"))
    wishes_from = models.DateField(_("wishes from"))
    wishes_until = models.DateField(_("wishes until"))
    state = models.CharField(_("state"), max_length=10, choices=RoundState, default=RoundState.DRAFT)
    lot = models.UUIDField(default=uuid.uuid4, editable=False)
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    allocated_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("term round")
        verbose_name_plural = _("term rounds")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="term_round_days", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(condition=Q(wishes_until__gte=F("wishes_from")), name="term_round_window", violation_error_message=_("The last day for wishes must not be before the first.")),
            models.CheckConstraint(condition=Q(wishes_until__lt=F("first_day")), name="term_round_wishes_before_term", violation_error_message=_("Wishes end before the term begins.")),
            models.CheckConstraint(condition=Q(state=RoundState.CONFIRMED, confirmed_at__isnull=False) | ~Q(state=RoundState.CONFIRMED) & Q(confirmed_at=None, confirmed_by=None), name="term_round_confirmed_has_its_time"),
        ]

    def get_absolute_url(self) -> str:
        return address("services:round_detail", self.pk)

    def takes_wishes(self, today: date | None = None) -> bool:
        return self.state == RoundState.OPEN and self.wishes_from <= (today or timezone.localdate()) <= self.wishes_until


class Wish(models.Model):
    """A weekly time of one service for the whole term: one to three slots, the dearest first, of which one is enough.

    A slot is {"weekday": 1-7, "starts": "09:00", "ends": "11:00"}; 00:00 as the end means midnight. `obstacles` tells of each
    slot why it could not be given; `offered` is a slot of the same service that was free when all had been decided.
    """

    round = models.ForeignKey(TermRound, on_delete=models.CASCADE, related_name="wishes")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="wishes", verbose_name=_("organisation"))
    service = models.ForeignKey(SharedService, on_delete=models.PROTECT, related_name="wishes", verbose_name=_("service"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    slots = models.JSONField(_("times"))
    purpose = models.CharField(_("what for"), max_length=200)
    people = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=WishState, default=WishState.WISHED)
    obstacles = models.JSONField(default=list, blank=True)
    offered = models.JSONField(null=True, blank=True)
    granted_service = models.ForeignKey(SharedService, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    granted_slot = models.JSONField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    series = models.OneToOneField(BookingSeries, on_delete=models.SET_NULL, null=True, blank=True, related_name="wish")
    wished_at = models.DateTimeField()
    wished_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation", "rank"], name="wish_rank_once_in_a_round"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="wish_rank_from_one"),
            models.CheckConstraint(
                condition=Q(state=WishState.GRANTED, granted_service__isnull=False, granted_slot__isnull=False) | ~Q(state=WishState.GRANTED) & Q(granted_service=None, granted_slot__isnull=True),
                name="wish_granted_has_its_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.organisation_id} {self.rank}"


class WishChange(models.Model):
    """What the coordinator changed by hand, and why. `was` and `became`: a slot with its service's number, or nothing when refused."""

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="changes")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    was = models.CharField(max_length=300, blank=True)
    became = models.CharField(max_length=300, blank=True)
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        ordering = ["changed_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="wish_change_has_its_reason")]

    def __str__(self) -> str:
        return f"{self.wish_id} {self.changed_at:%Y-%m-%d}"
