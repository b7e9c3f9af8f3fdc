from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guidance.choices import DisclosureBasis, ProcessingBasis
from pilots.models import Membership, Organisation

from .client import Client
from .legal import LegalGround, said
from .pathway import Pathway


class Participation(models.Model):
    """An organisation takes part in a pathway, with two separate bases: for its own processing, and for being told.

    No statute is filled in unchecked: the organisation states it. Withdrawing a consent ends the disclosure from
    then on; what the receiver already holds follows its own basis.
    """

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="participations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="participations", verbose_name=_("organisation"))
    responsible = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="participations", verbose_name=_("responsible person"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    processing_basis = models.CharField(_("basis of its own processing"), max_length=20, choices=ProcessingBasis)
    # The provision in its version, and its words; rows from before the provisions were data have words alone.
    processing_ground = models.ForeignKey(LegalGround, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provision of law"))
    processing_statute = models.CharField(_("statute and section"), max_length=200, blank=True)
    disclosure_basis = models.CharField(_("basis of disclosure to it"), max_length=20, choices=DisclosureBasis)
    disclosure_ground = models.ForeignKey(LegalGround, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provision of law"))
    disclosure_statute = models.CharField(_("statute and section of the disclosure"), max_length=200, blank=True)
    consented_on = models.DateField(_("consent given on"), null=True, blank=True)
    # The client's, repeated (Client.REPEATED): an organisation's list and its search in part of a name each walk one index,
    # and read no other table for whom they pass over, however many clients the country has. Also PostgreSQL: participation_search_trigram.
    sort_key = models.CharField(max_length=1000, editable=False)
    search_name = models.CharField(max_length=210, editable=False)
    birth_date = models.DateField(editable=False)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            # Each with the birth date, so that the young are found without reading the rows of the others.
            models.Index(fields=["organisation", "pathway", "birth_date"], condition=Q(ends_at=None), name="participation_now"),
            models.Index(fields=["organisation", "sort_key", "id", "birth_date"], condition=Q(ends_at=None), name="participation_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["pathway", "organisation"], condition=Q(ends_at=None), name="participation_once"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="participation_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(disclosure_basis=DisclosureBasis.CONSENT) | Q(consented_on__isnull=False),
                name="participation_consent_has_date",
                violation_error_message=_("Write the day on which the client gave the consent."),
            ),
            models.CheckConstraint(
                condition=~Q(disclosure_basis=DisclosureBasis.STATUTE) | ~Q(disclosure_statute=""),
                name="participation_statute_is_named",
                violation_error_message=_("Name the statute and section on which the disclosure rests."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.organisation_id}"

    def save(self, *args, **kwargs) -> None:
        if self._state.adding:
            self.repeat(self.pathway.client)
        super().save(*args, **kwargs)

    @property
    def processing_words(self) -> str:
        return said(self.processing_ground, self.processing_statute)

    @property
    def disclosure_words(self) -> str:
        return said(self.disclosure_ground, self.disclosure_statute)

    def repeat(self, client: Client) -> None:
        """What stands here of the client; for whoever stores many at once without `save`."""
        for name, value in client.repeated().items():
            setattr(self, name, value)


class Absence(models.Model):
    """While a person is away, the substitute has what waits for them on the own list too."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="substitutions")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start", violation_error_message=_("The last day must not be before the first.")),
            models.CheckConstraint(condition=~Q(membership=F("substitute")), name="absence_substitute_is_another", violation_error_message=_("Choose another person as the substitute.")),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.starts_on}"
