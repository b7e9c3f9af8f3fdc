"""Needs, obstacles and competence needs: ticked from the list, then followed by state."""
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import ASSESSMENT_CODES, AssessmentCode, AssessmentKind, ItemState
from guidance.models import AssessmentItem, Pathway
from guidance.queries.pathway_people import measures_of


class AssessmentForm(forms.Form):
    """One list of boxes for each kind, without what is already open."""

    def __init__(self, data=None, *, pathway: Pathway) -> None:
        super().__init__(data)
        taken = set(AssessmentItem.objects.filter(pathway=pathway).exclude(state=ItemState.RESOLVED).values_list("kind", "code"))
        for kind in AssessmentKind:
            free = [(code, capfirst(AssessmentCode(code).label)) for code in ASSESSMENT_CODES[kind] if (kind.value, str(code)) not in taken]
            if free:
                self.fields[kind.value] = forms.MultipleChoiceField(label=capfirst(kind.label), choices=free, required=False, widget=forms.CheckboxSelectMultiple)

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors and not any(data.values()):
            raise forms.ValidationError(_("Tick at least one."))
        return data

    def items(self) -> list[tuple[str, str]]:
        return [(kind, code) for kind, codes in self.cleaned_data.items() for code in codes]


class ItemForm(forms.Form):
    state = forms.ChoiceField(label=_("State"), choices=[(value, capfirst(label)) for value, label in ItemState.choices], widget=forms.RadioSelect)
    programme = forms.ModelChoiceField(label=_("Measure"), queryset=None, required=False, empty_label=_("None"), help_text=_("By which measure it is in hand."))

    def __init__(self, data=None, *, pathway: Pathway, item: AssessmentItem) -> None:
        super().__init__(data, initial={"state": item.state, "programme": item.programme_id})
        self.fields["programme"].queryset = measures_of(pathway)
