from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import EndReason, Outcome, Retained, Stage
from pilots.models import Organisation

from .partnership import Partnership

LONGEST = 600


class EndedPathways(models.Model):
    """What is left of pathways that were erased: how many, by the year in which they ended. No row tells of one person."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="erased_pathways")
    year = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=20, choices=Stage)
    end_reason = models.CharField(max_length=20, choices=EndReason)
    outcome = models.CharField(max_length=20, choices=Outcome)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-year", "pk"]
        constraints = [models.UniqueConstraint(fields=["partnership", "year", "stage", "end_reason", "outcome"], name="ended_pathways_once")]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.year} {self.count}"


class ErasedRecord(models.Model):
    """The ledger of erasures: a keyed hash of a pseudonym and the time. `manage.py apply_erasures` erases it again after a restore.

    A restore brings an older ledger with it, so each row is written into a file outside the database too (`told_at`).
    `organisation_id`: only that organisation's own rows were erased, for the others did not grant it; 0: the client's own account.
    `key`: the name of the ERASURE_KEY of then.
    """

    digest = models.CharField(max_length=64, db_index=True)
    organisation_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    # The version before writes rows without it while this one is put in.
    key = models.CharField(max_length=16, default="", db_default="")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.digest[:12]


class FileToRemove(models.Model):
    """A stored file whose row is gone. It goes after the commit; should the process die before that, the next run of the job takes it."""

    stored_as = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.stored_as)


class RetentionRule(models.Model):
    """How many months after its day something goes. Without a row nothing does: the law's times are each organisation's to know."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="retention_rules")
    what = models.CharField(_("what"), max_length=20, choices=Retained)
    months = models.PositiveSmallIntegerField(_("months"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)])

    class Meta:
        ordering = ["organisation", "what"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "what"], name="retention_rule_once"),
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=LONGEST), name="retention_rule_months", violation_error_message=_("Give a number of months from 1 to 600.")),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.what} {self.months}"
