"""Moves, people, and the facts of a pathway."""
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import EducationBackground, EndReason, Interruption, Outcome, Stage, TargetGroup
from guidance.forms.fields import LinesField, PersonField, text_field
from guidance.queries.pathway_people import counsellors_of
from pilots.forms.days import DayField

REASON_LENGTH = 300
LARGEST_VERSION = 2**31 - 1


def choices(codes, empty: str = "") -> list[tuple[str, str]]:
    return ([("", empty)] if empty else []) + [(value, capfirst(label)) for value, label in codes.choices]


def version_field() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST_VERSION)


class MoveForm(forms.Form):
    """One of the moves that the page offers; a reason where the move asks for it."""

    version = version_field()
    target = forms.ChoiceField(label=_("To which stage"), choices=[], widget=forms.RadioSelect, error_messages={"invalid_choice": _("This move is not possible from here. Look at the page again.")})
    interruption = forms.ChoiceField(label=_("Why it is interrupted"), choices=choices(Interruption, _("Not interrupted")), required=False, help_text=_("Needed for an interruption, and only then. Nothing about health belongs here."))
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH, required=False, help_text=_("Needed when going back and returning, and for an interruption for another reason than those above."), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    interruption.needed_when = reason.needed_when = "target"

    def __init__(self, data=None, *, moves, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.moves = {move.target: move for move in moves}
        self.fields["target"].choices = [(move.target, move.label) for move in moves if not move.missing]
        if Stage.INTERRUPTED not in self.moves:
            del self.fields["interruption"]

    def clean(self) -> dict:
        data = super().clean()
        move = self.moves.get(data.get("target"))
        interrupts = move is not None and move.target == Stage.INTERRUPTED
        if interrupts and not data.get("interruption") and "interruption" not in self.errors:
            self.add_error("interruption", _("Choose why the pathway is interrupted."))
        is_told = interrupts and data.get("interruption") != Interruption.OTHER
        if move and move.asks_reason and not is_told and not data.get("reason", "").strip():
            self.add_error("reason", _("Write the reason for this move."))
        return data


class EndPathwayForm(forms.Form):
    end_reason = forms.ChoiceField(label=_("Why the pathway ends"), choices=choices(EndReason), widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("Where the client is then"), choices=choices(Outcome), widget=forms.RadioSelect)
    text = text_field(label=_("In your own words"), rows=3, required=False, max_length=1000)


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Why the pathway is opened again"), max_length=REASON_LENGTH)
    first_step = forms.CharField(label=_("What happens next"), max_length=300)
    first_due_on = DayField(label=_("By"))


class ResponsibleForm(forms.Form):
    """Who answers for one duty; the guidance lead moves by a hand-off only."""

    person = PersonField(label=_("Person"), queryset=None, required=False)

    def __init__(self, data=None, *, pathway, duty: str, organisation_id: int, **kwargs) -> None:
        super().__init__(data, **kwargs)
        of_all = duty == "study_counsellor"
        field = self.fields["person"]
        field.queryset = counsellors_of(pathway, None if of_all else organisation_id)
        field.required = not of_all
        field.empty_label = _("Nobody") if of_all else None


class LeaveForm(forms.Form):
    reason = forms.CharField(label=_("Why the participation ends"), max_length=REASON_LENGTH)


class PathwayForm(forms.Form):
    """Goal, target group and background; `version` tells from which state the person began."""

    version = version_field()
    target_group = forms.ChoiceField(label=_("Target group"), choices=choices(TargetGroup, _("Not known yet")), required=False, widget=forms.RadioSelect)
    seeks_competence = forms.BooleanField(label=_("Seeks competence development"), required=False)
    education_background = forms.ChoiceField(label=_("Education background"), choices=choices(EducationBackground))
    goal = LinesField(label=_("Goal"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("In the client's own words where you can."))
    basis_ends_on = DayField(label=_("The employment authority's basis ends on"), required=False, help_text=_("When the job search ends. The pathway cannot stay open on that basis after this day. For example 3.2.2027."))
