from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.addresses import address
from pilots.choices import Participation

from .base import Named, PeriodQuerySet, Sourced, ends_after_start
from .organisation import Organisation, Unit


class Round(Sourced):
    """A round of the network (KOPA 2020-2021). Members of a past round are never shown as today's."""

    slug = models.SlugField(_("identifier"), max_length=40, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=100)
    name_sv = models.CharField(_("name in Swedish"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    name = Named.name
    name_language = Named.name_language

    class Meta:
        ordering = ["-starts_on"]
        constraints = [ends_after_start("round_ends_after_start")]

    def __str__(self) -> str:
        return self.name


class Goal(Sourced):
    """One of the five goals of KOPA, as the source words it; Swedish and English are our translation."""

    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    title_fi = models.CharField(_("goal in Finnish"), max_length=300)
    title_sv = models.CharField(_("goal in Swedish"), max_length=300)
    title_en = models.CharField(_("goal in English"), max_length=300)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}"


class PilotArea(Named, Sourced):
    """A pilot area of a round: bodies that develop together. Its borders follow from nothing but its members.

    The source names no area but Suupohja: `name_is_ours` says that the name is a working name.
    Texts of its own (challenge, readiness, objectives, description) stand beside the five goals.
    `version` guards against two people saving over each other.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="areas", verbose_name=_("round"))
    number = models.PositiveSmallIntegerField(_("number"))
    slug = models.SlugField(_("identifier"), max_length=60, unique=True)
    name_is_ours = models.BooleanField(_("working name"), default=True)
    quote = models.TextField(_("as the source names it"))
    description_fi = models.TextField(_("description in Finnish"), blank=True)
    description_sv = models.TextField(_("description in Swedish"), blank=True)
    challenge_fi = models.TextField(_("challenge in Finnish"), blank=True)
    challenge_sv = models.TextField(_("challenge in Swedish"), blank=True)
    readiness_fi = models.TextField(_("readiness in Finnish"), blank=True)
    readiness_sv = models.TextField(_("readiness in Swedish"), blank=True)
    objectives_fi = models.TextField(_("objectives in Finnish"), blank=True)
    objectives_sv = models.TextField(_("objectives in Swedish"), blank=True)
    check_by = models.DateField(_("check by"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords(excluded_fields=["sort_key_fi", "sort_key_sv", "search_words", "loaded"])

    class Meta:
        verbose_name = _("pilot area")
        verbose_name_plural = _("pilot areas")
        ordering = ["round", "number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="area_number_once_in_round")]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.quote]

    def get_absolute_url(self) -> str:
        return address("pilots:area_detail", self.slug)


class AreaMembership(Sourced):
    """A body in an area: exactly one of organisation and unit; leaving ends the row, nothing is deleted."""

    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("pilot area"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="area_memberships", verbose_name=_("organisation"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="area_memberships", verbose_name=_("unit"))
    participation = models.CharField(_("takes part"), max_length=10, choices=Participation, default=Participation.DIRECT)
    through = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="channelled_memberships", verbose_name=_("through"))
    quoted_name = models.CharField(_("as the source names it"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["loaded"])

    class Meta:
        verbose_name = _("member of a pilot area")
        verbose_name_plural = _("members of pilot areas")
        ordering = ["area", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, unit=None) | Q(organisation=None, unit__isnull=False),
                name="area_member_is_one_body",
                violation_error_message=_("Choose either an organisation or a unit."),
            ),
            models.CheckConstraint(
                condition=Q(participation=Participation.THROUGH, through__isnull=False) | (~Q(participation=Participation.THROUGH) & Q(through=None)),
                name="area_member_through_needs_body",
                violation_error_message=_("Name the body through which the member takes part, and only then."),
            ),
            ends_after_start("area_member_ends_after_start"),
            models.UniqueConstraint(
                fields=["area", "organisation"],
                condition=Q(ends_on=None),
                name="area_member_organisation_once",
                violation_error_message=_("This organisation is already a member of the area."),
            ),
            models.UniqueConstraint(
                fields=["area", "unit"],
                condition=Q(ends_on=None),
                name="area_member_unit_once",
                violation_error_message=_("This unit is already a member of the area."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.body)

    @property
    def body(self) -> Organisation | Unit:
        return self.organisation or self.unit


class QuotedTotal(Sourced):
    """A total that the source states, beside which the portal shows its own count and why they differ."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="quoted_totals")
    code = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    value = models.PositiveIntegerField(_("as the source says"))
    quote = models.CharField(max_length=200)
    rule_fi = models.TextField(blank=True)
    rule_sv = models.TextField(blank=True)
    rule_en = models.TextField(blank=True)

    class Meta:
        ordering = ["round", "position"]
        constraints = [models.UniqueConstraint(fields=["round", "code"], name="quoted_total_once")]

    def __str__(self) -> str:
        return self.code
