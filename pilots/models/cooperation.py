"""Cooperation models: what areas do together, with whom, for which goals, at what cost and with what results."""
import uuid
from datetime import date

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.addresses import address
from pilots.choices import ModelStatus, PublicationState, ResultTag
from pilots.markdown import plain

from .area import Goal, PilotArea
from .base import Named, PeriodQuerySet, Sourced, ends_after_start
from .contact import Contact
from .discussion import Comment, FaultReport
from .municipality import Municipality
from .organisation import EducationForm, Organisation, Unit
from .people import Membership


class CooperationModel(Named, Sourced):
    """A way of working together (toimintamalli), kept by an area, or by an organisation that is in none.

    `municipalities`: the borders it crosses where they are stated; when empty they follow from the home municipalities of
    the partners. `parts` repeats what stands in other tables as plain values, so that a row of history holds the whole and
    two states can be compared. `version` guards against two people saving over each other. `reminded_for` is the day of
    checking that its people were last reminded of.
    """

    slug = models.SlugField(_("identifier"), max_length=80, unique=True, null=True, blank=True, editable=False)
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, null=True, blank=True, related_name="cooperation_models", verbose_name=_("pilot area"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="cooperation_models", verbose_name=_("organisation"))
    state = models.CharField(_("publication"), max_length=10, choices=PublicationState, default=PublicationState.DRAFT)
    summary_fi = models.TextField(_("in a few sentences, in Finnish"), max_length=600)
    summary_sv = models.TextField(_("in a few sentences, in Swedish"), max_length=600, blank=True)
    body_fi = models.TextField(_("what is done, in Finnish"), max_length=30_000, blank=True)
    body_sv = models.TextField(_("what is done, in Swedish"), max_length=30_000, blank=True)
    education_forms = models.ManyToManyField(EducationForm, blank=True, related_name="cooperation_models", verbose_name=_("forms of education it crosses"))
    municipalities = models.ManyToManyField(Municipality, blank=True, related_name="cooperation_models", verbose_name=_("municipalities whose borders it crosses"))
    cost = models.DecimalField(_("cost in euros a year"), max_digits=12, decimal_places=2, null=True, blank=True)
    cost_fi = models.TextField(_("what it costs and who bears it, in Finnish"), max_length=3000, blank=True)
    cost_sv = models.TextField(_("what it costs and who bears it, in Swedish"), max_length=3000, blank=True)
    lessons_fi = models.TextField(_("lessons, in Finnish"), max_length=10_000, blank=True)
    lessons_sv = models.TextField(_("lessons, in Swedish"), max_length=10_000, blank=True)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="cooperation_models", verbose_name=_("contact person"))
    check_by = models.DateField(_("check by"), null=True, blank=True)
    reminded_for = models.DateField(null=True, blank=True, editable=False)
    copied_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies", verbose_name=_("copied from"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    parts = models.JSONField(default=dict, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    comments = GenericRelation(Comment, content_type_field="target_type", object_id_field="target_id")
    faults = GenericRelation(FaultReport, content_type_field="target_type", object_id_field="target_id")
    history = HistoricalRecords(excluded_fields=["sort_key_fi", "sort_key_sv", "search_words", "loaded", "reminded_for", "slug"])

    class Meta:
        verbose_name = _("cooperation model")
        verbose_name_plural = _("cooperation models")
        ordering = ["sort_key_fi", "pk"]
        indexes = [
            models.Index(fields=["state", "sort_key_fi", "id"], name="coop_model_by_name_fi"),
            models.Index(fields=["state", "sort_key_sv", "id"], name="coop_model_by_name_sv"),
            # Progress by area and goal reads nothing else of a model, and rows are wide.
            models.Index(fields=["area", "id"], name="coop_model_of_area", condition=Q(state=PublicationState.PUBLIC, area__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(area__isnull=False, organisation=None) | Q(area=None, organisation__isnull=False),
                name="coop_model_has_one_owner",
                violation_error_message=_("A cooperation model is kept by one area or by one organisation."),
            ),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="coop_model_cost_not_negative", violation_error_message=_("The cost cannot be less than nothing.")),
            models.CheckConstraint(condition=Q(state=PublicationState.DRAFT) | Q(published_at__isnull=False), name="coop_model_public_has_day"),
        ]

    def searched_texts(self) -> list[str]:
        texts = (self.summary_fi, self.summary_sv, self.body_fi, self.body_sv, self.lessons_fi, self.lessons_sv)
        return [self.name_fi, self.name_sv, *(plain(text) for text in texts if text)]

    @property
    def owner(self) -> PilotArea | Organisation:
        return self.area or self.organisation

    @property
    def is_stale(self) -> bool:
        """Its people have not looked at it by the day that they promised."""
        return self.check_by is not None and self.check_by < timezone.localdate()

    def get_absolute_url(self) -> str:
        return address("pilots:model_detail", self.pk)


