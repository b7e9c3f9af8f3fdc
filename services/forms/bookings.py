"""A booking, a weekly series, an answer, another time."""
import uuid
from datetime import date, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from services.choices import BookingMove
from services.forms.times import HourField
from services.models import Place, Resource
from services.queries.series import misdated
from services.queries.times import MIDNIGHT, Slot, slot_on, slot_until

MOST_PEOPLE = 100_000


def refused(form: forms.Form, error: ValidationError) -> None:
    """What an action refuses, shown at its field where the form has it."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


class ChosenField(forms.ChoiceField):
    """One of the rows that the view has read already."""

    def offer(self, rows: list, empty: str = "") -> None:
        self.rows = {str(row.pk): row for row in rows}
        self.choices = ([("", empty)] if empty else []) + [(key, row.name) for key, row in self.rows.items()]

    def clean(self, value):
        key = super().clean(value)
        return self.rows[key] if key else None


class HoursForm(forms.Form):
    """Base of those that name a time of day."""

    starts = HourField(label=_("Starts"), help_text=_("For example 9.00."))
    ends = HourField(label=_("Ends"))

    def clean_ends(self) -> time:
        ends, starts = self.cleaned_data["ends"], self.cleaned_data.get("starts")
        if starts is not None and ends != MIDNIGHT and ends <= starts:
            raise ValidationError(_("The end must be after the start."))
        return ends


class DayHoursForm(HoursForm):
    """One day's hours, or to another day's; `slot` after it is valid."""

    day = DayField(label=_("Day"))
    last_day = DayField(label=_("Last day"), required=False, help_text=_("Only when it ends on another day. That fits where it is open through the night; otherwise book each day on its own, or make a series."))
    field_order = ["resource", "day", "starts", "ends", "last_day"]

    def clean_ends(self) -> time:
        """Judged with the days."""
        return self.cleaned_data["ends"]

    def clean(self) -> dict:
        data = super().clean()
        if not {"day", "starts", "ends", "last_day"} <= data.keys():
            return data
        day, last_day, starts, ends = data["day"], data["last_day"] or data["day"], data["starts"], data["ends"]
        if last_day < day:
            self.add_error("last_day", _("The last day must not be before the first."))
        elif last_day == day and ends != MIDNIGHT and ends <= starts:
            self.add_error("ends", _("The end must be after the start."))
        else:
            self.slot = slot_on(day, starts, ends) if last_day == day else slot_until(day, starts, last_day, ends)
            if self.slot is None:
                self.add_error("starts", _("On this night the clocks are changed, and there is no such time. Choose another one."))
        return data


class Wanted(forms.Form):
    """What is asked besides the time. A part is asked for only where there are parts, a place only for a person."""

    resource = ChosenField(label=_("Which part"))
    purpose = forms.CharField(label=_("What for"), max_length=200, help_text=_("For example: welding, a basic course. The other organisation reads this: write no names of clients or pupils."), error_messages={"required": _("Write in a few words what it is for.")})
    people = forms.IntegerField(label=_("Number of people"), required=False, min_value=1, max_value=MOST_PEOPLE, error_messages={"invalid": _("Write a whole number, for example 18."), "min_value": _("Write a whole number, for example 18.")})
    place = ChosenField(label=_("Where"), required=False, help_text=_("The place decides how long the way from the day’s other work takes."))
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open the page again."), "invalid": _("Open the page again.")})

    def __init__(self, *args, parts: list[Resource], places: list[Place], initial: dict | None = None, **kwargs) -> None:
        super().__init__(*args, initial={"token": uuid.uuid4()} | (initial or {}), **kwargs)
        self.whole = parts[0]
        if len(parts) > 1:
            self.fields["resource"].offer(parts)
        else:
            del self.fields["resource"]
        if places:
            self.fields["place"].offer(places, _("The usual place"))
        else:
            del self.fields["place"]

    def what(self) -> dict:
        """The action's arguments but the time."""
        data = self.cleaned_data
        return {"resource": data.get("resource") or self.whole, "purpose": data["purpose"], "people": data["people"], "place": data.get("place"), "token": data["token"]}


class BookingForm(Wanted, DayHoursForm):
    field_order = ["resource", "day", "starts", "ends", "last_day", "purpose", "people", "place"]
    slot: Slot | None = None


class SeriesForm(Wanted, HoursForm):
    first_day = DayField(label=_("First day"), help_text=_("Its weekday is the weekday of the series. For example 3.2.2027."))
    last_day = DayField(label=_("Last day"), help_text=_("The last week in which it is held."))
    expected = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ["resource", "first_day", "last_day", "starts", "ends", "purpose", "people", "place"]

    def clean(self) -> dict:
        data = super().clean()
        if {"first_day", "last_day"} <= data.keys():
            for name, words in misdated(data["first_day"], data["last_day"]).items():
                self.add_error(name, words)
        return data

    def clean_expected(self) -> frozenset[date] | None:
        """The days that the reader saw as fitting; None before they have been shown, or when they make no sense."""
        try:
            return frozenset(date.fromisoformat(day) for day in self.cleaned_data["expected"].split(",")) if self.cleaned_data["expected"] else None
        except ValueError:
            return None

    def when(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("first_day", "last_day", "starts", "ends")}


class AnswerForm(forms.Form):
    """A reason where every move that leads there asks for one; `version` is of the row that the reader saw."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The other organisation reads it. Write no names of clients or pupils."), error_messages={"required": _("Give the reason: the other organisation reads it.")})
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, moves: list[BookingMove], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = all(move.needs_reason for move in moves)


class MoveForm(DayHoursForm):
    slot: Slot | None = None
    version = forms.IntegerField(widget=forms.HiddenInput)


class FeedForm(forms.Form):
    resource = ChosenField(label=_("Which bookings"), required=False)

    def __init__(self, *args, resources: list[Resource], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource"].offer(resources, _("All that our organisation lends and borrows"))
