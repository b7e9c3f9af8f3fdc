"""Filters of the catalogue, of one's own offers and of bookings: coded values and a word, by GET alone, so that an address can be shared.

Of a service that is not offered to the reader's organisation only its name, kind, provider and place are known: the
other filters and the words of its description do not find it.
"""
from collections.abc import Iterable
from datetime import date, datetime, time

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from pilots.filters import ListFilterSet, PlainSelect, choice_filter, named, word_filter
from pilots.forms.days import DayField
from pilots.models import AreaMembership, Organisation
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from pilots.words import matching
from services.actions.finding import tell_of_new_services
from services.choices import AgreementState, BookingState, Delivery, LendingForm, NeedState, Publication, ServiceKind, ServiceLanguage, Weekday
from services.models import Agreement, Booking, Need, Place, SavedSearch, SharedService
from services.queries.catalogue import municipalities_within
from services.queries.free_time import LONGEST_PERIOD, Wanted, with_free_time
from services.queries.listed import Choice, Offered, holding, read_offered

FREE = ("free_until", "weekday", "from_hour", "to_hour", "hours")
KNOWN_INSIDE = ("form", "language", "delivery", "free_from")
HOURS_OF_A_DAY = [(str(hour), f"{hour}.00") for hour in range(6, 24)]


class FindingForm(forms.Form):
    def clean(self) -> dict:
        data = super().clean()
        if data.get("within") and not data.get("near"):
            self.add_error("near", _("Choose the municipality from which the distance is counted."))
        if any(data.get(name) for name in FREE) and not data.get("free_from") and "free_from" not in self.errors:
            self.add_error("free_from", _("Give the first day on which it should be free."))
        first, last = data.get("free_from"), data.get("free_until")
        if first and last and last < first:
            self.add_error("free_until", _("The last day must not be before the first."))
        elif first and last and last - first > LONGEST_PERIOD:
            self.add_error("free_until", _("Give at most a month at a time."))
        if data.get("from_hour") and data.get("to_hour") and int(data["to_hour"]) <= int(data["from_hour"]):
            self.add_error("to_hour", _("The end must be after the start."))
        return data


class DayFilter(filters.Filter):
    field_class = DayField


class CountFilter(filters.Filter):
    field_class = forms.IntegerField


