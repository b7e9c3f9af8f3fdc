from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import BenefitDecision, OptionKind, OptionState
from pilots.models import Membership, Organisation

from .pathway import Pathway

# A start that is still ahead or has just been made; what is over needs no decision any more.
STARTING = (OptionState.ADMITTED, OptionState.STARTED)
UNDECIDED = (BenefitDecision.NOT_ASKED, BenefitDecision.PENDING)


class EducationOptionQuerySet(models.QuerySet):
    def starting_undecided(self) -> "EducationOptionQuerySet":
        """The red items: a start has its day, and the decision on the benefit has not been made."""
        return self.filter(state__in=STARTING, starts_on__isnull=False, benefit_decision__in=UNDECIDED)


class EducationOption(models.Model):
    """A way to education that is weighed with the client, from considered to started or not admitted.

    A start date with a pending decision on the benefit is a red item: a decision is as a rule needed before the
    studies begin. Of the personal competence development plan (HOKS) only the date and the teacher are kept.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="options")
    kind = models.CharField(_("kind"), max_length=30, choices=OptionKind)
    title = models.CharField(_("what"), max_length=200)
    code_uri = models.URLField(_("national code (URI)"), blank=True)
    code_version = models.CharField(_("version of the code"), max_length=20, blank=True)
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("education provider"))
    provider_outside = models.CharField(_("provider outside the portal"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=OptionState, default=OptionState.CONSIDERED)
    decides = models.CharField(_("who decides"), max_length=200, blank=True)
    how_to_apply = models.CharField(_("how to apply"), max_length=300, blank=True)
    next_start_on = models.DateField(_("next start"), null=True, blank=True)
    benefit_effect = models.CharField(_("effect on benefits"), max_length=300, blank=True)
    cost_euros = models.DecimalField(_("cost to the client in euros"), max_digits=9, decimal_places=2, null=True, blank=True)
    language_level = models.CharField(_("language level needed"), max_length=100, blank=True)
    distance_km = models.PositiveSmallIntegerField(_("distance in kilometres"), null=True, blank=True)
    applied_to = models.CharField(_("applied where"), max_length=200, blank=True)
    applied_on = models.DateField(_("applied on"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    benefit_decision = models.CharField(_("decision on the benefit during studies"), max_length=20, choices=BenefitDecision, default=BenefitDecision.NOT_ASKED)
    hoks_on = models.DateField(_("HOKS made on"), null=True, blank=True)
    hoks_teacher = models.CharField(_("responsible teacher"), max_length=150, blank=True)
    added_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = EducationOptionQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[OptionState.STARTED, OptionState.COMPLETED]) | Q(starts_on__isnull=False),
                name="option_started_has_date",
                violation_error_message=_("Write the day on which the studies start."),
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(starts_on=None) | Q(ended_on__gte=F("starts_on")), name="option_ends_after_start", violation_error_message=_("The end must not be before the start.")),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.kind}"

    @property
    def starts_undecided(self) -> bool:
        return self.state in STARTING and self.starts_on is not None and self.benefit_decision in UNDECIDED


class WorkplacePeriod(models.Model):
    """A learning period with an employer (the source's työssäoppisjakso); the employer is named, not registered."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="workplace_periods")
    option = models.ForeignKey(EducationOption, on_delete=models.PROTECT, related_name="workplace_periods")
    employer = models.CharField(_("employer"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="workplace_period_ends_after_start", violation_error_message=_("The end must not be before the start."))]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.starts_on}"


class WorkPeriod(models.Model):
    """Work, a parallel track of its own: an apprentice studies and works at once."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="work_periods")
    employer = models.CharField(_("employer"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="work_period_ends_after_start", violation_error_message=_("The end must not be before the start."))]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.starts_on}"
