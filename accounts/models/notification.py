from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .user import User


class Way(models.TextChoices):
    """How a kind of notification comes by mail."""

    NOW = "now", pgettext_lazy("a mail", "At once")
    WEEKLY = "weekly", pgettext_lazy("a mail", "Once a week")
    NO = "no", pgettext_lazy("a mail", "Not by mail")


class NotificationChoice(models.Model):
    """What a person has said of one kind; without a row it comes at once by mail and is listed in the portal."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=40)
    mail = models.CharField(max_length=6, choices=Way, default=Way.NOW)
    in_portal = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notification_choice_once", violation_error_message=_("There is a choice for this kind already.")),
            models.CheckConstraint(condition=Q(mail__in=Way.values), name="notification_choice_way_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.mail}"


class NotificationQuerySet(models.QuerySet):
    def listed(self) -> "NotificationQuerySet":
        return self.filter(in_portal=True)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(in_portal=True, read_at=None)

    def for_digest(self, until: datetime) -> "NotificationQuerySet":
        return self.filter(weekly=True, digested_at=None, at__lt=until)


class Notification(models.Model):
    """What a person was told: the mail's subject, and the way to the page. Never a word about a client.

    `in_portal`: it stands on the person's list; `weekly`: it goes out with the next weekly mail.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=500)
    in_portal = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    weekly = models.BooleanField(default=False)
    digested_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["user", "-at", "-id"], condition=Q(in_portal=True), name="notification_listed"),
            models.Index(fields=["user"], condition=Q(in_portal=True, read_at=None), name="notification_unread"),
            models.Index(fields=["at"], condition=Q(weekly=True, digested_at=None), name="notification_for_digest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(in_portal=True) | Q(weekly=True), name="notification_reaches_somebody"),
            models.CheckConstraint(condition=Q(in_portal=True) | Q(read_at=None), name="notification_read_where_listed"),
            models.CheckConstraint(condition=Q(weekly=True) | Q(digested_at=None), name="notification_digested_where_weekly"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class BouncedAddress(models.Model):
    """An address that mails came back from: nothing more goes to it until its person has confirmed it."""

    email = models.EmailField(unique=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=models.functions.Lower("email")), name="bounced_address_lower_case")]

    def __str__(self) -> str:
        return self.email