class ModelPartner(models.Model):
    """Who does what in a model and what it gives for it; one organisation, one unit, or a body outside the network by its name."""

    model = models.ForeignKey(CooperationModel, on_delete=models.CASCADE, related_name="partners")
    position = models.PositiveSmallIntegerField(default=0)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="model_parts", verbose_name=_("organisation"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="model_parts", verbose_name=_("unit"))
    outside = models.CharField(_("body outside the network"), max_length=200, blank=True)
    actions_fi = models.TextField(_("what it does, in Finnish"), max_length=3000, blank=True)
    actions_sv = models.TextField(_("what it does, in Swedish"), max_length=3000, blank=True)
    euros = models.DecimalField(_("gives in euros a year"), max_digits=12, decimal_places=2, null=True, blank=True)
    contribution_fi = models.CharField(_("what it gives, in Finnish"), max_length=300, blank=True)
    contribution_sv = models.CharField(_("what it gives, in Swedish"), max_length=300, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, unit=None, outside="") | Q(organisation=None, unit__isnull=False, outside="") | (Q(organisation=None, unit=None) & ~Q(outside="")),
                name="model_partner_is_one_body",
                violation_error_message=_("Choose one organisation or unit."),
            ),
            models.UniqueConstraint(fields=["model", "organisation"], name="model_partner_organisation_once", violation_error_message=_("This organisation is a partner already.")),
            models.UniqueConstraint(fields=["model", "unit"], name="model_partner_unit_once", violation_error_message=_("This unit is a partner already.")),
            models.CheckConstraint(condition=Q(euros=None) | Q(euros__gte=0), name="model_partner_gives_not_negative", violation_error_message=_("The contribution cannot be less than nothing.")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def body(self) -> Organisation | Unit | None:
        return self.organisation or self.unit

    @property
    def name(self) -> str:
        return self.body.name if self.body else self.outside


class ModelGoal(models.Model):
    """That a model serves a goal, and how."""

    model = models.ForeignKey(CooperationModel, on_delete=models.CASCADE, related_name="served_goals")
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="served_by", verbose_name=_("goal"))
    how_fi = models.TextField(_("how it serves the goal, in Finnish"), max_length=2000, blank=True)
    how_sv = models.TextField(_("how it serves the goal, in Swedish"), max_length=2000, blank=True)

    class Meta:
        ordering = ["goal__number"]
        constraints = [models.UniqueConstraint(fields=["model", "goal"], name="model_goal_once")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.goal_id}"


class ModelStatusPeriod(models.Model):
    """How far a model had come, by period; the open one is how far it is today. Its end is the start of the next."""

    model = models.ForeignKey(CooperationModel, on_delete=models.CASCADE, related_name="statuses")
    status = models.CharField(_("status"), max_length=10, choices=ModelStatus)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        # The first of all is asked for on the page of the goals.
        indexes = [models.Index(fields=["starts_on"], name="model_status_by_start")]
        constraints = [
            ends_after_start("model_status_ends_after_start"),
            models.UniqueConstraint(fields=["model"], condition=Q(ends_on=None), name="model_status_one_open"),
            models.UniqueConstraint(fields=["model", "starts_on"], name="model_status_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.status}"


class ModelResult(models.Model):
    """What came of a model: in words, and where it was measured with figure, unit, day and how."""

    model = models.ForeignKey(CooperationModel, on_delete=models.CASCADE, related_name="results")
    position = models.PositiveSmallIntegerField(default=0)
    tag = models.CharField(_("about"), max_length=20, choices=ResultTag)
    text_fi = models.CharField(_("result in Finnish"), max_length=500)
    text_sv = models.CharField(_("result in Swedish"), max_length=500, blank=True)
    figure = models.DecimalField(_("figure"), max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("unit of the figure"), max_length=40, blank=True)
    measured_on = models.DateField(_("measured on"), null=True, blank=True)
    how_fi = models.CharField(_("how it was measured, in Finnish"), max_length=300, blank=True)
    how_sv = models.CharField(_("how it was measured, in Swedish"), max_length=300, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(figure=None) | Q(measured_on__isnull=False), name="model_result_figure_has_day", violation_error_message=_("Give the day on which the figure was true.")
            ),
        ]

    def __str__(self) -> str:
        return self.text_fi


class ModelLink(models.Model):
    """A page or document elsewhere."""

    model = models.ForeignKey(CooperationModel, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("what is there"), max_length=200)
    url = models.URLField(_("address"), max_length=500)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


class ModelFile(models.Model):
    """A document that goes with the model, read by whoever may read the model. Judged by its content (`pilots.attachments`)."""

    model = models.ForeignKey(CooperationModel, on_delete=models.CASCADE, related_name="files")
    title = models.CharField(_("what it is"), max_length=200)
    name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["model", "sha256"], name="model_file_once", violation_error_message=_("The model has this file already."))]

    def __str__(self) -> str:
        return self.title


def status_on(model: CooperationModel, day: date) -> str:
    """Of a model whose `statuses` are read already."""
    return next((row.status for row in model.statuses.all() if row.starts_on <= day and (row.ends_on is None or row.ends_on > day)), "")
