"""What others say of a thing that an area keeps: comments of signed-in people, and "this is wrong" from any reader.

The thing is of a kind that `pilots/queries/discussion.py` names; it has `name`, `get_absolute_url`, and an owner: `area` or `organisation`.
"""
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .area import PilotArea
from .organisation import Organisation
from .people import Membership

LONGEST_COMMENT, LONGEST_FAULT = 4000, 2000


class Comment(models.Model):
    """Of a person for an organisation, in Markdown. The owner may hide it with a reason; it is never deleted."""

    target_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    target_id = models.PositiveBigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    text = models.TextField(_("comment"), max_length=LONGEST_COMMENT)
    created_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hidden_reason = models.CharField(_("why it is hidden"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("comment")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["target_type", "target_id", "created_at"], name="comment_by_target")]
        constraints = [
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_reason="") | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
                name="comment_hidden_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class FaultReport(models.Model):
    """"This is wrong", from any reader; waits on the owner's list until somebody says that it has been seen to."""

    target_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    target_id = models.PositiveBigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    area = models.ForeignKey(PilotArea, on_delete=models.CASCADE, null=True, blank=True, related_name="+", editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="+", editable=False)
    text = models.TextField(_("what is wrong"), max_length=LONGEST_FAULT)
    email = models.EmailField(_("e-mail for an answer"), blank=True)
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("report of a fault")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["area", "created_at"], condition=Q(handled_at=None), name="fault_waits_for_area")]
        constraints = [
            models.CheckConstraint(condition=Q(handled_at=None, handled_by=None) | Q(handled_at__isnull=False, handled_by__isnull=False), name="fault_handled_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
