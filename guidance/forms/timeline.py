"""Logging a contact: few fields, so that it takes seconds; and what belongs to a file that comes with it."""
import uuid

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import LOGGED_BY_HAND, CheckIn, EventKind, StepKind, Visibility
from guidance.forms.fields import WhenField, text_field, token_field
from guidance.forms.moments import MomentField, written_moment
from guidance.forms.steps import OpenStepField
from guidance.queries.health_words import health_words
from guidance.queries.pathway_people import measures_of, participating
from services.forms.fields import RowsField

QUICK_KINDS = (EventKind.CALL, EventKind.MESSAGE, EventKind.VISIT, EventKind.JOINT_MEETING, EventKind.NOTE)
TEXT_LENGTH = 4000


def kinds(codes) -> list[tuple[str, str]]:
    return [(code.value, capfirst(code.label)) for code in codes]


def offer_readers(form: forms.Form, pathway, own_organisation_id: int) -> None:
    """Organisations to choose from; where nobody else takes part there is nothing to choose."""
    others = participating(pathway).exclude(pk=own_organisation_id)
    if choices := [(other.pk, str(other)) for other in others]:
        form.fields["shown_to"].queryset = others
        form.fields["shown_to"].choices = choices
    else:
        del form.fields["shown_to"]
        form.fields["visibility"].choices = [choice for choice in form.fields["visibility"].choices if choice[0] != Visibility.CHOSEN]


class QuickLogForm(forms.Form):
    """The form at the top of the timeline. An untouched time means now, to the second."""

    token = token_field()
    at_shown = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What happened"), choices=kinds(QUICK_KINDS), widget=forms.RadioSelect, initial=EventKind.CALL)
    text = text_field(label=_("What was said or agreed"), rows=3, required=False, max_length=TEXT_LENGTH, help_text=_("Needed for a message and a note."))
    at = MomentField(label=_("When"), help_text="")
    visibility = forms.ChoiceField(label=_("Who may read this"), choices=[(value, capfirst(label)) for value, label in Visibility.choices if value != Visibility.CHOSEN], initial=Visibility.PARTICIPANTS)

    text.needed_when = "kind"

    def __init__(self, data=None, *, pathway, **kwargs) -> None:
        now = written_moment(timezone.now())
        kwargs["initial"] = {"token": uuid.uuid4(), "at": now, "at_shown": now} | kwargs.get("initial", {})
        super().__init__(data, **kwargs)
        self.pathway = pathway

    def clean_at(self):
        """Minutes are typed, seconds are not: an untouched time is now, and the minute of the opening is not before it."""
        at = self.cleaned_data["at"]
        now, opened = timezone.now(), self.pathway.opened_at
        if self.data.get(self.add_prefix("at")) == self.data.get(self.add_prefix("at_shown")):
            return now
        return opened if at == opened.replace(second=0, microsecond=0) else at

    @property
    def health_words(self) -> list[str]:
        return health_words(self.cleaned_data.get("text", "")) if self.is_bound else []

    def values(self) -> dict:
        names = ("kind", "at", "text", "visibility", "token", "check_in", "shown_to", "programme")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class LogForm(QuickLogForm):
    """The same with everything that can be said of an event."""

    kind = forms.ChoiceField(label=_("What happened"), choices=kinds(LOGGED_BY_HAND), widget=forms.RadioSelect, initial=EventKind.CALL)
    check_in = forms.ChoiceField(label=_("How it goes"), choices=[("", _("Not a check-in")), *CheckIn.choices], required=False, help_text=_("Needed for a check-in during studies."))
    visibility = forms.ChoiceField(label=_("Who may read this"), choices=[(value, capfirst(label)) for value, label in Visibility.choices], widget=forms.RadioSelect, initial=Visibility.PARTICIPANTS)
    shown_to = RowsField(label=_("Chosen organisations"), help_text=_("Needed when only chosen organisations may read this. Your own always may."))
    programme = forms.ModelChoiceField(label=_("Measure"), queryset=None, required=False, empty_label=_("None"), help_text=_("When this was part of a measure or service."))

    step = OpenStepField(label=_("Open step that this did"), queryset=None, required=False, empty_label=_("None"), error_messages={"invalid_choice": _("This step is not open any more. Choose again.")})
    next_what = forms.CharField(label=_("What happens next"), max_length=300, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), help_text=_("Needed when this did the last open step. It comes on your list."))
    next_when = WhenField(label=_("When it happens"), required=False, help_text=_("Needed with what happens next: a day, for example 3.2.2027, or the time of an appointment: 3.2.2027 14.05."))

    check_in.needed_when, shown_to.needed_when, next_what.needed_when, next_when.needed_when = "kind", "visibility", "step", "step"

    field_order = ("kind", "at", "text", "check_in", "programme", "visibility", "shown_to", "step", "next_what", "next_when")

    def __init__(self, data=None, *, pathway, acting, **kwargs) -> None:
        super().__init__(data, pathway=pathway, **kwargs)
        self.acting = acting
        self.fields["step"].offer(pathway)
        self.fields["at"].help_text = _("For example 3.2.2027 14.05.")
        offer_readers(self, pathway, acting.organisation_id)
        self.fields["programme"].queryset = measures_of(pathway)

    def clean(self) -> dict:
        data = super().clean()
        step = data.get("step")
        last = step and not self.pathway.next_steps.open().exclude(pk=step.pk).exists()
        for name, other in (("next_what", "next_when"), ("next_when", "next_what")):
            if not data.get(name) and name not in self.errors and (last or data.get(other)):
                self.add_error(name, _("This did the last open step: write what happens next and when, so that nobody is forgotten.") if last else _("Write both what happens next and when, or leave both empty."))
        return data

    def values(self) -> dict:
        data, when = self.cleaned_data, self.cleaned_data["next_when"]
        fields = super().values() | {"step": data["step"]}
        if when:
            kind = StepKind.APPOINTMENT if when.moment else StepKind.STEP
            fields["following"] = {"what": data["next_what"], "due_on": when.day, "starts_at": when.moment, "kind": kind, "responsible": self.acting}
        return fields


