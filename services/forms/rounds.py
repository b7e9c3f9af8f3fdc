"""A term round, a wish in it, and what its coordinator decides by hand."""
import uuid

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.forms.editing import version_field
from pilots.models import Membership
from services.actions.wishes import MOST_SLOTS
from services.choices import Weekday
from services.forms.bookings import MOST_PEOPLE
from services.forms.fields import RowsField
from services.forms.offering import text
from services.forms.times import HourField
from services.models import SharedService, TermRound, Wish
from services.queries.rounds import hours_of, services_for_round, wishable

OPEN_AGAIN = {"required": _("Open the page again."), "invalid": _("Open the page again.")}
WEEKDAYS = [(value, capfirst(label)) for value, label in Weekday.choices]
GRANT, REFUSE = "grant", "refuse"


def written(slot: dict) -> dict:
    starts, ends = hours_of(slot)
    return {"weekday": slot["weekday"], "starts": starts, "ends": ends}


def as_slot(weekday: int, starts, ends) -> dict:
    return {"weekday": weekday, "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}


class RoundForm(forms.Form):
    version = version_field()
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages=OPEN_AGAIN)
    name_fi = text(_("Name in Finnish"), language="fi", required=True, help_text=_("For example “Spring term 2027, sports halls”."), error_messages={"required": _("Give the round a name.")})
    name_sv = text(_("Name in Swedish"), language="sv")
    services = RowsField(label=_("What is given out"))
    first_day = DayField(label=_("First day of the term"))
    last_day = DayField(label=_("Last day of the term"))
    wishes_from = DayField(label=_("Wishes from"))
    wishes_until = DayField(label=_("Wishes until"), help_text=_("The last day on which wishes are taken; before the term begins."))

    PLAIN = ("name_fi", "name_sv", "first_day", "last_day", "wishes_from", "wishes_until")

    def __init__(self, *args, by: Membership, round: TermRound | None = None, **kwargs) -> None:
        initial = {"version": 0, "token": uuid.uuid4()}
        if round:
            initial = {name: getattr(round, name) for name in self.PLAIN} | {"version": round.version, "token": round.token, "services": list(round.services.values_list("pk", flat=True))}
        super().__init__(*args, initial=initial, **kwargs)
        offered = services_for_round(by)
        self.fields["services"].queryset = SharedService.objects.filter(pk__in={*offered.values_list("pk", flat=True), *initial.get("services", ())}).select_related("organisation").order_by("sort_key_fi", "pk")
        self.fields["services"].label_from_instance = lambda one: one.name if one.organisation_id == by.organisation_id else f"{one.name} ({one.organisation.name})"

    def clean(self) -> dict:
        data = super().clean()
        if {"first_day", "last_day"} <= data.keys() and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day must not be before the first."))
        if {"wishes_from", "wishes_until"} <= data.keys() and data["wishes_until"] < data["wishes_from"]:
            self.add_error("wishes_until", _("The last day for wishes must not be before the first."))
        if {"wishes_until", "first_day"} <= data.keys() and data["wishes_until"] >= data["first_day"]:
            self.add_error("wishes_until", _("Wishes end before the term begins."))
        return data

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in (*self.PLAIN, "services")}


