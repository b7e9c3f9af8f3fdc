"""Shared services and course runs.

Without a key: that a service exists, as on the page of whoever is not signed in. With a key that reads what is offered to
the organisation: those services in full and the runs of their courses; with one that reads the own, drafts and archived ones too.
"""
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from rest_framework import exceptions, serializers

from pilots.api.base import DetailView, ListView
from pilots.api.fields import Codes, Label, NamedCode, Texts, Thing
from pilots.choices import ApiScope
from pilots.permissions import Acting
from pilots.queries.tokens import Reader
from services.choices import Audience, CourseKind, Delivery, Entry, PriceBasis, Publication, ServiceKind, ServiceLanguage
from services.filters import OpenFilterSet, ServiceFilterSet, catalogue_choices, catalogue_filter
from services.models import CourseRun, SharedService
from services.queries.catalogue import visible_services, with_usable
from services.queries.courses import with_taken
from services.queries.listed import listed_services, read_offered


def reads_as(reader: Reader | None) -> Any:
    """For whom services are asked: the key's organisation, where the key reads anything of it."""
    return reader if reader and reader.scopes else None


def readable_services(reader: Reader | None, chosen: list[int] | None = None) -> QuerySet[SharedService]:
    """With `usable`: whether all of it is told. A key that reads the own alone knows of others what everybody knows."""
    acting = reads_as(reader)
    if reader and reader.reads(ApiScope.OWN):
        if reader.reads(ApiScope.OFFERED):
            return visible_services(acting)
        own = Q(organisation=reader.organisation_id)
        return with_usable(acting, own).filter(own | Q(state=Publication.PUBLIC, shown_outside=True))
    if chosen is None:
        return visible_services(acting).filter(state=Publication.PUBLIC)
    return listed_services(acting, chosen)


class PlaceData(serializers.Serializer):
    name = serializers.CharField()
    street_address = serializers.CharField()
    postal_code = serializers.CharField(allow_blank=True)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    step_free = serializers.BooleanField(allow_null=True)
    accessible_toilet = serializers.BooleanField(allow_null=True)
    lift = serializers.BooleanField(allow_null=True)
    induction_loop = serializers.BooleanField(allow_null=True)
    access_note = Texts("access_note")


class ServiceInside(serializers.Serializer):
    """What those read to whom the service is offered."""

    state = serializers.ChoiceField(Publication.choices)
    description = Texts("description")
    subjects = Texts("subjects")
    conditions = Texts("conditions")
    target_groups = Texts("target_groups")
    education_forms = Codes("code")
    languages = serializers.ListField(child=serializers.ChoiceField(ServiceLanguage.choices))
    delivery = serializers.ChoiceField(Delivery.choices)
    unit = NamedCode(allow_null=True)
    place = PlaceData(allow_null=True)
    price_basis = serializers.ChoiceField(PriceBasis.choices)
    price = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True, help_text="Euros, as text with two decimals.")
    contact_email = serializers.CharField(allow_blank=True)
    contact_phone = serializers.CharField(allow_blank=True)
    audience = serializers.ChoiceField(Audience.choices)
    check_by = serializers.DateField()
    published_at = serializers.DateTimeField(allow_null=True)


class ServiceData(Thing):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ServiceKind.choices)
    kind_label = Label("kind")
    organisation = NamedCode(help_text="Who offers it.")
    municipality = serializers.CharField(source="place.municipality.code", default=None, allow_null=True, help_text="The code of the municipality where it is.")
    is_demo = serializers.BooleanField(help_text="Invented, for showing the portal.")
    inside = serializers.SerializerMethodField(help_text="Null for readers to whom the service is not offered: they know that it exists.")

    def get_inside(self, service: SharedService) -> Any:
        return ServiceInside(service).data if service.usable else None


ServiceData.get_inside.__annotations__["return"] = ServiceInside


def shown(rows: QuerySet[SharedService]) -> QuerySet[SharedService]:
    return rows.select_related("organisation", "unit", "place__municipality").prefetch_related("education_forms").defer("search_words", "organisation__loaded", "unit__loaded", "place__municipality__loaded")


class ServiceList(ListView):
    """Shared services: facilities, staff and courses that organisations offer to each other."""

    # Without a key the last seven are refused: they ask for what is told to those only to whom a service is offered.
    filters, serializer_class = ServiceFilterSet, ServiceData

    def get_queryset(self) -> QuerySet[SharedService]:
        self.acting: Acting = reads_as(self.request.auth)
        self.offered = read_offered(self.acting)
        return shown(readable_services(self.request.auth, self.offered.chosen))

    def filterset(self, rows: QuerySet) -> OpenFilterSet:
        data = self.request.query_params
        if not self.acting and (wrong := [name for name in data if name in ServiceFilterSet.base_filters and name not in OpenFilterSet.base_filters]):
            raise exceptions.NotAuthenticated(wrong)
        return catalogue_filter(self.acting, data, rows, catalogue_choices(self.acting, self.offered))


class ServiceDetail(DetailView):
    """One shared service."""

    serializer_class = ServiceData

    def find(self) -> SharedService:
        found = shown(readable_services(self.request.auth)).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class RunData(serializers.Serializer):
    id = serializers.IntegerField()
    service = serializers.IntegerField(source="service_id")
    name = serializers.CharField(allow_blank=True)
    course = serializers.CharField(source="service.name")
    organisation = NamedCode(source="service.organisation")
    kind = serializers.ChoiceField(CourseKind.choices)
    kind_label = Label("kind")
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    timetable = serializers.CharField(allow_blank=True)
    weekly_hours = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    delivery = serializers.ChoiceField(Delivery.choices)
    municipality = serializers.CharField(source="place.municipality.code", default=None, allow_null=True)
    seats = serializers.IntegerField()
    taken = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Entries on the waiting list.")
    enrol_by = serializers.DateField()
    entry = serializers.ChoiceField(Entry.choices)
    called_off = serializers.SerializerMethodField()
    is_demo = serializers.BooleanField(help_text="Invented, for showing the portal.")

    def get_called_off(self, run: CourseRun) -> bool:
        return run.called_off_at is not None


class OfferedRuns:
    """Runs of courses that are offered to the key's organisation; nobody else reads any."""

    request: Any

    def runs(self) -> QuerySet[CourseRun]:
        reader: Reader | None = self.request.auth
        if reader is None:
            raise exceptions.NotAuthenticated
        if not reader.reads(ApiScope.OFFERED):
            raise exceptions.PermissionDenied
        services = readable_services(reader).filter(usable=True, kind=ServiceKind.COURSE)
        return with_taken(CourseRun.objects.filter(service__in=services.values("pk"))).select_related("service__organisation", "place__municipality")


class RunList(OfferedRuns, ListView):
    """Course runs; needs a key that reads what is offered to the organisation."""

    serializer_class = RunData

    def get_queryset(self) -> QuerySet[CourseRun]:
        return self.runs()


class RunDetail(OfferedRuns, DetailView):
    """One course run; needs a key that reads what is offered to the organisation."""

    serializer_class = RunData

    def find(self) -> CourseRun:
        found = self.runs().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found
