import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import OPEN_HANDOFF, ContactWay, DisclosureBasis, HandoffKind, HandoffState, LadderStep
from pilots.models import Membership, Organisation

from .legal import LegalGround, said
from .pathway import Pathway


class HandoffQuerySet(models.QuerySet):
    def open(self) -> "HandoffQuerySet":
        """Not yet met: the sender is still responsible and the ladder runs."""
        return self.filter(state__in=OPEN_HANDOFF)


class Handoff(models.Model):
    """Handing a client over (siirto, saattaen vaihtaminen): sent, accepted, met; or declined, or withdrawn.

    Accepted is not met: the receiver names the first contact and the sender stays responsible until it was held.
    The snapshots hold codes and pseudonyms, never names. To an outside body (`to_outside`) it goes by a link.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="handoffs")
    kind = models.CharField(_("kind"), max_length=20, choices=HandoffKind)
    state = models.CharField(_("state"), max_length=20, choices=HandoffState, default=HandoffState.SENT)
    from_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sent_handoffs")
    from_person = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="sent_handoffs")
    to_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="received_handoffs", verbose_name=_("receiver"))
    to_person = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="received_handoffs", verbose_name=_("person"))
    to_outside = models.CharField(_("body outside the portal"), max_length=200, blank=True)
    to_outside_email = models.EmailField(_("its e-mail"), blank=True)
    basis = models.CharField(_("ground of the disclosure"), max_length=20, choices=DisclosureBasis)
    basis_ground = models.ForeignKey(LegalGround, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provision of law"))
    basis_statute = models.CharField(_("statute and section"), max_length=200, blank=True)
    consented_on = models.DateField(_("consent given on"), null=True, blank=True)
    # Only of a transfer: its decision, without which the process goes to another employment authority alone.
    decided_by = models.CharField(_("who decided"), max_length=200, blank=True, db_default="", default="")
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=1000)
    sections = models.JSONField(_("what is passed on"), default=list)
    due_on = models.DateField(_("answer by"))
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_outside = models.BooleanField(default=False)
    decline_reason = models.TextField(_("reason for declining"), max_length=1000, blank=True)
    first_contact_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    first_contact_way = models.CharField(_("way of the first contact"), max_length=20, choices=ContactWay, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ladder_step = models.PositiveSmallIntegerField(choices=LadderStep, default=LadderStep.SENT)
    ladder_moved_at = models.DateTimeField()
    paused_until = models.DateField(_("reminders paused until"), null=True, blank=True)
    pause_reason = models.CharField(_("reason for the pause"), max_length=300, blank=True)
    reopens = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reopened_as")
    snapshot_sent = models.JSONField(default=dict)
    snapshot_answered = models.JSONField(default=dict, blank=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = HandoffQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-off")
        ordering = ["-sent_at", "-id"]
        indexes = [
            models.Index(fields=["to_organisation", "sent_at"], condition=Q(state__in=["sent", "accepted"]), name="handoff_open_to"),
            models.Index(fields=["from_organisation", "sent_at"], condition=Q(state__in=["sent", "accepted"]), name="handoff_open_from"),
            models.Index(fields=["ladder_step", "sent_at"], condition=Q(state__in=["sent", "accepted"]), name="handoff_open_ladder"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_organisation__isnull=False, to_outside="") | (Q(to_organisation=None) & ~Q(to_outside="")),
                name="handoff_has_one_receiver",
                violation_error_message=_("Choose an organisation of the partnership or name a body outside."),
            ),
            models.CheckConstraint(condition=~Q(to_organisation=F("from_organisation")) | Q(kind__in=["assignment", "request_to_take"]), name="handoff_to_another"),
            models.CheckConstraint(
                condition=Q(state="sent", answered_at=None, met_at=None, withdrawn_at=None)
                | Q(state="accepted", answered_at__isnull=False, first_contact_at__isnull=False, met_at=None, withdrawn_at=None)
                | Q(state="met", answered_at__isnull=False, first_contact_at__isnull=False, met_at__isnull=False, withdrawn_at=None)
                | (Q(state="declined", answered_at__isnull=False, met_at=None, withdrawn_at=None) & ~Q(decline_reason=""))
                | Q(state="withdrawn", met_at=None, withdrawn_at__isnull=False),
                name="handoff_state_matches_facts",
            ),
            models.CheckConstraint(
                condition=~Q(basis=DisclosureBasis.STATUTE) | ~Q(basis_statute=""),
                name="handoff_statute_is_named",
                violation_error_message=_("Name the statute and section on which the disclosure rests."),
            ),
            models.CheckConstraint(
                condition=~Q(basis=DisclosureBasis.CONSENT) | Q(consented_on__isnull=False),
                name="handoff_consent_has_date",
                violation_error_message=_("Write the day on which the client gave the consent."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by="", decided_on=None) | (Q(kind=HandoffKind.TRANSFER, decided_on__isnull=False) & ~Q(decided_by="")),
                name="handoff_decision_is_whole",
                violation_error_message=_("The decision about a transfer has both who decided and the day."),
            ),
            models.UniqueConstraint(fields=["pathway", "to_organisation"], condition=Q(state__in=["sent", "accepted"]), name="handoff_one_open_to", violation_error_message=_("A hand-off to this organisation is already open.")),
            models.UniqueConstraint(fields=["pathway"], condition=Q(state__in=["sent", "accepted"], kind="transfer"), name="handoff_one_open_transfer", violation_error_message=_("A transfer of this pathway is already open.")),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.state}"

    @property
    def basis_words(self) -> str:
        return said(self.basis_ground, self.basis_statute)

    @property
    def receiver_name(self) -> str:
        return self.to_organisation.name if self.to_organisation else self.to_outside

    @property
    def meeting_organisation_id(self) -> int | None:
        """Whose counsellor meets the client: the one who asked to take, otherwise the receiver; the sender follows a body outside."""
        return self.from_organisation_id if self._sender_meets else self.to_organisation_id

    @property
    def meeting_organisation(self) -> Organisation:
        return self.from_organisation if self._sender_meets else self.to_organisation

    @property
    def _sender_meets(self) -> bool:
        return self.kind == HandoffKind.REQUEST_TO_TAKE or self.to_organisation_id is None


class OutsideLink(models.Model):
    """A signed, expiring, single-purpose link for a body outside; the link is signed over `nonce`, opening it is logged."""

    handoff = models.OneToOneField(Handoff, on_delete=models.CASCADE, related_name="link")
    nonce = models.CharField(max_length=32)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.handoff_id}"
