"""The three short steps of an offer: what it is, what is booked and where, for whom and how. Each is saved as it is left."""
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.forms.editing import TELEPHONE, TEXT_LENGTH, LinesField, sentence_case, version_field
from pilots.models import Membership
from pilots.queries.network import areas_in_order, education_forms
from services.choices import Audience, BookingMode, Delivery, PriceBasis, ResourceKind, ServiceKind, ServiceLanguage
from services.forms.fields import RowsField
from services.forms.times import HourField
from services.models import SharedService
from services.queries.catalogue import municipalities_to_choose
from services.queries.offering import models_near, municipalities_of_network, organisations_of_network, own_contacts, own_places, own_resources, own_units

NEW = "new"
YES_NO = [("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))]
# One row of hours each: most places are open alike from Monday to Friday. Other hours are given on the resource's own page.
DAYS = (("week", (1, 2, 3, 4, 5), _("Monday to Friday")), ("saturday", (6,), _("Saturday")), ("sunday", (7,), _("Sunday")))


@dataclass(frozen=True)
class Group:
    """Fields under a legend; those of something new, or of a long list, folded away until they are wanted or wrong."""

    legend: str
    fields: list[forms.BoundField]
    choice: forms.BoundField | None = None
    details: str = ""
    is_open: bool = False
    lists: list[forms.BoundField] = field(default_factory=list)


def text(label, length: int = 200, *, language: str = "", **options) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, widget=forms.TextInput(attrs={"lang": language} if language else {}), **{"required": False} | options)


def lines(label, language: str, **options) -> LinesField:
    return LinesField(label=label, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4, "lang": language}), **{"required": False} | options)


def yes_no(label) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=YES_NO, required=False, coerce=lambda value: value == "yes", empty_value=None)


class WhatForm(forms.Form):
    version = version_field()
    kind = forms.ChoiceField(label=_("What do you offer?"), choices=sentence_case(ServiceKind), widget=forms.RadioSelect, error_messages={"required": _("Choose what you offer.")})
    name_fi = text(_("Name in Finnish"), language="fi", required=True, error_messages={"required": _("Give it a name, for example “Wood workshop”.")})
    name_sv = text(_("Name in Swedish"), language="sv")
    description_fi = lines(_("Description in Finnish"), "fi", required=True, help_text=_("What it is and what it suits, in a few sentences."), error_messages={"required": _("Write at least a sentence.")})
    description_sv = lines(_("Description in Swedish"), "sv")
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=None, required=False, empty_label=_("The organisation itself"))
    education_forms = RowsField(label=_("Forms of education"))
    languages = forms.MultipleChoiceField(label=_("Languages"), choices=sentence_case(ServiceLanguage), required=False, widget=forms.CheckboxSelectMultiple)
    delivery = forms.ChoiceField(label=_("Way"), choices=sentence_case(Delivery), initial=Delivery.CONTACT, widget=forms.RadioSelect)
    subjects_fi = text(_("Subjects or fields, in Finnish"), language="fi")
    subjects_sv = text(_("Subjects or fields, in Swedish"), language="sv")

    FIELDS = ("kind", "name_fi", "name_sv", "description_fi", "description_sv", "unit", "education_forms", "languages", "delivery", "subjects_fi", "subjects_sv")

    def __init__(self, *args, by: Membership, service: SharedService | None, **kwargs) -> None:
        initial = {"version": 0, "languages": ["fi"]}
        if service:
            initial = {name: getattr(service, name) for name in self.FIELDS if name != "education_forms"} | {"version": service.version, "education_forms": list(service.education_forms.values_list("pk", flat=True))}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["unit"].queryset = own_units(by.organisation)
        self.fields["education_forms"].queryset = education_forms()
        self.fields["unit"].label_from_instance = self.fields["education_forms"].label_from_instance = lambda one: one.name


