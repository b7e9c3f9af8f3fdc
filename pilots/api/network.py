"""Areas, organisations, units and municipalities."""
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from rest_framework import serializers

from pilots.api.base import DetailView, ListView
from pilots.api.fields import Codes, Label, NamedCode, Page, Texts, Thing
from pilots.choices import EmploymentAuthorityForm, LanguageStatus, LegalForm, OrganisationKind, Participation, UnitKind
from pilots.filters import AreaFilterSet, MunicipalityFilterSet, OrganisationFilterSet, named
from pilots.models import AreaMembership, EmploymentArea, Municipality, MunicipalityRegion, Organisation, PilotArea, Unit
from pilots.queries import network
from pilots.queries.network import body_id, kind_of, shown_as_members
from pilots.queries.organisations import areas_among, membership_areas


class RoundData(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class AreaRow(Thing):
    slug = serializers.CharField()
    number = serializers.IntegerField()
    name_is_ours = serializers.BooleanField(help_text="Whether the name is a working name of the portal: the source names no area but Suupohja.")
    quote = serializers.CharField(help_text="The area as the source names it.")
    round = RoundData()


class MemberData(serializers.Serializer):
    """A body in an area: an organisation or a unit."""

    kind = serializers.SerializerMethodField()
    slug = serializers.CharField(source="body.slug")
    name = serializers.CharField(source="body.name")
    url = Page(source="body")
    participation = serializers.ChoiceField(Participation.choices)
    through = serializers.CharField(source="through.slug", default=None, allow_null=True, help_text="The organisation through which it takes part.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    source = serializers.CharField()

    def get_kind(self, member: AreaMembership) -> str:
        return kind_of(member)

class AreaData(AreaRow):
    description = Texts("description")
    challenge = Texts("challenge")
    readiness = Texts("readiness")
    objectives = Texts("objectives")
    check_by = serializers.DateField(allow_null=True)
    source = serializers.CharField()
    members = MemberData(many=True)


class AreaList(ListView):
    """The pilot areas of the latest round."""

    filters, serializer_class = AreaFilterSet, AreaRow

    def get_queryset(self) -> QuerySet[PilotArea]:
        return network.areas_in_order().only(*network.IN_LISTS, "name_is_ours")

    def filterset(self, rows: QuerySet) -> AreaFilterSet:
        return AreaFilterSet(self.request.query_params, rows, region=named(network.regions(), "code"), form=named(network.education_forms(), "code"))


class AreaDetail(DetailView):
    """One pilot area with its members."""

    serializer_class = AreaData

    def find(self) -> PilotArea:
        found = network.area_with_members(self.kwargs["slug"])
        if found is None:
            raise Http404
        found.area.members = found.members
        return found.area


class BodyRow(Thing):
    slug = serializers.CharField()
    short_name = serializers.CharField(allow_blank=True)
    municipality = serializers.CharField(source="municipality.code", default=None, allow_null=True, help_text="The code of the home municipality.")
    education_forms = Codes("code", help_text="Codes of the forms of education.")
    areas = NamedCode(many=True, help_text="The pilot areas that it takes part in.")
    note = Texts("note")
    source = serializers.CharField()


class OrganisationData(BodyRow):
    kind = serializers.ChoiceField(OrganisationKind.choices)
    kind_label = Label("kind")
    legal_form = serializers.ChoiceField(LegalForm.choices)
    language_status = serializers.ChoiceField(LanguageStatus.choices, allow_blank=True)
    business_id = serializers.CharField(source="shown_business_id", allow_blank=True, help_text="Its own, or that of the legal person that it is part of.")
    part_of = serializers.CharField(source="part_of.slug", default=None, allow_null=True)
    ended_on = serializers.DateField(allow_null=True)


class UnitData(BodyRow):
    kind = serializers.ChoiceField(UnitKind.choices)
    kind_label = Label("kind")
    owner = NamedCode()


def with_areas(bodies: list[Any]) -> list[Any]:
    """Each with the areas that it takes part in itself; one query."""
    of_units = bool(bodies) and isinstance(bodies[0], Unit)
    rows = AreaMembership.objects.filter(shown_as_members(), **{"unit__in" if of_units else "organisation__in": bodies}).select_related("area").only("area__slug", "area__name_fi", "area__name_sv", "unit", "organisation")
    found: dict[str, dict[int, PilotArea]] = {}
    for row in rows.order_by("area__number", "pk"):
        found.setdefault(body_id(row), {})[row.area_id] = row.area
    for body in bodies:
        body.areas = list(found.get(f"{'unit' if of_units else 'organisation'}-{body.pk}", {}).values())
    return bodies


def organisations() -> QuerySet[Organisation]:
    return Organisation.objects.select_related("municipality", "part_of").prefetch_related("education_forms").defer("loaded", "search_words", "municipality__loaded", "part_of__loaded")


def units() -> QuerySet[Unit]:
    return Unit.objects.select_related("municipality", "owner").prefetch_related("education_forms").defer("loaded", "search_words", "municipality__loaded", "owner__loaded")


class OrganisationList(ListView):
    """Municipalities, joint authorities, education providers and other bodies."""

    filters, serializer_class = OrganisationFilterSet, OrganisationData

    def get_queryset(self) -> QuerySet[Organisation]:
        return organisations()

    def filterset(self, rows: QuerySet) -> OrganisationFilterSet:
        areas = [(OrganisationFilterSet.ANY, ""), *named(areas_among(membership_areas()), "slug")]
        return OrganisationFilterSet(self.request.query_params, rows, form=named(network.education_forms(), "code"), area=areas)

    def prepare(self, rows: list[Organisation]) -> list[Organisation]:
        return with_areas(rows)


class OrganisationDetail(DetailView):
    """One organisation."""

    serializer_class = OrganisationData

    def find(self) -> Organisation:
        return with_areas([_one(organisations(), slug=self.kwargs["slug"])])[0]


class UnitList(ListView):
    """Colleges, schools and service points that belong to an organisation."""

    serializer_class = UnitData
    own_parameters = {"owner": ({"type": "string", "minLength": 1, "maxLength": 80}, "The slug of the organisation whose units they are.")}

    def get_queryset(self) -> QuerySet[Unit]:
        owner = self.request.query_params.get("owner")
        return units().filter(owner__slug=without_nothing(owner)) if owner else units()

    def prepare(self, rows: list[Unit]) -> list[Unit]:
        return with_areas(rows)


class UnitDetail(DetailView):
    """One unit."""

    serializer_class = UnitData

    def find(self) -> Unit:
        return with_areas([_one(units(), slug=self.kwargs["slug"])])[0]


class ServedBy(serializers.Serializer):
    """Which employment authority serves the municipality."""

    authority = NamedCode()
    form = serializers.ChoiceField(EmploymentAuthorityForm.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class RegionData(serializers.Serializer):
    code = serializers.CharField(source="region.code")
    name = serializers.CharField(source="region.name")
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class MunicipalityData(Thing):
    code = serializers.CharField(help_text="Three digits, as text.")
    language_status = serializers.ChoiceField(LanguageStatus.choices, allow_blank=True)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True, help_text="The first day on which it no longer exists.")
    successor = serializers.CharField(source="successor.code", default=None, allow_null=True)
    regions = RegionData(source="region_periods", many=True, help_text="The region by period, the latest last.")
    served_by = ServedBy(source="employment_areas", many=True)
    source = serializers.CharField()


def municipalities() -> QuerySet[Municipality]:
    served = EmploymentArea.objects.select_related("authority").order_by("starts_on", "pk")
    regions = MunicipalityRegion.objects.select_related("region").order_by("starts_on", "pk")
    return Municipality.objects.select_related("successor").defer("loaded", "search_words", "successor__loaded").prefetch_related(Prefetch("employment_areas", served), Prefetch("region_periods", regions))


class MunicipalityList(ListView):
    """The municipalities of Finland, those that have become part of another too."""

    filters, serializer_class = MunicipalityFilterSet, MunicipalityData

    def get_queryset(self) -> QuerySet[Municipality]:
        return municipalities()

    def filterset(self, rows: QuerySet) -> MunicipalityFilterSet:
        return MunicipalityFilterSet(self.request.query_params, rows, region=named(network.regions(), "code"))


class MunicipalityDetail(DetailView):
    """One municipality."""

    serializer_class = MunicipalityData

    def find(self) -> Municipality:
        return _one(municipalities(), code=self.kwargs["code"])


def without_nothing(text: str) -> str:
    """PostgreSQL takes no null character, and no thing has one in its code."""
    return text.replace("\x00", "\ufffd")


def _one(rows: QuerySet, **key: str) -> Any:
    found = rows.filter(**key).first()
    if found is None:
        raise Http404
    return found
