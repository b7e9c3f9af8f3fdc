"""Obstacles to cooperation in education, and what areas propose to be done about them (the fifth goal of KOPA)."""
from collections.abc import Iterable

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.choices import ObstacleAct, ObstacleKind, ObstacleStatus, ProposalStatus, Remover

from .area import Goal, PilotArea
from .base import Named
from .discussion import Comment, FaultReport
from .organisation import EducationForm, Organisation


class Titled(Named):
    """Named by whoever writes it, in Finnish, in Swedish or in both."""

    name_fi = models.CharField(_("heading in Finnish"), max_length=200, blank=True)
    name_sv = models.CharField(_("heading in Swedish"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:  # type: ignore[override]
        return Named.name.fget(self) or self.name_sv  # type: ignore[attr-defined]

    def set_derived(self) -> None:
        given = self.name_fi
        self.name_fi = given or self.name_sv
        super().set_derived()
        self.name_fi = given


def in_some_language(field: str, name: str, message: str) -> models.CheckConstraint:
    """`field` is written in Finnish or in Swedish."""
    return models.CheckConstraint(condition=~Q(**{f"{field}_fi": ""}) | ~Q(**{f"{field}_sv": ""}), name=name, violation_error_message=message)


class Obstacle(Titled):
    """What stands in the way of cooperation, told by a coordinator for an area; a draft is seen by that area alone.

    A duplicate is merged into another and stays as a row that leads there: what it had (weights, proposals) is moved,
    its lines of history stay its own. `version` guards against two people saving over each other.
    """

    kind = models.CharField(_("kind"), max_length=30, choices=ObstacleKind)
    description_fi = models.TextField(_("description in Finnish"), blank=True)
    description_sv = models.TextField(_("description in Swedish"), blank=True)
    evidence_fi = models.TextField(_("evidence in Finnish"), blank=True)
    evidence_sv = models.TextField(_("evidence in Swedish"), blank=True)
    evidence_links = models.TextField(_("links to evidence"), blank=True)
    areas = models.ManyToManyField(PilotArea, related_name="obstacles_met", blank=True, verbose_name=_("areas where it bites"))
    education_forms = models.ManyToManyField(EducationForm, related_name="obstacles", blank=True, verbose_name=_("forms of education"))
    goals = models.ManyToManyField(Goal, related_name="obstacles", blank=True, verbose_name=_("goals"))
    by_municipality = models.BooleanField(default=False)
    by_provider = models.BooleanField(default=False)
    by_kuntaliitto = models.BooleanField(default=False)
    by_ministry = models.BooleanField(default=False)
    by_legislator = models.BooleanField(default=False)
    reported_by = models.ForeignKey(PilotArea, on_delete=models.PROTECT, related_name="obstacles_reported", verbose_name=_("reported by"))
    status = models.CharField(_("status"), max_length=20, choices=ObstacleStatus, default=ObstacleStatus.OPEN)
    answer_fi = models.TextField(_("answer in Finnish"), blank=True)
    answer_sv = models.TextField(_("answer in Swedish"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    check_by = models.DateField(_("check by"), null=True, blank=True)
    # The day of checking that its area's people were last reminded of.
    reminded_for = models.DateField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates")
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    comments = GenericRelation(Comment, content_type_field="target_type", object_id_field="target_id")
    faults = GenericRelation(FaultReport, content_type_field="target_type", object_id_field="target_id")

    class Meta:
        verbose_name = _("obstacle")
        verbose_name_plural = _("obstacles")
        ordering = ["-published_at", "-id"]
        constraints = [
            in_some_language("name", "obstacle_has_a_title", _("Write the title in Finnish or in Swedish.")),
            models.CheckConstraint(
                condition=Q(by_municipality=True) | Q(by_provider=True) | Q(by_kuntaliitto=True) | Q(by_ministry=True) | Q(by_legislator=True),
                name="obstacle_has_a_remover",
                violation_error_message=_("Choose at least one who can remove it."),
            ),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="obstacle_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer_fi="", answer_sv="") | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="obstacle_answered_pair",
            ),
            models.CheckConstraint(condition=Q(published_at__isnull=False) | Q(status=ObstacleStatus.OPEN, merged_into=None), name="obstacle_draft_is_open"),
        ]
        indexes = [models.Index(fields=["merged_into", "published_at"], name="obstacle_by_publishing")]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.description_fi, self.description_sv]

    def get_absolute_url(self) -> str:
        return address("pilots:obstacle_detail", self.pk)

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def is_stale(self) -> bool:
        """The day by which somebody should have checked it has passed."""
        return self.check_by is not None and self.check_by < timezone.localdate()

    @property
    def removers(self) -> list[str]:
        return [remover for remover in Remover.values if getattr(self, f"by_{remover}")]

    @removers.setter
    def removers(self, chosen: Iterable[str]) -> None:
        for remover in Remover.values:
            setattr(self, f"by_{remover}", remover in chosen)

    @property
    def remover_labels(self) -> list[str]:
        return [str(Remover(code).label) for code in self.removers]


class ObstacleSupport(models.Model):
    """An area gives an obstacle its weight, once, with a sentence why; the area that reported it is behind it anyway."""

    obstacle = models.ForeignKey(Obstacle, on_delete=models.CASCADE, related_name="supports", verbose_name=_("obstacle"))
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, related_name="obstacle_supports", verbose_name=_("pilot area"))
    reason_fi = models.CharField(_("why, in Finnish"), max_length=500, blank=True)
    reason_sv = models.CharField(_("why, in Swedish"), max_length=500, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    class Meta:
        verbose_name = _("weight of an area")
        verbose_name_plural = _("weights of areas")
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["obstacle", "area"], name="obstacle_support_once", violation_error_message=_("Your area has already given its weight to this obstacle.")),
            in_some_language("reason", "obstacle_support_says_why", _("Say in a sentence why, in Finnish or in Swedish.")),
        ]

    def __str__(self) -> str:
        return f"{self.obstacle_id} {self.area_id}"


