"""A need, and the answer of who can help."""
import uuid
from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.forms.editing import LinesField, sentence_case, version_field
from pilots.models import Membership
from pilots.queries.network import areas_in_order, education_forms
from services.choices import Audience, Delivery, ServiceKind, ServiceLanguage, Weekday
from services.forms.bookings import MOST_PEOPLE
from services.forms.fields import RowsField
from services.forms.offering import Group
from services.forms.times import HourField
from services.models import Booking, Need, SharedService
from services.queries.catalogue import municipalities_to_choose
from services.queries.offering import municipalities_of_network, organisations_of_network
from services.queries.times import FINLAND, MIDNIGHT

CHECKED_FOR = timedelta(days=60)
DISTANCES = [("", _("Any distance")), ("0", _("In the municipality itself")), ("25", _("25 km")), ("50", _("50 km")), ("100", _("100 km")), ("200", _("200 km"))]


class NeedForm(forms.Form):
    version = version_field()
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open the page again."), "invalid": _("Open the page again.")})
    kind = forms.ChoiceField(label=_("What do you need?"), choices=sentence_case(ServiceKind), widget=forms.RadioSelect, error_messages={"required": _("Choose what you need.")})
    what = forms.CharField(label=_("In a few words"), max_length=200, help_text=_("For example: a teacher of Swedish, 6 hours a week. Others read this: write no names of clients or pupils."), error_messages={"required": _("Write in a few words what you need.")})
    more = LinesField(label=_("More about it"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    subject = forms.CharField(label=_("Word that an offer must have"), max_length=100, required=False, help_text=_("A subject or field, for example Swedish or woodwork. Offers are found by this word in all its forms; without it any of the words above is enough."))
    language = forms.ChoiceField(label=_("Language"), choices=[("", _("Any language")), *sentence_case(ServiceLanguage)], required=False)
    education_form = forms.ModelChoiceField(label=_("Form of education"), queryset=None, required=False, empty_label=_("Any"))
    delivery = forms.ChoiceField(label=_("Way"), choices=[("", _("Any way")), *sentence_case(Delivery)], required=False)
    people = forms.IntegerField(label=_("Number of people"), required=False, min_value=1, max_value=MOST_PEOPLE)
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    weekdays = forms.TypedMultipleChoiceField(label=_("Weekdays that would do"), choices=Weekday.choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("One of them is enough. Choose none when any day from Monday to Friday would do."))
    starts = HourField(label=_("Starts"), required=False, help_text=_("For example 9.00. With the hours you see who is free at that time."))
    ends = HourField(label=_("Ends"), required=False)
    weekly_hours = forms.DecimalField(label=_("Hours a week"), required=False, min_value=0.5, max_value=100, max_digits=4, decimal_places=1, localize=True)
    municipality = forms.ModelChoiceField(label=_("Where: municipality"), queryset=None, required=False, empty_label=_("Anywhere"))
    within_km = forms.TypedChoiceField(label=_("How far"), choices=DISTANCES, coerce=int, empty_value=None, required=False, help_text=_("As the crow flies. What is given remotely is in reach everywhere."))
    audience = forms.ChoiceField(label=_("Who may see it?"), choices=sentence_case(Audience), widget=forms.RadioSelect, initial=Audience.NETWORK)
    for_areas = RowsField(label=_("Pilot areas"))
    for_municipalities = RowsField(label=_("Municipalities"))
    for_organisations = RowsField(label=_("Organisations"))
    check_by = DayField(label=_("Check by"), help_text=_("After this day others see the need no longer, unless you give a later day."))

    LISTS = ("for_areas", "for_municipalities", "for_organisations")
    FIELDS = (
        "kind", "what", "more", "subject", "language", "education_form", "delivery", "people", "first_day", "last_day", "weekdays", "starts", "ends", "weekly_hours", "municipality", "within_km", "audience", "check_by",
    )  # fmt: skip

    def __init__(self, *args, by: Membership, need: Need | None = None, initial: dict | None = None, **kwargs) -> None:
        today = timezone.localdate()
        given = {"version": 0, "token": uuid.uuid4(), "kind": ServiceKind.STAFF, "municipality": by.organisation.municipality_id, "first_day": today, "check_by": today + CHECKED_FOR} | (initial or {})
        if need:
            given = {name: getattr(need, name) for name in self.FIELDS} | {name: list(getattr(need, name).values_list("pk", flat=True)) for name in self.LISTS} | {"version": need.version, "token": need.token}
            given["within_km"] = "" if need.within_km is None else str(need.within_km)
        super().__init__(*args, initial=given, **kwargs)
        chosen = need or Need(organisation=by.organisation)
        self.fields["education_form"].queryset = education_forms()
        self.fields["municipality"].queryset = municipalities_to_choose()
        self.fields["for_areas"].queryset = areas_in_order()
        self.fields["for_municipalities"].queryset = municipalities_of_network(chosen)
        self.fields["for_organisations"].queryset = organisations_of_network(chosen)
        for name in ("education_form", *self.LISTS):
            self.fields[name].label_from_instance = lambda one: one.name

    def clean(self) -> dict:
        data = super().clean()
        starts, ends = data.get("starts"), data.get("ends")
        if "starts" not in self.errors and "ends" not in self.errors:
            if (starts is None) != (ends is None):
                self.add_error("ends" if ends is None else "starts", _("Give both times, or neither."))
            elif starts is not None and ends != MIDNIGHT and ends <= starts:
                self.add_error("ends", _("The end must be after the start."))
        if {"first_day", "last_day"} <= data.keys() and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day must not be before the first."))
        if data.get("within_km") is not None and not data.get("municipality"):
            self.add_error("municipality", _("Choose the municipality from which the distance is counted."))
        return data

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in (*self.FIELDS, *self.LISTS)}

    def shown_groups(self) -> list[Group]:
        return [
            Group(str(_("What you need")), [self[name] for name in ("kind", "what", "subject", "more")]),
            Group(str(_("When")), [self[name] for name in ("first_day", "last_day", "weekdays", "starts", "ends", "weekly_hours")]),
            Group(str(_("Where and how")), [self[name] for name in ("municipality", "within_km", "delivery", "language", "education_form", "people")]),
            Group(str(_("Who may see it?")), [self["audience"]], lists=[self[name] for name in self.LISTS]),
            Group(str(_("Until when")), [self["check_by"]]),
        ]


def of_booking(booking: Booking) -> dict:
    """What a substitute for the person booked is asked for, as the form opens."""
    service, starts, ends = booking.service, booking.starts_at.astimezone(FINLAND), booking.ends_at.astimezone(FINLAND)
    return {
        "kind": ServiceKind.STAFF, "what": service.name, "subject": service.subjects_fi[:100] or service.subjects_sv[:100], "language": service.languages[0] if len(service.languages) == 1 else "", "people": booking.people,
        "first_day": starts.date(), "last_day": starts.date(), "weekdays": [starts.isoweekday()], "starts": starts.time(), "ends": ends.time(), "check_by": starts.date(),
        "municipality": booking.place.municipality_id if booking.place else booking.organisation.municipality_id,
    }  # fmt: skip


class AnswerForm(forms.Form):
    service = forms.ModelChoiceField(label=_("With which of your services"), queryset=None, required=False, empty_label=_("None of them in particular"))
    text = LinesField(
        label=_("How you can help"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("For example: our teacher has Tuesday mornings free. Say whom to call."), error_messages={"required": _("Write how you can help.")}
    )

    def __init__(self, *args, by: Membership, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = SharedService.objects.filter(organisation=by.organisation_id, state="public").order_by("sort_key_fi", "pk")
        self.fields["service"].label_from_instance = lambda one: one.name
