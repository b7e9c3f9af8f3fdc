"""Filters of the lists: coded values and a word, by GET alone, so that an address can be shared.

A value that a filter does not know leaves the list as it is and is named in a message; it is never an error page.
Choices that come from the database are given by the view, which has read them for the page already.
"""
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import django_filters as filters
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils import timezone
from django.utils.choices import BaseChoiceIterator
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pilots.choices import ContactTask, LanguageStatus, OrganisationKind, Participation
from pilots.models import AreaMembership, Contact, EducationForm, Municipality, MunicipalityRegion, Organisation, PilotArea, Region, Unit
from pilots.queries.network import UNIT, areas_in_order, shown_as_members
from pilots.words import matching

LONGEST_WORD = 200
# Some kilobytes each: every list without filters in three languages, and what was asked for last.
MOST_DRAWN = 128

FINNISH, SWEDISH, ENGLISH = "fi", "sv", "en"
LANGUAGE_CHOICES = [(FINNISH, _("Finnish")), (SWEDISH, _("Swedish"))]
# A bilingual municipality serves in both of its languages.
STATUSES_WITH = {
    FINNISH: [LanguageStatus.FINNISH, LanguageStatus.FINNISH_MAJORITY, LanguageStatus.SWEDISH_MAJORITY],
    SWEDISH: [LanguageStatus.SWEDISH, LanguageStatus.FINNISH_MAJORITY, LanguageStatus.SWEDISH_MAJORITY],
}


@dataclass(frozen=True)
class Chip:
    label: str
    url: str


def address_without(data: QueryDict, *names: str) -> str:
    """The address of the list's first page with fewer filters."""
    query = data.copy()
    for name in (*names, "page", "before", "after"):
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else "?"


class _Filters(dict):
    """Copied filter by filter, and not with all that they hold, which is never changed but for their choices: it took a tenth of a list's time."""

    def __deepcopy__(self, memo: dict) -> dict:
        copies = {name: copy(one) for name, one in self.items()}
        for one in copies.values():
            one.extra = dict(one.extra)
            # Binds the method to the copy.
            one.method = one.method
        return copies


class ListFilterSet(filters.FilterSet):
    """A set of filters that can be taken off one by one."""

    def __init__(self, data: QueryDict, queryset: QuerySet, **choices: Iterable[tuple[str, str]]):
        self.base_filters = _Filters(type(self).base_filters)
        super().__init__(data, queryset=queryset)
        self.given_choices = tuple((name, tuple(pairs)) for name, pairs in choices.items())
        for name, pairs in self.given_choices:
            self.filters[name].extra["choices"] = Kept(pairs)

    def fields(self) -> SafeString:
        """The fields as they are drawn, with their values and what is wrong with them."""
        written = tuple((name, self.data[name]) for name in self.filters if name in self.data)
        return _drawn_fields(type(self), written, self.given_choices, get_language())

    def chips(self) -> list[Chip]:
        """One for each filter that is on, with the address that takes it off; one whose value is not known is said to be out of use."""
        return [Chip(self._words(name, field), address_without(self.data, name)) for name, field in self.form.fields.items() if self.data.get(name)]

    def clear_url(self) -> str:
        return address_without(self.data, *self.form.fields) if self.chips() else ""

    def _words(self, name: str, field: forms.Field) -> str:
        value = self.form.cleaned_data.get(name) if self.form.is_valid() or name in self.form.cleaned_data else None
        if value is None:
            return gettext("%(filter)s: not in use") % {"filter": field.label}
        if isinstance(value, date):
            value = date_format(value, "SHORT_DATE_FORMAT")
        return f"{field.label}: {dict(getattr(field, 'choices', [])).get(value, value)}"


@lru_cache(maxsize=MOST_DRAWN)
def _drawn_fields(kind: type[ListFilterSet], written: tuple[tuple[str, str], ...], choices: tuple, language: str) -> SafeString:
    """All that the fields of a list follow from is given, so the same ones are drawn once: they were a sixth of a page's time."""
    data = QueryDict(mutable=True)
    data.update(dict(written))
    form = kind(data, kind._meta.model.objects.none(), **dict(choices)).form
    return format_html_join("", "{}", ((as_crispy_field(field),) for field in form))


