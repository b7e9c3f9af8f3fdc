from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models.user import LANGUAGES
from pilots.choices import PERMISSIONS, JoinDecision, MembershipEnd, Permission, Role

from .area import PilotArea
from .organisation import Organisation

COORDINATOR_NAMES_AREA = Q(role=Role.AREA_COORDINATOR, area__isnull=False) | (~Q(role=Role.AREA_COORDINATOR) & Q(area=None))
# "No area" counts as a value: SQLite has no NULLS NOT DISTINCT.
AREA_OR_NONE = Coalesce("area", 0)
AREA_MESSAGE = _("Name the area of a coordinator; other roles have none.")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(ended_at=None)


class Membership(models.Model):
    """A person's role in an organisation. Ended, never deleted; rights come from the one a person acts for, never summed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people", verbose_name=_("organisation"))
    role = models.CharField(_("role"), max_length=30, choices=Role)
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, null=True, blank=True, related_name="coordinators", verbose_name=_("pilot area"))
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(_("reason"), max_length=20, blank=True, choices=MembershipEnd)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=COORDINATOR_NAMES_AREA, name="membership_coordinator_names_area", violation_error_message=AREA_MESSAGE),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="") | Q(ended_at__isnull=False, end_reason__in=MembershipEnd.values),
                name="membership_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False),
                name="membership_ended_by_with_end",
            ),
            models.UniqueConstraint(
                *("user", "organisation", "role", AREA_OR_NONE),
                condition=Q(ended_at=None),
                name="membership_once",
                violation_error_message=_("This person already has this role here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id}"

    def may(self, permission: Permission) -> bool:
        """Whether this membership, and it alone, gives the permission."""
        return self.ended_at is None and permission in PERMISSIONS[self.role]


class InvitationQuerySet(models.QuerySet):
    def open(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """An invitation to a role, sent by mail. The link is signed over `nonce`; sending again makes a new one and ends the old link."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("organisation"))
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=30, choices=Role)
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pilot area"))
    language = models.CharField(_("language of the mail"), max_length=2, choices=LANGUAGES, default="fi")
    nonce = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    sent_count = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=COORDINATOR_NAMES_AREA, name="invitation_coordinator_names_area", violation_error_message=AREA_MESSAGE),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None) | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_pair",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None) | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="invitation_withdrawn_pair",
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="invitation_one_end"),
            models.UniqueConstraint(
                *("organisation", "email", "role", AREA_OR_NONE),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_once",
                violation_error_message=_("This person has already been invited to this role. Send the invitation again instead."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.role}"


class JoinRequestQuerySet(models.QuerySet):
    def open(self) -> "JoinRequestQuerySet":
        return self.filter(decided_at=None)


class JoinRequest(models.Model):
    """A person asks to join an organisation; one of its administrators decides."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="join_requests", verbose_name=_("person"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="join_requests", verbose_name=_("organisation"))
    role = models.CharField(_("role"), max_length=30, choices=Role)
    area = models.ForeignKey(PilotArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pilot area"))
    message = models.TextField(_("message"), max_length=1000, blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(_("decision"), max_length=10, choices=JoinDecision, blank=True)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=COORDINATOR_NAMES_AREA, name="join_request_coordinator_names_area", violation_error_message=AREA_MESSAGE),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, decision="") | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision="")),
                name="join_request_decision_whole",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(decided_at=None),
                name="join_request_one_open",
                violation_error_message=_("You have already asked to join this organisation. Its administrator will answer."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.role}"
