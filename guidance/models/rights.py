import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import ExtensionReason, RefusalReason, RightsKind, RightsOutcome
from pilots.models import Membership, Organisation

from .pathway import Pathway


class RightsRequestQuerySet(models.QuerySet):
    def open(self) -> "RightsRequestQuerySet":
        """Somebody has not answered yet."""
        return self.filter(pk__in=RightsAnswer.objects.waiting().order_by().values("request"))

    def asked_of(self, organisation_id: int) -> "RightsRequestQuerySet":
        return self.filter(answers__organisation=organisation_id)


class RightsRequest(models.Model):
    """What a client asked about the own data; by whom and by when it is answered, each answer tells for itself.

    It outlives the data: after an erasure nothing is left but the pseudonym, the kind, the days and the answers.
    `by`: the counsellor who wrote it down; without one the client asked on the own page.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.SET_NULL, null=True, blank=True, related_name="rights_requests")
    pseudonym = models.CharField(max_length=9, db_index=True)
    kind = models.CharField(_("what is asked"), max_length=20, choices=RightsKind)
    text = models.TextField(_("in the client's own words"), max_length=4000, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(_("received"))
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request about the own data")
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return f"{self.pseudonym} {self.kind}"


class RightsAnswerQuerySet(models.QuerySet):
    def waiting(self) -> "RightsAnswerQuerySet":
        return self.filter(answered_at=None)


class RightsAnswer(models.Model):
    """One organisation's answer for the rows that it is the controller of, and its own time for it (article 12(3)).

    `asked_at`: later than the request when its rows came to light later. `done_at`: what was granted has been carried out.
    """

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="answers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rights_answers", verbose_name=_("organisation"))
    asked_at = models.DateTimeField(_("asked"))
    due_on = models.DateField(_("answer due"))
    extended_at = models.DateTimeField(null=True, blank=True)
    extended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    extension_reason = models.CharField(_("why more time is needed"), max_length=20, choices=ExtensionReason, blank=True)
    outcome = models.CharField(_("answer"), max_length=10, choices=RightsOutcome, blank=True)
    reason = models.CharField(_("why not"), max_length=30, choices=RefusalReason, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    objects = RightsAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "organisation"], name="rights_answer_once"),
            models.CheckConstraint(
                condition=Q(extended_at=None, extended_by=None, extension_reason="") | (Q(extended_at__isnull=False, extended_by__isnull=False) & Q(extension_reason__in=ExtensionReason.values)),
                name="rights_answer_extension_is_whole",
                violation_error_message=_("More time needs its reason."),
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, outcome="", reason="", done_at=None)
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & (Q(outcome=RightsOutcome.GRANTED, reason="") | Q(outcome__in=[RightsOutcome.PARTLY, RightsOutcome.REFUSED], reason__in=RefusalReason.values))
                ),
                name="rights_answer_is_whole",
                violation_error_message=_("A refusal, also in part, needs its reason; a granted request has none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.organisation_id} {self.outcome}"
