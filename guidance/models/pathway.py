import secrets

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guidance.choices import EducationBackground, EndReason, Outcome, Stage, TargetGroup
from pilots.models import Membership, Organisation

from .client import Client
from .partnership import Partnership

# Without letters and digits that are mistaken for each other on the telephone.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_pseudonym() -> str:
    """Eight random characters in two groups (40 bits), as K7F3-92QX: in URLs, logs, snapshots and mails instead of a name."""
    text = "".join(secrets.choice(ALPHABET) for _turn in range(8))
    return f"{text[:4]}-{text[4:]}"


class PathwayQuerySet(models.QuerySet):
    def open(self) -> "PathwayQuerySet":
        return self.filter(closed_at=None)

    def of_organisation(self, organisation_id: int) -> "PathwayQuerySet":
        """Pathways in which the organisation takes part now; the one rule of who sees a client."""
        return self.filter(participations__organisation_id=organisation_id, participations__ends_at=None)


class Pathway(models.Model):
    """One client's way from unemployment to a qualification, in one partnership, under a pseudonym.

    While it is open it has an owner (organisation and person) and a stage: NOT NULL by constraint. Who owns and
    leads is written here and, as history, in Participation and StagePeriod; `check_pathways` compares the two.
    `last_event_at` and `next_due_on` repeat what events and steps say, written in the same transaction.
    """

    pseudonym = models.CharField(max_length=9, unique=True, default=new_pseudonym, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="pathways")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="pathways")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage)
    process_owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("process owner"))
    process_person = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="owned_pathways", verbose_name=_("responsible person"))
    guidance_lead = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="led_pathways", verbose_name=_("guidance lead"))
    study_counsellor = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="studied_pathways", verbose_name=_("study counsellor"))
    target_group = models.CharField(_("target group"), max_length=30, choices=TargetGroup, blank=True)
    seeks_competence = models.BooleanField(_("seeks competence development"), default=False)
    education_background = models.CharField(_("education background"), max_length=20, choices=EducationBackground, default=EducationBackground.UNKNOWN)
    goal = models.TextField(_("goal"), max_length=2000, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(_("reason for the end"), max_length=20, choices=EndReason, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    basis_ends_on = models.DateField(_("the employment authority's basis ends on"), null=True, blank=True)
    last_event_at = models.DateTimeField()
    next_due_on = models.DateField(null=True, blank=True)
    waits_since = models.DateTimeField(_("on the waiting list since"), null=True, blank=True)
    # Article 18 of the General Data Protection Regulation: kept, and neither changed nor passed on.
    restricted_at = models.DateTimeField(null=True, blank=True, editable=False)
    restricted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = PathwayQuerySet.as_manager()

    class Meta:
        verbose_name = _("pathway")
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["partnership", "stage"], condition=Q(closed_at=None), name="pathway_open_by_stage"),
            models.Index(fields=["process_person"], condition=Q(closed_at=None), name="pathway_open_by_person"),
            models.Index(fields=["guidance_lead"], condition=Q(closed_at=None), name="pathway_open_by_lead"),
            models.Index(fields=["partnership", "last_event_at"], condition=Q(closed_at=None), name="pathway_open_by_last_event"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | (Q(process_owner__isnull=False, process_person__isnull=False) & Q(stage__in=Stage.values)),
                name="pathway_open_has_owner_and_stage",
                violation_error_message=_("An open pathway needs an owner, a responsible person and a stage."),
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, end_reason="", outcome="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(end_reason="") & ~Q(outcome="")),
                name="pathway_end_is_whole",
                violation_error_message=_("An end needs its reason and its outcome."),
            ),
            models.CheckConstraint(condition=Q(restricted_at=None, restricted_by=None) | Q(restricted_at__isnull=False, restricted_by__isnull=False), name="pathway_restricted_pair"),
            models.UniqueConstraint(fields=["client", "partnership"], condition=Q(closed_at=None), name="pathway_one_open", violation_error_message=_("The client already has an open pathway in this partnership.")),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    def get_absolute_url(self) -> str:
        return reverse("guidance:pathway_detail", args=[self.pseudonym])


class StagePeriod(models.Model):
    """When a stage began. Its end is the next start or the closing, so gap and overlap cannot be written."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="stage_periods")
    stage = models.CharField(max_length=20, choices=Stage)
    started_at = models.DateTimeField()
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pathway", "started_at"]
        constraints = [models.UniqueConstraint(fields=["pathway", "started_at"], name="stage_period_one_start")]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.stage}"


class PathwayAlias(models.Model):
    """A pseudonym that was merged into a pathway: log rows keep the old one and are never rewritten."""

    pseudonym = models.CharField(max_length=9, unique=True)
    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="aliases")
    merged_at = models.DateTimeField()
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.pseudonym