class PlainSelect(forms.Select):
    """A select as Django draws it, without a template for each of its choices: twenty regions were the slowest part of a page."""

    def render(self, name: str, value: object, attrs: dict | None = None, renderer: object = None) -> SafeString:
        selected = set(self.format_value(value))
        options = ((choice, label, " selected" if str(choice) in selected else "") for choice, label in self.choices)
        rows = format_html_join("\n", '<option value="{}"{}>{}</option>', ((choice, mark, label) for choice, label, mark in options))
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs({**self.attrs, "name": name}, attrs)), rows)


class Kept(BaseChoiceIterator):
    """Choices that are what they are: a list of them is copied and looked through, choice by choice, several times for each page."""

    def __init__(self, choices: Iterable[tuple[str, str]]) -> None:
        self.pairs = tuple(choices)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __deepcopy__(self, memo: dict) -> "Kept":
        return self


def word_filter(label: str) -> filters.CharFilter:
    return filters.CharFilter(
        label=label,
        method="by_word",
        max_length=LONGEST_WORD,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


def choice_filter(label: str, choices: Iterable = (), **options) -> filters.ChoiceFilter:
    return filters.ChoiceFilter(label=label, choices=Kept(choices), empty_label=_("All"), widget=PlainSelect, **options)


def place_filter() -> filters.CharFilter:
    """By the code of a municipality, from an address that a page made; no field of the form asks for it."""
    return filters.CharFilter(label=_("Municipality"), method="by_place", max_length=3, widget=forms.HiddenInput)


def named(things: Iterable[Region | EducationForm | PilotArea], code: str) -> list[tuple[str, str]]:
    """Choices out of things with a name."""
    return [(getattr(thing, code), thing.name) for thing in things]


def region_today(region_code: str) -> QuerySet[MunicipalityRegion]:
    return MunicipalityRegion.objects.on(timezone.localdate()).filter(region__code=region_code)


class AreaFilterSet(ListFilterSet):
    """Areas by what their members are."""

    q = word_filter(_("Name of an area or member"))
    region = choice_filter(_("Region"), method="by_region")
    form = choice_filter(_("Form of education"), method="by_form")
    kind = choice_filter(_("Kind of member"), [*OrganisationKind.choices, (UNIT, _("unit of an organisation"))], method="by_kind")
    language = choice_filter(_("Language"), LANGUAGE_CHOICES, method="by_language")
    participation = choice_filter(_("Takes part"), Participation.choices, method="by_participation")

    class Meta:
        model = PilotArea
        fields: list[str] = []

    def by_word(self, areas: QuerySet, name: str, value: str) -> QuerySet:
        return areas.filter(matching(value) | self._with(matching(value, "organisation__search_words") | matching(value, "unit__search_words")))

    def by_region(self, areas: QuerySet, name: str, value: str) -> QuerySet:
        return areas.filter(self._with(Q(organisation__municipality__in=region_today(value).values("municipality"), organisation__kind=OrganisationKind.MUNICIPALITY)))

    def by_form(self, areas: QuerySet, name: str, value: str) -> QuerySet:
        given = Organisation.objects.filter(education_forms__code=value), Unit.objects.filter(education_forms__code=value)
        return areas.filter(self._with(Q(organisation__in=given[0]) | Q(unit__in=given[1])))

    def by_kind(self, areas: QuerySet, name: str, value: str) -> QuerySet:
        return areas.filter(self._with(Q(unit__isnull=False) if value == UNIT else Q(organisation__kind=value)))

    def by_language(self, areas: QuerySet, name: str, value: str) -> QuerySet:
        return areas.filter(self._with(Q(organisation__kind=OrganisationKind.MUNICIPALITY, organisation__municipality__language_status__in=STATUSES_WITH[value])))

    def by_participation(self, areas: QuerySet, name: str, value: str) -> QuerySet:
        return areas.filter(self._with(Q(participation=value)))

    @staticmethod
    def _with(condition: Q) -> Exists:
        """Areas one of whose members meets the condition."""
        return Exists(AreaMembership.objects.filter(shown_as_members(), condition, area=OuterRef("pk")))


class MunicipalityFilterSet(ListFilterSet):
    IN, NOT_IN = "in", "not_in"
    TODAY, ENDED = "today", "ended"

    q = word_filter(_("Name or code"))
    region = choice_filter(_("Region"), method="by_region")
    language = choice_filter(_("Language"), LanguageStatus.choices, field_name="language_status")
    kopa = choice_filter(
        _("Takes part in KOPA"),
        [(IN, _("takes part")), (Participation.DIRECT, _("takes part directly")), (Participation.THROUGH, _("takes part through another body")), (NOT_IN, _("does not take part"))],
        method="by_participation",
    )
    state = choice_filter(_("Municipality today"), [(TODAY, _("exists today")), (ENDED, _("has become part of another"))], method="by_state")

    class Meta:
        model = Municipality
        fields: list[str] = []

    def by_word(self, municipalities: QuerySet, name: str, value: str) -> QuerySet:
        return municipalities.filter(matching(value) | Q(code=value.strip()))

    def by_region(self, municipalities: QuerySet, name: str, value: str) -> QuerySet:
        return municipalities.filter(Exists(region_today(value).filter(municipality=OuterRef("pk"))))

    def by_participation(self, municipalities: QuerySet, name: str, value: str) -> QuerySet:
        rows = AreaMembership.objects.filter(
            shown_as_members(), organisation__municipality=OuterRef("pk"), organisation__kind=OrganisationKind.MUNICIPALITY
        )
        if value == self.NOT_IN:
            return municipalities.filter(~Exists(rows))
        return municipalities.filter(Exists(rows if value == self.IN else rows.filter(participation=value)))

    def by_state(self, municipalities: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        return municipalities.on(today) if value == self.TODAY else municipalities.filter(valid_to__lte=today)


class OrganisationFilterSet(ListFilterSet):
    ANY = "any"

    q = word_filter(_("Name of an organisation or of its unit"))
    kind = choice_filter(_("Kind"), OrganisationKind.choices)
    form = choice_filter(_("Form of education"), method="by_form")
    language = choice_filter(_("Language"), LANGUAGE_CHOICES, method="by_language")
    area = choice_filter(_("Member of the area"), method="by_area")
    # Where a figure of a municipality leads; nobody is asked for it.
    place = place_filter()

    class Meta:
        model = Organisation
        fields: list[str] = []

    def by_word(self, organisations: QuerySet, name: str, value: str) -> QuerySet:
        return organisations.filter(matching(value) | Q(pk__in=Unit.objects.filter(matching(value)).values("owner")))

    def by_form(self, organisations: QuerySet, name: str, value: str) -> QuerySet:
        own = Organisation.objects.filter(education_forms__code=value).values("pk")
        return organisations.filter(Q(pk__in=own) | Q(pk__in=Unit.objects.filter(education_forms__code=value).values("owner")))

    def by_language(self, organisations: QuerySet, name: str, value: str) -> QuerySet:
        """An organisation's own status, or that of the municipality which it is."""
        of_municipality = Q(kind=OrganisationKind.MUNICIPALITY, municipality__language_status__in=STATUSES_WITH[value])
        return organisations.filter(Q(language_status__in=STATUSES_WITH[value]) | of_municipality)

    def by_area(self, organisations: QuerySet, name: str, value: str) -> QuerySet:
        """Members of the area themselves or through a unit of theirs."""
        area = Q(area__in=areas_in_order().values("pk")) if value == self.ANY else Q(area__slug=value)
        rows = AreaMembership.objects.filter(shown_as_members(), area)
        return organisations.filter(Q(pk__in=rows.filter(unit=None).values("organisation")) | Q(pk__in=rows.filter(organisation=None).values("unit__owner")))

    def by_place(self, organisations: QuerySet, name: str, value: str) -> QuerySet:
        """Those whose home municipality it is."""
        return organisations.filter(municipality__code=value)


class ContactFilterSet(ListFilterSet):
    task = choice_filter(_("What is it about?"), ContactTask.choices)
    language = choice_filter(_("Language of service"), [*LANGUAGE_CHOICES, (ENGLISH, _("English"))], method="by_language")
    area = choice_filter(_("Pilot area"), field_name="area__slug")

    class Meta:
        model = Contact
        fields: list[str] = []

    def by_language(self, contacts: QuerySet, name: str, value: str) -> QuerySet:
        field = {FINNISH: "speaks_finnish", SWEDISH: "speaks_swedish", ENGLISH: "speaks_english"}[value]
        return contacts.filter(**{field: True})