class Proposal(models.Model):
    """What is asked of whom so that an obstacle goes. A draft is seen by the area that writes it and by Kuntaliitto's staff."""

    obstacle = models.ForeignKey(Obstacle, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("obstacle"))
    text_fi = models.TextField(_("proposal in Finnish"), blank=True)
    text_sv = models.TextField(_("proposal in Swedish"), blank=True)
    addressee = models.CharField(_("addressee"), max_length=20, choices=Remover)
    status = models.CharField(_("status"), max_length=20, choices=ProposalStatus, default=ProposalStatus.DRAFT)
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name=_("written by"))
    made_on = models.DateField(_("made on"), null=True, blank=True)
    handed_over_on = models.DateField(_("handed over on"), null=True, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    answer_fi = models.TextField(_("answer in Finnish"), blank=True)
    answer_sv = models.TextField(_("answer in Swedish"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    comments = GenericRelation(Comment, content_type_field="target_type", object_id_field="target_id")
    faults = GenericRelation(FaultReport, content_type_field="target_type", object_id_field="target_id")

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-made_on", "-id"]
        constraints = [
            in_some_language("text", "proposal_has_a_text", _("Write the proposal in Finnish or in Swedish.")),
            models.CheckConstraint(condition=Q(status=ProposalStatus.DRAFT, made_on=None) | (~Q(status=ProposalStatus.DRAFT) & Q(made_on__isnull=False)), name="proposal_made_on_a_day"),
            models.CheckConstraint(condition=~Q(status=ProposalStatus.HANDED_OVER) | Q(handed_over_on__isnull=False), name="proposal_handed_over_on_a_day"),
            models.CheckConstraint(
                condition=~Q(status__in=[ProposalStatus.ANSWERED, ProposalStatus.ACCEPTED, ProposalStatus.REJECTED]) | Q(answered_on__isnull=False), name="proposal_answered_on_a_day"
            ),
            models.CheckConstraint(
                condition=(Q(made_on__isnull=False) | Q(handed_over_on=None, answered_on=None))
                & (Q(handed_over_on=None) | Q(handed_over_on__gte=F("made_on")))
                & (Q(answered_on=None) | (Q(answered_on__gte=F("made_on")) & (Q(handed_over_on=None) | Q(answered_on__gte=F("handed_over_on"))))),
                name="proposal_days_in_order",
                violation_error_message=_("A proposal is made first, then handed over, then answered: check the days."),
            ),
        ]
        indexes = [models.Index(fields=["status", "addressee"], name="proposal_by_status")]

    def __str__(self) -> str:
        return f"{self.pk} {self.addressee}"

    def get_absolute_url(self) -> str:
        return address("pilots:proposal_detail", self.pk)

    @property
    def name(self) -> str:
        """A proposal has no heading of its own."""
        return gettext("Proposal: %(name)s") % {"name": self.obstacle.name}


class ObstacleEvent(models.Model):
    """A line of an obstacle's history: who did what for whom and when. Written once; a merge moves no line.

    `changes` holds what an edit found and left, field by field; `version` the obstacle's (or the proposal's) after it.
    """

    obstacle = models.ForeignKey(Obstacle, on_delete=models.PROTECT, related_name="events")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    act = models.CharField(max_length=20, choices=ObstacleAct)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, blank=True)
    text_fi = models.TextField(blank=True)
    text_sv = models.TextField(blank=True)
    changes = models.JSONField(default=list, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.obstacle_id} {self.act}"

    @property
    def to_words(self) -> str:
        """The status that it led to, in the reader's words."""
        statuses = ProposalStatus if self.proposal_id else ObstacleStatus
        return str(statuses(self.to_status).label) if self.to_status else ""