class WishForm(forms.Form):
    """Up to three times, the dearest first; the second and third may be left empty."""

    version = version_field()
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages=OPEN_AGAIN)
    service = forms.ModelChoiceField(label=_("What you wish for"), queryset=None, empty_label=_("Choose"), error_messages={"required": _("Choose what you wish for.")})
    purpose = forms.CharField(label=_("What for"), max_length=200, help_text=_("For example: welding, a basic course. The other organisation reads this: write no names of clients or pupils."), error_messages={"required": _("Write in a few words what it is for.")})
    people = forms.IntegerField(label=_("Number of people"), required=False, min_value=1, max_value=MOST_PEOPLE)

    LEGENDS = (_("The time that you wish most"), _("If that cannot be given"), _("If neither can be given"))

    def __init__(self, *args, by: Membership, round: TermRound, wish: Wish | None = None, service: str = "", **kwargs) -> None:
        initial = {"version": 0, "token": uuid.uuid4(), "service": service}
        if wish:
            initial = {"version": wish.version, "token": wish.token, "service": wish.service_id, "purpose": wish.purpose, "people": wish.people}
            initial |= {f"{name}_{number}": value for number, slot in enumerate(wish.slots, start=1) for name, value in written(slot).items()}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["service"].queryset = wishable(by, round)
        self.fields["service"].label_from_instance = lambda one: one.name
        for number in range(1, MOST_SLOTS + 1):
            first = number == 1
            self.fields[f"weekday_{number}"] = forms.TypedChoiceField(label=_("Weekday"), choices=[("", _("Choose")), *WEEKDAYS], coerce=int, empty_value=None, required=first, error_messages={"required": _("Choose the weekday.")})
            self.fields[f"starts_{number}"] = HourField(label=_("Starts"), required=first, help_text=_("For example 9.00.") if first else "")
            self.fields[f"ends_{number}"] = HourField(label=_("Ends"), required=first)

    def clean(self) -> dict:
        data = super().clean()
        for number in range(2, MOST_SLOTS + 1):
            names = [f"{name}_{number}" for name in ("weekday", "starts", "ends")]
            if any(data.get(name) is not None for name in names):
                for name in names:
                    if data.get(name) is None and name not in self.errors:
                        self.add_error(name, _("Give the weekday and both times, or none of them."))
        return data

    def values(self) -> dict:
        data = self.cleaned_data
        slots = [as_slot(data[f"weekday_{number}"], data[f"starts_{number}"], data[f"ends_{number}"]) for number in range(1, MOST_SLOTS + 1) if data[f"weekday_{number}"] is not None]
        return {"service": data["service"], "slots": slots, "purpose": data["purpose"], "people": data["people"]}

    def shown_groups(self) -> list[tuple]:
        times = [(legend, [self[f"{name}_{number}"] for name in ("weekday", "starts", "ends")]) for number, legend in enumerate(self.LEGENDS, start=1)]
        return [(_("What you wish for"), [self["service"], self["purpose"], self["people"]]), *times]


class AdjustForm(forms.Form):
    version = version_field()
    decision = forms.ChoiceField(label=_("What do you decide?"), choices=[(GRANT, _("Give this time")), (REFUSE, _("Refuse the wish"))], widget=forms.RadioSelect, error_messages={"required": _("Choose what you decide.")})
    service = forms.ModelChoiceField(label=_("Service"), queryset=None, required=False, empty_label=_("Choose"))
    weekday = forms.TypedChoiceField(label=_("Weekday"), choices=WEEKDAYS, coerce=int, empty_value=None, required=False)
    starts = HourField(label=_("Starts"), required=False)
    ends = HourField(label=_("Ends"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The organisation that wished reads it, and it stays in the round’s log."), error_messages={"required": _("Give the reason: the organisation that wished reads it.")})

    def __init__(self, *args, wish: Wish, **kwargs) -> None:
        slot = wish.granted_slot or wish.offered or wish.slots[0]
        initial = {"version": wish.version, "decision": GRANT, "service": wish.granted_service_id or wish.service_id} | written(slot)
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["service"].queryset = wish.round.services.order_by("sort_key_fi", "pk")
        self.fields["service"].label_from_instance = lambda one: one.name
        for name in ("service", "weekday", "starts", "ends"):
            self.fields[name].needed_when = "decision"

    def clean(self) -> dict:
        data = super().clean()
        if data.get("decision") == GRANT:
            for name in ("service", "weekday", "starts", "ends"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Needed when the time is given."))
            if data.get("starts") is not None and data.get("ends") is not None and data["ends"] <= data["starts"] and (data["ends"].hour or data["ends"].minute):
                self.add_error("ends", _("The end must be after the start."))
        return data

    def values(self) -> dict:
        data = self.cleaned_data
        if data["decision"] == REFUSE:
            return {"reason": data["reason"]}
        return {"reason": data["reason"], "service": data["service"], "slot": as_slot(data["weekday"], data["starts"], data["ends"])}
