"""Small forms of one resource's page, and of the organisation's school year."""
from django import forms
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.forms.editing import sentence_case, version_field
from services.choices import BookingMode, TermPeriodKind, Weekday
from services.forms.offering import text
from services.forms.times import HourField
from services.models import Resource
from services.models.resource import MOST_BUFFER

INTERVALS = [(minutes, minutes) for minutes in (5, 10, 15, 20, 30, 60)]


class SettingsForm(forms.Form):
    version = version_field()
    name_fi = text(_("Name in Finnish"), language="fi", required=True)
    name_sv = text(_("Name in Swedish"), language="sv")
    capacity = forms.IntegerField(label=_("Room for how many people"), required=False, min_value=1, max_value=100_000)
    equipment_fi = text(_("Equipment, in Finnish"), 500, language="fi")
    equipment_sv = text(_("Equipment, in Swedish"), 500, language="sv")
    weekly_hours = forms.DecimalField(label=_("Hours lent in a week"), min_value=1, max_value=60, max_digits=4, decimal_places=1, localize=True)
    mode = forms.ChoiceField(label=_("How is it booked?"), choices=sentence_case(BookingMode), widget=forms.RadioSelect, help_text=_("Choose “booked at once” only when nobody books it anywhere else."))
    buffer_before = forms.IntegerField(label=_("Minutes kept free before"), min_value=0, max_value=MOST_BUFFER)
    buffer_after = forms.IntegerField(label=_("Minutes kept free after"), min_value=0, max_value=MOST_BUFFER)
    start_interval = forms.TypedChoiceField(label=_("Bookings start every … minutes"), choices=INTERVALS, coerce=int)

    def __init__(self, *args, resource: Resource, version: int, **kwargs) -> None:
        initial = {name: getattr(resource, name) for name in self.base_fields if name not in ("version", "weekly_hours")} | {"version": version}
        if resource.is_person:
            initial["weekly_hours"] = (resource.weekly_minutes or 0) / 60
        super().__init__(*args, initial=initial, **kwargs)
        for name in ("capacity", "equipment_fi", "equipment_sv") if resource.is_person else ("weekly_hours",):
            del self.fields[name]

    def values(self) -> dict:
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "weekly_hours")}
        return values | ({"weekly_minutes": int(self.cleaned_data["weekly_hours"] * 60)} if "weekly_hours" in self.fields else {})


class PartForm(forms.Form):
    name_fi = text(_("Name of the part in Finnish"), language="fi", required=True, help_text=_("For example “North half”."))
    name_sv = text(_("Name of the part in Swedish"), language="sv")
    capacity = forms.IntegerField(label=_("Room for how many people"), required=False, min_value=1, max_value=100_000)


class SeasonForm(forms.Form):
    """From and until, as far as they are given: together, and in order."""

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day must not be before the first."))
        return data


class HoursForm(SeasonForm):
    weekdays = forms.TypedMultipleChoiceField(label=_("Weekdays"), choices=sentence_case(Weekday), coerce=int, widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one day.")})
    opens = HourField(label=_("Opens"), help_text=_("For example 8.30."))
    closes = HourField(label=_("Closes"), help_text=_("24 is midnight."))
    first_day = DayField(label=_("Season from"), required=False, help_text=_("Only for hours of a season; then they alone hold on its days."))
    last_day = DayField(label=_("Season until"), required=False)

    def clean(self) -> dict:
        data = super().clean()
        for name, other in (("first_day", "last_day"), ("last_day", "first_day")):
            if name not in self.errors and data.get(other) and not data.get(name):
                self.add_error(name, _("Give both the first and the last day of the season, or neither."))
        return data


class ExceptionForm(SeasonForm):
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False, help_text=_("Leave empty for one day."))
    opens = HourField(label=_("Opens"), required=False, help_text=_("Leave both times empty when it is closed."))
    closes = HourField(label=_("Closes"), required=False)
    reason_fi = text(_("Reason in Finnish"), 150, language="fi", required=True)
    reason_sv = text(_("Reason in Swedish"), 150, language="sv")

    def clean(self) -> dict:
        data = super().clean()
        return data | {"last_day": data.get("last_day") or data.get("first_day")}


class PeriodForm(SeasonForm):
    kind = forms.ChoiceField(label=_("What is it?"), choices=sentence_case(TermPeriodKind), widget=forms.RadioSelect)
    name_fi = text(_("Name in Finnish"), 100, language="fi", required=True, help_text=_("For example “Autumn term”."))
    name_sv = text(_("Name in Swedish"), 100, language="sv")
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))


class RemoveForm(forms.Form):
    """The row of a list whose button was pressed."""

    row = forms.IntegerField(min_value=1, max_value=2**31 - 1)
