import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import ConsentEnd, ConsentScope
from pilots.models import Membership, Organisation

from .pathway import Pathway


class ConsentQuerySet(models.QuerySet):
    def in_force(self) -> "ConsentQuerySet":
        return self.filter(ended_at=None)

    def to(self, organisation_id: int | None, outside: str = "") -> "ConsentQuerySet":
        """Who may be told by it: an organisation of the portal, or a body outside by the name it was given."""
        return self.filter(organisation=organisation_id) if organisation_id else self.filter(organisation=None, outside=outside)


class Consent(models.Model):
    """The client lets one body be told about them: which text they were shown, how far it reaches, and from when to when.

    A row is never changed but by its end; a new consent to the same body replaces the one in force. Where a provision of
    law is the ground, there is none.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="consents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who is told"))
    outside = models.CharField(_("body outside the portal"), max_length=200, blank=True)
    scope = models.CharField(_("how far it reaches"), max_length=20, choices=ConsentScope)
    text_version = models.PositiveSmallIntegerField(_("version of the text"))
    language = models.CharField(_("language of the text"), max_length=2, choices=[("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))])
    # Nothing chosen: everything that the text of the scope names.
    sections = models.JSONField(_("what is told"), default=list, blank=True)
    valid_until = models.DateField(_("in force until"), null=True, blank=True)
    given_on = models.DateField(_("consent given on"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    end = models.CharField(_("how it ended"), max_length=20, choices=ConsentEnd, blank=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        ordering = ["-given_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, outside="") | (Q(organisation=None, scope=ConsentScope.HANDOFF) & ~Q(outside="")),
                name="consent_tells_one_body",
                violation_error_message=_("A consent names one body. A body outside the portal is told what one hand-off tells, nothing else."),
            ),
            models.CheckConstraint(
                # Who ended it is nobody when the client did it on the own page, and when its day was over.
                condition=Q(ended_at=None, ended_by=None, end="")
                | (Q(ended_at__isnull=False) & Q(end__in=ConsentEnd.values) & (Q(ended_by__isnull=False) | Q(end__in=[ConsentEnd.WITHDRAWN, ConsentEnd.EXPIRED]))),
                name="consent_end_is_whole",
                violation_error_message=_("The end of a consent needs its time, its writer and its kind."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("given_on")), name="consent_ends_after_it_was_given", violation_error_message=_("The consent cannot end before it was given.")
            ),
            models.UniqueConstraint(fields=["pathway", "organisation"], condition=Q(ended_at=None, organisation__isnull=False), name="consent_one_in_force", violation_error_message=_("A consent to this body is in force already.")),
            models.UniqueConstraint(fields=["pathway", "outside"], condition=Q(ended_at=None, organisation=None), name="consent_one_in_force_outside", violation_error_message=_("A consent to this body is in force already.")),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.scope} {self.text_version}"

    @property
    def receiver_name(self) -> str:
        return self.organisation.name if self.organisation else self.outside
