"""Runs of courses, seats kept for organisations, and enrolments. No field takes a name."""
import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.models import Organisation
from services.actions.courses import EDITABLE
from services.choices import Entry, GroupLevel
from services.models import CourseRun, Enrolment, Place, SharedService

SEATS, GROUP = "seats", "group"


def tell_refusal(form: forms.Form, error: ValidationError) -> None:
    """What an action refuses, at its field where the form has it."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class RunForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = CourseRun
        fields = EDITABLE
        field_classes = {"first_day": DayField, "last_day": DayField, "enrol_by": DayField}
        help_texts = {
            "name": _("Where several run at the same time, for example “evening group”."),
            "timetable": _("For example: Tuesdays and Thursdays 17.00–19.30."),
            "entry": _("Seats are held only on short courses, coaching and tasters. To a qualification one applies, or asks you."),
            "hold_days": _("Only where seats can be held: how long somebody has time to confirm, 1–60 days."),
        }

    def __init__(self, *args, service: SharedService, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Place.objects.filter(owner=service.organisation_id).order_by("sort_key_fi", "pk")
        self.fields["place"].empty_label = _("Not said")
        for name in ("kind", "entry"):
            self.fields[name].choices = [(value, label if value else _("Choose")) for value, label in self.fields[name].choices]
        self.fields["version"].initial = self.instance.version


class CallOffForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The other organisation reads it. Write no names of clients or pupils."), error_messages={"required": _("Give the reason: the other organisation reads it.")},
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)


class QuotaForm(forms.Form):
    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=_("Choose"))
    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=100_000, help_text=_("0 takes the quota away."))
    freed_on = DayField(label=_("Open to all from"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.order_by("sort_key_fi", "pk")


class EnrolForm(forms.Form):
    what = forms.ChoiceField(label=_("For whom"), choices=[(SEATS, _("Single seats")), (GROUP, _("A group"))], widget=forms.RadioSelect, initial=SEATS)
    size = forms.IntegerField(label=_("Number of seats"), min_value=1, max_value=100_000, initial=1)
    level = forms.ChoiceField(label=_("Level of the group"), choices=[("", _("Not told")), *GroupLevel.choices], required=False, help_text=_("Only for a group."))
    special_needs = forms.CharField(
        label=_("Special needs of the group"), max_length=300, required=False, help_text=_("Only for a group, for example interpreting or room for wheelchairs. No names and nothing of a single person.")
    )
    how = forms.ChoiceField(
        label=_("How"), choices=[("hold", _("Hold first, confirm later")), ("enrol", _("Enrol at once"))], widget=forms.RadioSelect, initial="hold"
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, run: CourseRun, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if run.entry != Entry.HOLD:
            del self.fields["how"]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("what") == GROUP and not data.get("level"):
            self.add_error("level", _("Give the level of the group."))
        if data.get("what") == SEATS:
            data["level"] = data["special_needs"] = ""
        return data

    def asked(self) -> dict:
        """What the action takes."""
        data = self.cleaned_data
        return {
            "size": data["size"], "is_group": data["what"] == GROUP, "level": data["level"], "special_needs": data["special_needs"], "only_hold": data.get("how") == "hold", "token": data["token"],
        }  # fmt: skip


class MoveForm(forms.Form):
    """What goes with the button of a move, which carries its name; each field only where a move asks for it."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, help_text=_("Needed when you cancel or do not admit. The other organisation reads it. No names of students."))
    attended = forms.IntegerField(label=_("How many took part"), min_value=0, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, enrolment: Enrolment, moves: list, may_note: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = enrolment.version
        if not any(move.needs_reason for move in moves):
            del self.fields["reason"]
        if may_note:
            self.fields["attended"].initial = enrolment.attended
        else:
            del self.fields["attended"]

