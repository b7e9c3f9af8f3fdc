"""Next steps and appointments."""
import uuid

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import ContactWay, HandoffState, StepKind
from guidance.forms.fields import PersonField, When, WhenField, token_field
from guidance.models import NextStep
from guidance.queries.pathway_people import counsellors_of
from pilots.forms.days import written

LONGEST_APPOINTMENT = 8 * 60


class OpenStepField(forms.ModelChoiceField):
    """One of the pathway's open steps; a first contact is confirmed on its hand-off's page."""

    def offer(self, pathway) -> None:
        self.queryset = pathway.next_steps.open().exclude(kind=StepKind.APPOINTMENT, handoff__state=HandoffState.ACCEPTED)

    def label_from_instance(self, obj: NextStep) -> str:
        return f"{written(obj.due_on)} {obj.what}"


class StepForm(forms.Form):
    """What happens next, when, and who sees to it. A time of day makes it an appointment."""

    token = token_field()
    what = forms.CharField(label=_("What happens next"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    when = WhenField(label=_("When"), help_text=_("The day by which it is done, for example 3.2.2027. For an appointment also the time: 3.2.2027 14.05."))
    responsible = PersonField(label=_("Responsible person"), queryset=None, empty_label=_("Choose"))
    is_check_in = forms.BooleanField(label=_("This is a check-in with the client"), required=False)
    by_client = forms.BooleanField(label=_("The client does this"), required=False, help_text=_("The client can mark it done on the own page."))
    way = forms.ChoiceField(label=_("How you meet"), choices=[("", _("Not an appointment")), *((value, capfirst(label)) for value, label in ContactWay.choices)], required=False)
    place = forms.CharField(label=_("Place or telephone"), max_length=200, required=False)
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=5, max_value=LONGEST_APPOINTMENT, required=False)
    interpreter = forms.BooleanField(label=_("Interpreter ordered"), required=False)

    APPOINTMENT = ("way", "place", "minutes", "interpreter")
    needed = True

    def __init__(self, data=None, *, pathway, acting, **kwargs) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), "responsible": acting.pk} | kwargs.get("initial", {})
        super().__init__(data, **kwargs)
        self.fields["responsible"].queryset = counsellors_of(pathway)

    @classmethod
    def of_step(cls, step: NextStep, data=None, *, shows_place: bool = True, **kwargs) -> "StepForm":
        """The form of a step that exists; its place only for those who may see it."""
        initial = {name: getattr(step, name) for name in ("what", "way", "minutes", "interpreter", "by_client")}
        initial |= {"when": When(step.due_on, step.starts_at), "responsible": step.responsible_id, "is_check_in": step.kind == StepKind.CHECK_IN, "place": step.place if shows_place else ""}
        form = cls(data, initial=initial, **kwargs)
        if not shows_place:
            form.fields["place"].disabled = True
            form.fields["place"].help_text = _("Under non-disclosure only named people see and change the place.")
        return form

    def step_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("what", "when", "responsible", "is_check_in", "by_client")]

    def appointment_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.APPOINTMENT]

    def clean(self) -> dict:
        data = super().clean()
        when = data.get("when")
        if when and not when.moment and any(data.get(name) for name in self.APPOINTMENT):
            self.add_error("when", _("An appointment needs a time: write 3.2.2027 14.05."))
        return data

    def values(self) -> dict:
        """What `actions.timeline.add_step` takes."""
        data = self.cleaned_data
        moment = data["when"].moment
        kind = StepKind.CHECK_IN if data["is_check_in"] else StepKind.APPOINTMENT if moment else StepKind.STEP
        fields = {"what": data["what"], "due_on": data["when"].day, "starts_at": moment, "responsible": data["responsible"], "kind": kind, "by_client": data["by_client"] and not moment}
        if moment:
            fields |= {name: data[name] for name in self.APPOINTMENT}
        return fields


class FollowingStepForm(StepForm):
    """The step that follows the one that is marked done; may be left out while others are open."""

    def __init__(self, data=None, *, needed: bool, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.needed = needed
        for name in ("what", "when"):
            self.fields[name].required = needed

    @property
    def is_filled(self) -> bool:
        return bool(self.cleaned_data.get("what") or self.cleaned_data.get("when"))

    def clean(self) -> dict:
        data = super().clean()
        if self.is_filled_partly(data):
            missing = "when" if data.get("what") else "what"
            if missing not in self.errors:
                self.add_error(missing, _("Write both what happens next and when, or leave both empty."))
        return data

    @staticmethod
    def is_filled_partly(data: dict) -> bool:
        return bool(data.get("what")) != bool(data.get("when"))


class AttendedForm(forms.Form):
    attended = forms.ChoiceField(label=_("Did the client come?"), choices=[("yes", _("The client came")), ("no", _("The client did not come"))], widget=forms.RadioSelect)

    def value(self) -> bool:
        return self.cleaned_data["attended"] == "yes"