class OpenFilterSet(ListFilterSet):
    """For readers without an organisation: what everybody may know."""

    q = word_filter(_("Word, for example a subject or a room"))
    kind = choice_filter(_("Kind"), ServiceKind.choices)
    area = choice_filter(_("Offered in the area"), method="by_area")
    near = choice_filter(_("Near the municipality"), method="by_distance", help_text=_("What is given remotely is in reach everywhere."))
    within = filters.ChoiceFilter(
        label=_("How far"),
        choices=[("25", _("25 km")), ("50", _("50 km")), ("100", _("100 km")), ("200", _("200 km"))],
        empty_label=_("In the municipality itself"), widget=PlainSelect, method="with_near", help_text=_("As the crow flies."),
    )  # fmt: skip

    # Where a figure leads, which is the same for every reader; nobody is asked for it.
    shown = filters.ChoiceFilter(label=_("Shown to"), choices=[("everyone", _("everyone"))], widget=forms.HiddenInput, method="by_showing")
    # Where a point of the map leads; nobody is asked for it.
    at = filters.ChoiceFilter(label=_("Municipality"), choices=[], widget=forms.HiddenInput, method="by_municipality")

    class Meta:
        model = SharedService
        form = FindingForm
        fields: list[str] = []

    def __init__(self, *args, municipalities: Iterable[Choice] = (), **choices) -> None:
        self.municipalities = list(municipalities)
        choices.setdefault("near", [(one.code, one.name) for one in self.municipalities])
        choices.setdefault("at", choices["near"])
        super().__init__(*args, **choices)

    def by_word(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(holding(value))

    def by_area(self, services: QuerySet, name: str, value: str) -> QuerySet:
        """Of organisations that belong to the area themselves or through a unit of theirs."""
        rows = AreaMembership.objects.filter(shown_as_members(), area__slug=value)
        return services.filter(Q(organisation__in=rows.filter(unit=None).values("organisation")) | Q(organisation__in=rows.filter(organisation=None).values("unit__owner")))

    def by_distance(self, services: QuerySet, name: str, value: str) -> QuerySet:
        codes = set(municipalities_within(self.municipalities, value, int(self.form.cleaned_data.get("within") or 0)))
        return services.filter(self.lies_in(codes) | Q(usable=True, delivery=Delivery.REMOTE))

    def with_near(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services

    def by_showing(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(shown_outside=True)

    def by_municipality(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(self.lies_in({value}))

    def lies_in(self, codes: set[str]) -> Q:
        """By the place; what has none lies where its provider does."""
        here = [one.pk for one in self.municipalities if one.code in codes]
        places, organisations = Place.objects.filter(municipality__in=here), Organisation.objects.filter(municipality__in=here)
        return Q(place__in=places.values("pk")) | Q(place=None, organisation__in=organisations.values("pk"))


class ServiceFilterSet(OpenFilterSet):
    """For the people of an organisation: also by what only those who may use a service know of it."""

    form = choice_filter(_("Form of education"), method="by_form")
    language = choice_filter(_("Language"), ServiceLanguage.choices, method="by_language")
    delivery = choice_filter(_("Way"), Delivery.choices, method="by_delivery")
    # The last ones: what is free is asked only of what the others have found.
    free_from = DayFilter(label=_("Free from the day"), method="by_free_time")
    free_until = DayFilter(label=_("Free until the day"), method="with_free_from", help_text=_("At most a month later. Leave empty for one day."))
    weekday = choice_filter(_("Only on the weekday"), Weekday.choices, method="with_free_from")
    from_hour = choice_filter(_("Not before"), HOURS_OF_A_DAY, method="with_free_from")
    to_hour = choice_filter(_("Not after"), HOURS_OF_A_DAY, method="with_free_from")
    hours = CountFilter(
        label=_("Hours free, at least"), min_value=1, max_value=744, method="with_free_from", widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("In all, over the days. A course is found when it has a seat left."),
    )  # fmt: skip

    def filter_queryset(self, services: QuerySet) -> QuerySet:
        """What only those who may use a service know of it finds no other."""
        if any(self.form.cleaned_data.get(name) for name in KNOWN_INSIDE):
            services = services.filter(usable=True)
        return super().filter_queryset(services)

    def by_form(self, services: QuerySet, name: str, value: str) -> QuerySet:
        given = SharedService.education_forms.through.objects.filter(educationform__code=value)
        return services.filter(pk__in=given.values("sharedservice"))

    def by_language(self, services: QuerySet, name: str, value: str) -> QuerySet:
        # A list of codes as JSON: each code stands between quotes, on both databases.
        return services.filter(languages__icontains=f'"{value}"')

    def by_delivery(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(delivery=value)

    def by_free_time(self, services: QuerySet, name: str, value: date) -> QuerySet:
        data = self.form.cleaned_data
        if any(name in self.form.errors for name in FREE):
            return services
        weekday, opens, closes = (int(data.get(name) or 0) for name in ("weekday", "from_hour", "to_hour"))
        wanted = Wanted(value, data.get("free_until") or value, data.get("hours") or 1, weekday or None, time(opens), time(closes))
        return with_free_time(services, wanted, timezone.now())

    def with_free_from(self, services: QuerySet, name: str, value: object) -> QuerySet:
        return services


def catalogue_choices(acting: Acting, offered: Offered | None = None) -> dict:
    """What the filters offer; one query, read once for a page or for a run of alerts."""
    offered = offered or read_offered(acting)
    choices = {"municipalities": offered.municipalities, "area": named(offered.areas, "code")}
    return choices | ({"form": named(offered.forms, "code")} if acting else {})


def catalogue_filter(acting: Acting, data: QueryDict, services: QuerySet[SharedService], choices: dict | None = None) -> OpenFilterSet:
    """The filters of the catalogue for the reader: the list, the map and saved searches find the same."""
    kind = ServiceFilterSet if acting else OpenFilterSet
    return kind(data, services, **(catalogue_choices(acting) if choices is None else choices))


def canonical_query(filterset: OpenFilterSet) -> str:
    """The address of what the filters find, with those in use only and in their own order: the same search is the same text."""
    return urlencode([(name, filterset.data[name].strip()) for name, value in filterset.form.cleaned_data.items() if value not in (None, "")]) if filterset.is_valid() else ""


def tell_of_what_is_new(now: datetime) -> int:
    """The clock's job: alerts of saved searches."""
    given: dict = {}

    def find(search: SavedSearch, services: QuerySet[SharedService]) -> QuerySet[SharedService]:
        if not given:
            given.update(catalogue_choices(search.membership))
        return catalogue_filter(search.membership, QueryDict(search.query), services, given).qs

    return tell_of_new_services(now, find)


class OwnFilterSet(ListFilterSet):
    """What one's own organisation offers, drafts and archived ones too."""

    STALE = "stale"

    q = word_filter(_("Word"))
    kind = choice_filter(_("Kind"), ServiceKind.choices)
    state = choice_filter(_("State"), Publication.choices)
    waits = choice_filter(_("Waits for you"), [(STALE, _("to be checked again"))], method="by_waiting")

    class Meta:
        model = SharedService
        fields: list[str] = []

    def by_word(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(matching(value))

    def by_waiting(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(state=Publication.PUBLIC, check_by__lt=timezone.localdate())


class BookingFilterSet(ListFilterSet):
    COMING, PAST = "coming", "past"

    state = choice_filter(_("State"), BookingState.choices)
    service = choice_filter(_("Service"), field_name="service_id")
    period = choice_filter(_("Period"), [(COMING, _("to come")), (PAST, _("over"))], method="by_period")

    class Meta:
        model = Booking
        fields: list[str] = []

    def by_period(self, bookings: QuerySet, name: str, value: str) -> QuerySet:
        now = timezone.now()
        return bookings.filter(ends_at__gte=now) if value == self.COMING else bookings.filter(ends_at__lt=now)


class NeedFilterSet(ListFilterSet):
    q = word_filter(_("Word"))
    kind = choice_filter(_("Kind"), ServiceKind.choices)
    state = choice_filter(_("State"), NeedState.choices)

    class Meta:
        model = Need
        fields: list[str] = []

    def by_word(self, needs: QuerySet, name: str, value: str) -> QuerySet:
        return needs.filter(matching(value))


class AgreementFilterSet(ListFilterSet):
    state = choice_filter(_("State"), AgreementState.choices)
    form = choice_filter(_("Form of lending"), LendingForm.choices)

    class Meta:
        model = Agreement
        fields: list[str] = []
