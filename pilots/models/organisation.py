from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from stdnum.fi import ytunnus

from accounts.addresses import address
from pilots.choices import EmploymentAuthorityForm, LanguageStatus, LegalForm, OrganisationKind, UnitKind

from .base import Named, PeriodQuerySet, Sourced, ends_after_start
from .municipality import MUNICIPALITY_CODE, Municipality


def validate_business_id(value: str) -> None:
    """A Finnish Business ID (Y-tunnus) as 1234567-1 with a right check digit."""
    if not ytunnus.is_valid(value) or value != ytunnus.format(value):
        raise ValidationError(_("%(value)s is not a Business ID: write seven digits, a hyphen and the check digit, for example 0926151-4."), params={"value": value})


class EducationForm(Sourced):
    """A form of education, from early childhood to higher education, in the order of a learner's life."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=100)
    name_sv = models.CharField(_("name in Swedish"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    note_fi = models.CharField(max_length=200, blank=True)
    note_sv = models.CharField(max_length=200, blank=True)

    name = Named.name
    name_language = Named.name_language

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Organisation(Named, Sourced):
    """A body of the network: a legal person, or a part of one that acts in its own name (`part_of`).

    The Business ID is unique per legal person; a part has none and shows its legal person's.
    Every member municipality is also an organisation; `municipality` is its own then, otherwise the
    home municipality. A home that is not loaded is kept as its code.
    """

    slug = models.SlugField(_("identifier"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    short_name = models.CharField(_("short name"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=OrganisationKind)
    legal_form = models.CharField(_("legal form"), max_length=30, choices=LegalForm)
    language_status = models.CharField(_("language status"), max_length=5, choices=LanguageStatus, blank=True)
    business_id = models.CharField(_("Business ID"), max_length=9, unique=True, null=True, blank=True, validators=[validate_business_id])
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=pgettext_lazy("organisation", "home municipality"))
    home_code = models.CharField(_("code of the home municipality"), max_length=3, blank=True, validators=[MUNICIPALITY_CODE])
    education_forms = models.ManyToManyField(EducationForm, blank=True, related_name="organisations", verbose_name=_("forms of education"))
    note_fi = models.TextField(_("note in Finnish"), blank=True)
    note_sv = models.TextField(_("note in Swedish"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["sort_key_fi"]
        constraints = [
            models.CheckConstraint(
                condition=Q(part_of=None) | Q(business_id=None),
                name="organisation_part_has_no_business_id",
                violation_error_message=_("A part of another legal person shows that one's Business ID and has none of its own."),
            ),
            models.CheckConstraint(
                condition=Q(part_of=None, legal_form__in=[c for c in LegalForm.values if c != LegalForm.PART_OF_ANOTHER])
                | Q(part_of__isnull=False, legal_form=LegalForm.PART_OF_ANOTHER),
                name="organisation_part_matches_legal_form",
                violation_error_message=_("The legal form must be “part of another legal person” exactly when the body is part of another."),
            ),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(kind=OrganisationKind.MUNICIPALITY),
                name="organisation_one_per_municipality",
                violation_error_message=_("This municipality is already an organisation."),
            ),
        ]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.name_en, self.short_name]

    def get_absolute_url(self) -> str:
        return address("pilots:organisation_detail", self.slug)

    @property
    def shown_business_id(self) -> str:
        """Its own, or that of the legal person it is part of."""
        return self.business_id or (self.part_of.business_id if self.part_of else "") or ""


class Unit(Named, Sourced):
    """A college, school, service point or enterprise without a Business ID of its own; one owner, any number of co-hosts."""

    slug = models.SlugField(_("identifier"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    short_name = models.CharField(_("short name"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=UnitKind)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units", verbose_name=_("owner"))
    co_hosts = models.ManyToManyField(Organisation, blank=True, related_name="co_hosted_units", verbose_name=_("co-hosts"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="units", verbose_name=pgettext_lazy("organisation", "home municipality"))
    home_code = models.CharField(_("code of the home municipality"), max_length=3, blank=True, validators=[MUNICIPALITY_CODE])
    education_forms = models.ManyToManyField(EducationForm, blank=True, related_name="units", verbose_name=_("forms of education"))
    note_fi = models.TextField(_("note in Finnish"), blank=True)
    note_sv = models.TextField(_("note in Swedish"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["sort_key_fi"]

    def searched_texts(self) -> list[str]:
        return [self.name_fi, self.name_sv, self.name_en, self.short_name]

    def get_absolute_url(self) -> str:
        return address("pilots:unit_detail", self.slug)


class EmploymentArea(Sourced):
    """Which municipalities an employment authority serves, by period. These are not the pilot areas."""

    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="employment_areas", verbose_name=_("employment authority"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="employment_areas", verbose_name=_("municipality"))
    form = models.CharField(_("form"), max_length=20, choices=EmploymentAuthorityForm)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            ends_after_start("employment_area_ends_after_start"),
            models.UniqueConstraint(fields=["municipality"], condition=Q(ends_on=None), name="employment_area_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.authority_id} {self.municipality_id}"