class PlaceForm(forms.Form):
    """A place; as a part of the second step its fields may be left empty."""

    version = version_field()
    place_name_fi = text(_("Name of the place in Finnish"), language="fi", help_text=_("For example the name of the school."))
    place_name_sv = text(_("Name of the place in Swedish"), language="sv")
    street_address = text(_("Street address"), 150)
    postal_code = forms.RegexField(label=_("Postal code"), regex=r"^\d{5}$", required=False, error_messages={"invalid": _("A postal code has five digits.")})
    municipality = forms.ModelChoiceField(label=_("Municipality"), queryset=None, required=False, empty_label=_("Choose"))
    step_free = yes_no(_("Step-free entrance"))
    accessible_toilet = yes_no(_("Accessible toilet"))
    lift = yes_no(_("Lift to every floor in use"))
    induction_loop = yes_no(_("Induction loop"))
    access_note_fi = text(_("How to get in, in Finnish"), 300, language="fi")
    access_note_sv = text(_("How to get in, in Swedish"), 300, language="sv")

    NEEDED = {"place_name_fi": _("Give the place a name."), "street_address": _("Give the street address."), "municipality": _("Choose the municipality.")}
    FLAGS = ("step_free", "accessible_toilet", "lift", "induction_loop")
    PLACE = ("place_name_fi", "place_name_sv", "street_address", "postal_code", "municipality", *FLAGS, "access_note_fi", "access_note_sv")

    def __init__(self, *args, place=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = municipalities_to_choose()
        for name in self.NEEDED:
            self.fields[name].needed_when = "place"
        if place:
            self.initial["version"] = place.version
            for name in self.PLACE:
                value = getattr(place, name.removeprefix("place_"))
                self.initial[name] = {True: "yes", False: "no", None: ""}[value] if name in self.FLAGS else value

    def clean(self) -> dict:
        data = super().clean()
        if self.asks_place():
            for name, message in self.NEEDED.items():
                if name not in self.errors and not data.get(name):
                    self.add_error(name, message)
        return data

    def asks_place(self) -> bool:
        return True

    def place_values(self) -> dict:
        return {name.removeprefix("place_"): self.cleaned_data[name] for name in self.PLACE}


class WhereForm(PlaceForm):
    """An own place and resource are chosen, or a new one of each is made with the fields below."""

    place = forms.TypedChoiceField(label=_("Place"), required=False)
    resource = forms.TypedChoiceField(label=_("What is booked"), required=False)
    resource_kind = forms.ChoiceField(label=_("Who is lent?"), required=False, choices=[(ResourceKind.PERSON, _("A named person")), (ResourceKind.POST, _("A post, whoever holds it"))], initial=ResourceKind.POST, widget=forms.RadioSelect)
    resource_name_fi = text(_("Its name in Finnish"), language="fi", help_text=_("For example “Wood workshop 2” or “Teacher of Swedish”."))
    resource_name_sv = text(_("Its name in Swedish"), language="sv")
    weekly_hours = forms.DecimalField(label=_("Hours lent in a week"), required=False, min_value=0, max_value=60, max_digits=4, decimal_places=1, localize=True)
    capacity = forms.IntegerField(label=_("Room for how many people"), required=False, min_value=1, max_value=100_000)
    equipment_fi = text(_("Equipment, in Finnish"), 500, language="fi")
    equipment_sv = text(_("Equipment, in Swedish"), 500, language="sv")
    mode = forms.ChoiceField(label=_("How is it booked?"), required=False, choices=sentence_case(BookingMode), initial=BookingMode.ON_REQUEST, widget=forms.RadioSelect, help_text=_("Choose “booked at once” only when nobody books it anywhere else."))

    def __init__(self, *args, by: Membership, service: SharedService, **kwargs) -> None:
        initial = {"version": service.version, "place": service.place_id or "", "resource": service.resource_id or ""}
        super().__init__(*args, initial=initial, **kwargs)
        self.kind = service.kind
        self.places = {str(one.pk): one for one in own_places(by.organisation)}
        self.resources = {str(one.pk): one for one in own_resources(by.organisation, service.kind)} if self.is_booked else {}
        nowhere = [("", _("No place, for example given remotely"))] if service.kind != ServiceKind.FACILITY else []
        self.fields["place"].choices = [*nowhere, *((pk, f"{one.name}, {one.municipality.name}") for pk, one in self.places.items()), (NEW, _("A new place"))]
        self.fields["resource"].choices = [*((pk, one.name) for pk, one in self.resources.items()), (NEW, _("A new one"))]
        if not self.initial["place"] and not nowhere:
            self.initial["place"] = next(iter(self.places), NEW)
        self.initial["resource"] = self.initial["resource"] or NEW
        for name, _numbers, label in DAYS:
            for end, words in (("opens", _("%(days)s, from")), ("closes", _("%(days)s, until"))):
                self.fields[f"{name}_{end}"] = HourField(label=words % {"days": label}, required=False)
        for name in ("resource", "resource_kind", "resource_name_fi", "weekly_hours", "mode", "place"):
            self.fields[name].needed_when = "resource"
        left_out = {ServiceKind.FACILITY: ("resource_kind", "weekly_hours"), ServiceKind.STAFF: ("capacity", "equipment_fi", "equipment_sv"), ServiceKind.COURSE: ("resource", *self.of_resource())}
        for name in left_out[service.kind]:
            del self.fields[name]

    @property
    def is_booked(self) -> bool:
        return self.kind != ServiceKind.COURSE

    @staticmethod
    def of_resource() -> tuple[str, ...]:
        hours = tuple(f"{name}_{end}" for name, *_rest in DAYS for end in ("opens", "closes"))
        return ("resource_kind", "resource_name_fi", "resource_name_sv", "weekly_hours", "capacity", "equipment_fi", "equipment_sv", "mode", *hours)

    def asks_place(self) -> bool:
        return self.cleaned_data.get("place") == NEW

    @property
    def makes_resource(self) -> bool:
        return self.is_booked and self.cleaned_data.get("resource") in (NEW, "")

    def clean(self) -> dict:
        data = super().clean()
        if not self.makes_resource:
            return data
        if not data.get("resource_name_fi") and "resource_name_fi" not in self.errors:
            self.add_error("resource_name_fi", _("Give what is booked a name."))
        if self.kind == ServiceKind.STAFF and not data.get("weekly_hours") and "weekly_hours" not in self.errors:
            self.add_error("weekly_hours", _("Say how many hours a week are lent."))
        for name, *_rest in DAYS:
            opens, closes = data.get(f"{name}_opens"), data.get(f"{name}_closes")
            if (opens is None) != (closes is None):
                self.add_error(f"{name}_closes", _("Give both times, or neither when it is closed."))
            elif opens is not None and closes != time(0) and closes <= opens:
                self.add_error(f"{name}_closes", _("The closing time must be after the opening time."))
        if data.get("mode") == BookingMode.AT_ONCE and not self.hours():
            self.add_error("mode", _("Give the opening hours as well: without them it is booked on request."))
        return data

    def shown_groups(self) -> list[Group]:
        of_resource = [self[name] for name in self.of_resource() if name in self.fields]
        of_place = [self[name] for name in self.PLACE]
        groups = [Group(str(_("Where")), of_place, self["place"], str(_("A new place")), self["place"].value() == NEW or any(one.errors for one in of_place))]
        if self.is_booked:
            groups.append(Group(str(_("What is booked")), of_resource, self["resource"], str(_("A new one")), self["resource"].value() == NEW or any(one.errors for one in of_resource)))
        return groups

    def hours(self) -> dict[int, tuple[time, time]]:
        given = ((numbers, self.cleaned_data.get(f"{name}_opens"), self.cleaned_data.get(f"{name}_closes")) for name, numbers, _label in DAYS)
        return {number: (opens, closes) for numbers, opens, closes in given if opens is not None and closes is not None for number in numbers}

    def resource_values(self) -> dict:
        data = self.cleaned_data
        minutes = int(data["weekly_hours"] * 60) if self.kind == ServiceKind.STAFF else None
        kind = (data["resource_kind"] or ResourceKind.POST) if self.kind == ServiceKind.STAFF else ResourceKind.SPACE
        return {
            "kind": kind, "name_fi": data["resource_name_fi"], "name_sv": data["resource_name_sv"], "weekly_minutes": minutes, "capacity": data.get("capacity"),
            "equipment_fi": data.get("equipment_fi", ""), "equipment_sv": data.get("equipment_sv", ""), "mode": data["mode"] or BookingMode.ON_REQUEST,
        }  # fmt: skip


class TermsForm(forms.Form):
    version = version_field()
    audience = forms.ChoiceField(label=_("Who may use it?"), choices=sentence_case(Audience), widget=forms.RadioSelect)
    for_areas = RowsField(label=_("Pilot areas"))
    for_municipalities = RowsField(label=_("Municipalities"))
    for_organisations = RowsField(label=_("Organisations"))
    shown_outside = forms.BooleanField(label=_("Everybody may see that it exists (name, kind, provider and municipality)"), required=False)
    cooperation_models = RowsField(label=_("Cooperation models"), help_text=_("Those of your areas and those in which you are a partner. The service is shown on their pages."))
    target_groups_fi = text(_("For whom, in Finnish"), language="fi", help_text=_("For example “adults in basic education”."))
    target_groups_sv = text(_("For whom, in Swedish"), language="sv")
    price_basis = forms.ChoiceField(label=_("Price"), choices=sentence_case(PriceBasis), widget=forms.RadioSelect)
    price = forms.DecimalField(label=_("Price in euros"), required=False, min_value=0, max_digits=9, decimal_places=2, localize=True, help_text=_("Needed unless it is free of charge or agreed each time."))
    conditions_fi = lines(_("Conditions of use, in Finnish"), "fi")
    conditions_sv = lines(_("Conditions of use, in Swedish"), "sv")
    contact = forms.ModelChoiceField(label=_("Contact person"), queryset=None, required=False, empty_label=_("Nobody in particular"))
    contact_email = forms.EmailField(label=_("E-mail for questions"), max_length=254, required=False)
    contact_phone = forms.CharField(label=_("Telephone for questions"), max_length=40, required=False, validators=[TELEPHONE], widget=forms.TextInput(attrs={"type": "tel"}))
    check_by = DayField(label=_("Check by"), help_text=_("On this day the portal asks you whether all of it is still right, for example 3.2.2027."))

    LISTS = ("for_areas", "for_municipalities", "for_organisations")
    MODELS = ("cooperation_models",)
    GROUPS = (
        (_("For whom"), ("audience", "shown_outside", "target_groups_fi", "target_groups_sv"), LISTS),
        (_("Price and conditions"), ("price_basis", "price", "conditions_fi", "conditions_sv"), ()),
        (_("Questions"), ("contact", "contact_email", "contact_phone", "check_by"), ()),
        (_("Part of"), (), MODELS),
    )

    def __init__(self, *args, by: Membership, service: SharedService, **kwargs) -> None:
        lists = (*self.LISTS, *self.MODELS)
        plain = [name for name in self.base_fields if name not in lists]
        initial = {name: getattr(service, name) for name in plain} | {name: list(getattr(service, name).values_list("pk", flat=True)) for name in lists}
        if not service.contact_id and not service.contact_email and not service.contact_phone:
            initial["contact_email"] = by.user.email
        super().__init__(*args, initial=initial, **kwargs)
        for name in ("price", *self.LISTS):
            self.fields[name].needed_when = "price_basis" if name == "price" else "audience"
        self.fields["for_areas"].queryset = areas_in_order()
        self.fields["for_municipalities"].queryset = municipalities_of_network(service)
        self.fields["for_organisations"].queryset = organisations_of_network(service)
        self.fields["cooperation_models"].queryset = models_near(service)
        self.fields["contact"].queryset = own_contacts(by.organisation)
        self.fields["contact"].label_from_instance = lambda one: one.name

    def shown_groups(self) -> list[Group]:
        return [Group(str(legend), [self[name] for name in names], lists=[self[name] for name in lists]) for legend, names, lists in self.GROUPS]

    def clean(self) -> dict:
        data = super().clean()
        needs = data.get("price_basis") not in (PriceBasis.FREE, PriceBasis.AGREED)
        if needs and data.get("price") is None and "price" not in self.errors:
            self.add_error("price", _("Give the price in euros."))
        if not needs and data.get("price") is not None:
            self.add_error("price", _("Leave the price empty, or choose what it is counted by."))
        return data


class CheckForm(forms.Form):
    """“Still right”: the day by which it is looked at next."""

    version = version_field()
    check_by = DayField(label=_("Check again by"))

    @staticmethod
    def likely_day() -> date:
        return timezone.localdate() + timedelta(days=365)


class VersionForm(forms.Form):
    version = version_field()