class CheckInForm(forms.Form):
    """The one-click buttons: how the studies go, or that nobody answered."""

    token = token_field()
    quick = forms.ChoiceField(choices=[*CheckIn.choices, (EventKind.NO_ANSWER.value, EventKind.NO_ANSWER.label)])

    def __init__(self, data=None) -> None:
        super().__init__(data, initial={"token": uuid.uuid4()})

    def values(self) -> dict:
        """What `actions.contacts.log_event` takes."""
        quick = self.cleaned_data["quick"]
        kind = EventKind.NO_ANSWER if quick == EventKind.NO_ANSWER else EventKind.CHECK_IN
        return {"kind": kind, "check_in": "" if kind == EventKind.NO_ANSWER else quick, "token": self.cleaned_data["token"], "at": timezone.now()}


class AttachmentForm(forms.Form):
    """One file with what it is; the content is judged by `attachments.check_file`."""

    token = token_field()
    file = forms.FileField(label=_("File"), max_length=None, allow_empty_file=True, help_text=_("A PDF, or a picture as PNG or JPEG; at most 10 MB."), widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}))
    text = text_field(label=_("What it is"), rows=2, required=False, max_length=TEXT_LENGTH)
    visibility = forms.ChoiceField(label=_("Who may read this"), choices=[(value, capfirst(label)) for value, label in Visibility.choices], widget=forms.RadioSelect, initial=Visibility.PARTICIPANTS)
    shown_to = RowsField(label=_("Chosen organisations"), help_text=_("Needed when only chosen organisations may read this. Your own always may."))

    shown_to.needed_when = "visibility"

    def __init__(self, data=None, files=None, *, pathway, own_organisation_id: int) -> None:
        super().__init__(data, files, initial={"token": uuid.uuid4()})
        offer_readers(self, pathway, own_organisation_id)
