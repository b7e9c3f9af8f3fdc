"""A request about the own data, its answer, more time, and what cannot be undone."""
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import REFUSALS, ExtensionReason, Retained, RightsKind, RightsOutcome
from guidance.forms.fields import text_field, token_field
from guidance.models.erasure import LONGEST


class RequestForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the client asks"), choices=[(one.value, capfirst(one.label)) for one in RightsKind], widget=forms.RadioSelect, error_messages={"required": _("Choose what is asked.")})
    text = text_field(label=_("In the client's own words"), max_length=4000, required=False, help_text=_("What the request is about, and how the client was identified. No personal identity code."))
    token = token_field()


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Answer"), choices=[(one.value, capfirst(one.label)) for one in RightsOutcome], widget=forms.RadioSelect, error_messages={"required": _("Choose the answer.")})
    reason = forms.ChoiceField(label=_("Why not, or not in full"), required=False, help_text=_("The client reads this sentence in their own language. A granted request needs none."))

    def __init__(self, *args, kind: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("No reason: granted")), *((one.value, one.label) for one in REFUSALS[kind])]


class ExtendForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why more time is needed"), choices=ExtensionReason.choices, widget=forms.RadioSelect, error_messages={"required": _("Choose why more time is needed.")})


class SureForm(forms.Form):
    """A box that is ticked by somebody who has read what goes."""

    sure = forms.BooleanField(label=_("I have read what is removed. It cannot be brought back."), error_messages={"required": _("Tick the box when you have read what is removed.")})


class LiftForm(forms.Form):
    told = forms.BooleanField(label=_("The client has been told that the restriction ends."), error_messages={"required": _("Tell the client first, then tick the box.")})


class RetentionForm(forms.Form):
    """A field for each thing that can be given a time; an empty one removes nothing."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for one in Retained:
            self.fields[one.value] = forms.IntegerField(label=one.label, required=False, min_value=1, max_value=LONGEST, help_text=_("Months. Empty: not set, nothing is removed."))
