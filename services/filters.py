"""Filters of the catalogue, of one's own offers and of bookings: coded values and a word, by GET alone, so that an address can be shared.

Of a service that is not offered to the reader's organisation only its name, kind, provider and place are known: the
other filters and the words of its description do not find it.
"""
from collections.abc import Iterable

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pilots.filters import ListFilterSet, PlainSelect, choice_filter, word_filter
from pilots.models import AreaMembership, Municipality
from pilots.queries.network import shown_as_members
from pilots.words import matching
from services.choices import BookingState, Delivery, NeedState, Publication, ServiceKind, ServiceLanguage
from services.models import Booking, Need, SharedService
from services.queries.catalogue import municipalities_within


class NearForm(forms.Form):
    def clean(self) -> dict:
        data = super().clean()
        if data.get("within") and not data.get("near"):
            self.add_error("near", _("Choose the municipality from which the distance is counted."))
        return data


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

    class Meta:
        model = SharedService
        form = NearForm
        fields: list[str] = []

    def __init__(self, *args, municipalities: Iterable[Municipality] = (), **choices) -> None:
        self.municipalities = list(municipalities)
        choices.setdefault("near", [(one.code, one.name) for one in self.municipalities])
        super().__init__(*args, **choices)

    def by_word(self, services: QuerySet, name: str, value: str) -> QuerySet:
        text = value.strip()
        known = Q(name_fi__icontains=text) | Q(name_sv__icontains=text)
        return services.filter(Q(usable=True) & matching(value) | known | matching(value, "organisation__search_words"))

    def by_area(self, services: QuerySet, name: str, value: str) -> QuerySet:
        """Of organisations that belong to the area themselves or through a unit of theirs."""
        rows = AreaMembership.objects.filter(shown_as_members(), area__slug=value)
        return services.filter(Q(organisation__in=rows.filter(unit=None).values("organisation")) | Q(organisation__in=rows.filter(organisation=None).values("unit__owner")))

    def by_distance(self, services: QuerySet, name: str, value: str) -> QuerySet:
        """By the place; what has none lies where its provider does."""
        codes = municipalities_within(self.municipalities, value, int(self.form.cleaned_data.get("within") or 0))
        here = Q(place__municipality__code__in=codes) | Q(place=None, organisation__municipality__code__in=codes)
        return services.filter(here | Q(usable=True, delivery=Delivery.REMOTE))

    def with_near(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services


class ServiceFilterSet(OpenFilterSet):
    form = choice_filter(_("Form of education"), method="by_form")
    language = choice_filter(_("Language"), ServiceLanguage.choices, method="by_language")
    delivery = choice_filter(_("Way"), Delivery.choices, method="by_delivery")

    def by_form(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(usable=True, education_forms__code=value)

    def by_language(self, services: QuerySet, name: str, value: str) -> QuerySet:
        # A list of codes as JSON: each code stands between quotes, on both databases.
        return services.filter(usable=True, languages__icontains=f'"{value}"')

    def by_delivery(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(usable=True, delivery=value)


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
