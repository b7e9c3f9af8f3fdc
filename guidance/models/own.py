import uuid

from django.conf import settings
from django.db import models
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models.user import LANGUAGES
from guidance.choices import EntryKind, LocalReason
from pilots.models import Membership

from .client import Client
from .pathway import Pathway
from .rights import RightsAnswer, RightsRequest
from .timeline import Event, NextStep

REASON_IN_WORDS = Q(local_reason="", local_text="") | (~Q(local_reason="") & ~Q(local_text=""))
REASON_MESSAGE = _("Write why strong identification is left out.")


class ClientAccount(models.Model):
    """The account with which a client opens the own page.

    `local_reason`: why it opens without external strong identification; empty where it does not (but in the demo).
    """

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="account")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="client_account")
    joined_at = models.DateTimeField()
    local_reason = models.CharField(_("why without strong identification"), max_length=20, choices=LocalReason, blank=True)
    local_text = models.CharField(_("the reason in words"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("client's account")
        constraints = [models.CheckConstraint(condition=REASON_IN_WORDS, name="client_account_reason_in_words", violation_error_message=REASON_MESSAGE)]

    def __str__(self) -> str:
        return f"{self.client_id}"


class ClientInvitationQuerySet(models.QuerySet):
    def open(self) -> "ClientInvitationQuerySet":
        """Neither used nor revoked; may have expired."""
        return self.filter(used_at=None, revoked_at=None)


class ClientInvitation(models.Model):
    """A one-time link that sets up a client's account. Only the hash of its key is kept; sending again makes a new key and ends the old one."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    language = models.CharField(_("language of the mail"), max_length=2, choices=LANGUAGES, default="fi")
    local_reason = models.CharField(_("why without strong identification"), max_length=20, choices=LocalReason, blank=True)
    local_text = models.CharField(_("the reason in words"), max_length=200, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ClientInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("client's invitation")
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=REASON_IN_WORDS, name="client_invitation_reason_in_words", violation_error_message=REASON_MESSAGE),
            models.CheckConstraint(condition=Q(used_at=None) | Q(revoked_at=None), name="client_invitation_ends_once"),
            models.UniqueConstraint(
                fields=["client"], condition=Q(used_at=None, revoked_at=None), name="client_invitation_one_open", violation_error_message=_("An invitation has been sent already. Send it again, or revoke it first.")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}"


class AppointmentLink(models.Model):
    """A one-time link, mailed or printed, that shows the next appointment and its contact, and nothing else. Only the hash of its key is kept."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="appointment_links")
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.pathway_id}"


class ClientEntryQuerySet(models.QuerySet):
    def unanswered(self) -> "ClientEntryQuerySet":
        return self.filter(answered_at=None)

    def with_answer_due(self) -> "ClientEntryQuerySet":
        """`answer_due`: by when the last of the organisations that have not answered the entry's request does."""
        days = RightsAnswer.objects.waiting().filter(request=OuterRef("request")).order_by().values("request").annotate(day=Max("due_on"))
        return self.annotate(answer_due=Subquery(days.values("day")))


class ClientEntry(models.Model):
    """What the client has written on the own page: its words are an event of the timeline, and so are those of the answer.

    Answered means that somebody has seen it, with or without words. `step` is the next step that the client says to have done.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="entries")
    # Empty when the client has closed the account: what was written stays with the guidance.
    account = models.ForeignKey(ClientAccount, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    kind = models.CharField(_("what it is"), max_length=20, choices=EntryKind)
    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="entry")
    step = models.ForeignKey(NextStep, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    # Of "this is not right": the request for rectification that it opened, with its own due date.
    request = models.ForeignKey(RightsRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.OneToOneField(Event, on_delete=models.SET_NULL, null=True, blank=True, related_name="answers")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ClientEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("client's entry")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["pathway", "at"], condition=Q(answered_at=None), name="entry_unanswered")]
        constraints = [models.CheckConstraint(condition=Q(answered_at=None, answered_by=None, answer=None) | Q(answered_at__isnull=False, answered_by__isnull=False), name="entry_answer_is_whole")]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.kind}"
