from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from guidance.choices import Part, ProgrammeKind, Stage, source_stage_parts
from pilots.models import Membership, Organisation
from pilots.models.base import Named, Sourced

from .legal import LegalGround


def validate_stage_parts(value) -> None:
    """Every stage once, each with a list of different parts in their order; an empty list waits for its part."""
    if not isinstance(value, dict) or set(value) != set(Stage.values) or any(parts != [part for part in Part.values if part in parts] for parts in value.values()):
        raise ValidationError(_("Name the parts that answer for each stage."))


class Partnership(Sourced):
    """Organisations that guide clients together (kumppanuusmalli). Not a pilot area: Kuopio is in none.

    It opens for clients only with an agreement of roles, a reference to its data protection impact
    assessment, and a lead; `actions.partnerships` checks that lead and substitute are active members of the
    process-owning organisation with a second factor. The ladder counts days from the sending of a hand-off.
    """

    slug = models.SlugField(_("identifier"), max_length=60, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200, blank=True)
    process_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="owned_partnerships", verbose_name=_("owns the process"))
    lead = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="led_partnerships", verbose_name=_("partnership lead"))
    substitute = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="substituted_partnerships", verbose_name=_("substitute"))
    roles_agreement = models.CharField(_("agreement of roles"), max_length=200, blank=True, help_text=_("Own or joint controllers, and who hosts: the document's name or record number."))
    roles_agreed_on = models.DateField(_("roles agreed on"), null=True, blank=True)
    dpia_reference = models.CharField(_("data protection impact assessment"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    remind_after = models.PositiveSmallIntegerField(_("remind the receiver after (days)"), default=3)
    colleagues_after = models.PositiveSmallIntegerField(_("tell the receiver's colleagues after (days)"), default=7)
    lead_after = models.PositiveSmallIntegerField(_("put on the lead's list after (days)"), default=14)
    stale_after = models.PositiveSmallIntegerField(_("a pathway is stale after (days without an event)"), default=30)
    step_within = models.PositiveSmallIntegerField(_("first next step within (days)"), default=14)

    # One column: read with the partnership on every page of a client, and kept whole in the history.
    stage_parts = models.JSONField(_("parts that answer for the stages"), default=source_stage_parts, validators=[validate_stage_parts])

    history = HistoricalRecords(excluded_fields=["loaded"])
    name = Named.name
    name_language = Named.name_language

    class Meta:
        verbose_name = _("partnership")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at=None) | (Q(lead__isnull=False, roles_agreed_on__isnull=False) & ~Q(roles_agreement="") & ~Q(dpia_reference="")),
                name="partnership_opens_complete",
                violation_error_message=_("Before the partnership opens it needs an agreement of roles with its date, a reference to the impact assessment, and a lead."),
            ),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("lead")),
                name="partnership_substitute_is_another",
                violation_error_message=_("The substitute must be another person than the lead."),
            ),
            models.CheckConstraint(
                condition=Q(remind_after__gte=1, colleagues_after__gt=F("remind_after"), lead_after__gt=F("colleagues_after")),
                name="partnership_ladder_rises",
                violation_error_message=_("Each step of the ladder must come after the one before."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def parts_of_stage(self, stage: str) -> tuple[str, ...]:
        """Which parts answer for a stage; whoever holds one of them may move the client on from it."""
        return tuple(self.stage_parts.get(stage, ()))


class PartnershipPart(models.Model):
    """An organisation's part: its capacity, colour and letter in the figures, and as what it acts."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="partnership_parts", verbose_name=_("organisation"))
    part = models.CharField(_("part"), max_length=20, choices=Part)
    position = models.PositiveSmallIntegerField(default=0)
    acts_as_authority = models.BooleanField(_("acts as an authority in this task"), null=True, blank=True)
    processing_ground = models.ForeignKey(LegalGround, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provision of law"))
    processing_statute = models.CharField(_("basis of its own processing"), max_length=200, blank=True, help_text=_("Statute and section, as the organisation itself has stated them."))

    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "organisation"], name="partnership_part_once"),
            models.UniqueConstraint(fields=["partnership"], condition=Q(part=Part.EMPLOYMENT), name="partnership_one_employment_part"),
        ]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.part}"


class QuotedFigure(Sourced):
    """A number that the source states of its clients. A figure that is "almost" something is printed so, and no share is counted of it."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="quoted_figures")
    code = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    value = models.PositiveIntegerField(_("as the source says"))
    is_percent = models.BooleanField(default=False)
    is_almost = models.BooleanField(default=False)
    # As the source states it.
    share_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    # What the figures are of, where the source gives them no day of their own.
    began_on = models.DateField()
    note_fi = models.TextField(blank=True)
    note_sv = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    quote = models.CharField(max_length=200)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "code"], name="quoted_figure_once"),
            models.CheckConstraint(condition=Q(share_percent=None) | Q(is_almost=False, is_percent=False), name="quoted_figure_almost_has_no_share"),
        ]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.code}"

    @property
    def shown(self) -> str:
        words = {"number": number_format(self.value, force_grouping=True), "share": self.share_percent}
        if self.is_percent:
            return gettext("%(number)s %%") % words
        if self.is_almost:
            return gettext("almost %(number)s") % words
        return words["number"] if self.share_percent is None else gettext("%(number)s (%(share)s %%)") % words


PROGRAMME_TEXTS = ("name_fi", "name_sv", "purpose_fi", "purpose_sv", "for_whom_fi", "for_whom_sv")


class Programme(Sourced):
    """Programmes, projects and services: what the source names, and what a partnership has added. Only a MEASURE can be given to a client.

    `is_historical`: not offered any more, kept for its history and never deleted; `run_by` is empty where
    nobody is named. Loaded texts marked `text_is_ours` are the portal's, not the source's.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="programmes")
    code = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=20, choices=ProgrammeKind)
    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200, blank=True)
    purpose_fi = models.TextField(blank=True)
    purpose_sv = models.TextField(blank=True)
    for_whom_fi = models.CharField(max_length=300, blank=True)
    for_whom_sv = models.CharField(max_length=300, blank=True)
    text_is_ours = models.BooleanField(default=True)
    quote = models.TextField(blank=True)
    run_by = models.ManyToManyField(Organisation, blank=True, related_name="programmes")
    is_historical = models.BooleanField(default=False)
    # Empty for what the source already names as past.
    ended_on = models.DateField(_("offered until"), null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["loaded"], m2m_fields=[run_by])
    name = Named.name
    name_language = Named.name_language

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "code"], name="programme_once"),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(is_historical=True), name="programme_ended_is_historical"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_own_text(self) -> bool:
        """Written by the partnership itself: entered in the portal, or changed since it was loaded."""
        written = next(iter(self.loaded.values()), {})
        return any((written.get(name) or "") != getattr(self, name) for name in PROGRAMME_TEXTS)
