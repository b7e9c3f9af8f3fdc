import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.models import EducationForm, Membership, Municipality, Organisation, PilotArea
from pilots.words import index_words
from services.choices import Audience, Delivery, NeedState, ServiceKind, ServiceLanguage

from .booking import Booking
from .service import SharedService


class Need(models.Model):
    """What an organisation looks for: a teacher of Swedish six hours a week, a wood workshop on Tuesdays.

    Who sees it stands in `audience` and the three lists, as with a service; others see it while it is open, its last day has not passed and the day by which it was to be checked has not either.
    `weekdays` are those that would do, any of them. `booking`: the need is for a substitute of the person booked, and urgent.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="needs", verbose_name=_("organisation"))
    kind = models.CharField(_("kind"), max_length=10, choices=ServiceKind)
    what = models.CharField(_("what is needed"), max_length=200)
    more = models.TextField(_("more about it"), blank=True)
    subject = models.CharField(_("subject or field"), max_length=100, blank=True)
    search_words = models.TextField(editable=False, default="", blank=True)
    language = models.CharField(_("language"), max_length=2, choices=ServiceLanguage, blank=True)
    education_form = models.ForeignKey(EducationForm, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("form of education"))
    delivery = models.CharField(_("way"), max_length=10, choices=Delivery, blank=True)
    weekly_hours = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1, null=True, blank=True)
    weekdays = models.JSONField(_("weekdays"), default=list, blank=True)
    starts = models.TimeField(_("starts"), null=True, blank=True)
    ends = models.TimeField(_("ends"), null=True, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality"))
    within_km = models.PositiveSmallIntegerField(_("how far"), null=True, blank=True)
    people = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    booking = models.ForeignKey(Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="substitute_needs")
    is_urgent = models.BooleanField(_("urgent"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=NeedState, default=NeedState.OPEN)
    audience = models.CharField(_("who may see it"), max_length=10, choices=Audience, default=Audience.NETWORK)
    for_areas = models.ManyToManyField(PilotArea, blank=True, related_name="+", verbose_name=_("pilot areas"))
    for_municipalities = models.ManyToManyField(Municipality, blank=True, related_name="+", verbose_name=_("municipalities"))
    for_organisations = models.ManyToManyField(Organisation, blank=True, related_name="+", verbose_name=_("organisations"))
    check_by = models.DateField(_("check by"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["-is_urgent", "-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "check_by"], name="need_by_state"), models.Index(fields=["organisation", "state"], name="need_by_organisation")]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="need_days", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(condition=Q(starts=None, ends=None) | Q(starts__isnull=False, ends__isnull=False), name="need_both_hours", violation_error_message=_("Give both times, or neither.")),
            models.CheckConstraint(condition=Q(weekly_hours=None) | Q(weekly_hours__gt=0), name="need_hours_above_nothing"),
            models.CheckConstraint(condition=Q(state=NeedState.OPEN, ended_at=None) | ~Q(state=NeedState.OPEN) & Q(ended_at__isnull=False), name="need_state_has_its_time"),
            models.CheckConstraint(condition=Q(ended_by=None) | Q(ended_at__isnull=False), name="need_ended_by_with_end"),
        ]

    def __str__(self) -> str:
        return self.what

    def save(self, *args, **kwargs) -> None:
        self.set_derived()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return address("services:need_detail", self.pk)

    def set_derived(self) -> None:
        self.search_words = index_words(self.what, self.subject, self.more)

    @property
    def is_open(self) -> bool:
        return self.state == NeedState.OPEN

    @property
    def is_stale(self) -> bool:
        """Nobody has looked at it by the day that was promised: others see it no longer."""
        return self.is_open and self.check_by < timezone.localdate()

    @property
    def is_past(self) -> bool:
        return self.is_open and self.last_day < timezone.localdate()


class NeedAnswer(models.Model):
    """“We can help”: one from each organisation, which it may write anew."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="answers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="need_answers")
    service = models.ForeignKey(SharedService, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("with which of your services"))
    text = models.CharField(_("how you can help"), max_length=500)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["need", "organisation"], name="need_answered_once_by_each")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.organisation_id}"
