"""A programme of a partnership, as its lead writes it."""
from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.actions.programmes import EDITED
from guidance.choices import ProgrammeKind
from guidance.forms.fields import text_field
from guidance.forms.partnerships import SeenForm
from guidance.models import Programme
from guidance.models.partnership import PROGRAMME_TEXTS
from pilots.forms.days import DayField
from pilots.models import Organisation

LONGEST_PURPOSE = 2000


class ProgrammeForm(SeenForm):
    """`run_by` is chosen among the organisations that the view gives: the parts, and whoever is named already."""

    kind = forms.ChoiceField(
        label=_("Where it belongs"),
        choices=[(value, capfirst(label)) for value, label in ProgrammeKind.choices],
        widget=forms.RadioSelect,
        help_text=_("Only a measure or service can be given to a client."),
        error_messages={"required": _("Choose where it belongs.")},
    )
    name_fi = forms.CharField(label=_("Name in Finnish"), max_length=200, error_messages={"required": _("Write the name.")})
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=200, required=False)
    purpose_fi = text_field(label=_("What it is, in Finnish"), max_length=LONGEST_PURPOSE, required=False)
    purpose_sv = text_field(label=_("What it is, in Swedish"), max_length=LONGEST_PURPOSE, required=False)
    for_whom_fi = forms.CharField(label=_("For whom, in Finnish"), max_length=300, required=False)
    for_whom_sv = forms.CharField(label=_("For whom, in Swedish"), max_length=300, required=False)
    run_by = forms.MultipleChoiceField(label=_("Who runs it"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("Leave empty when nobody is named."))

    def __init__(self, *args, programme: Programme | None = None, owners: list[int], organisations: list[Organisation], **kwargs) -> None:
        shown = {name: getattr(programme, name) for name in EDITED} if programme else {"kind": ProgrammeKind.MEASURE.value}
        self.organisations = {str(one.pk): one for one in organisations}
        super().__init__(*args, seen=shown | {"run_by": sorted(owners)}, initial=shown | {"run_by": [str(pk) for pk in owners]}, **kwargs)
        self.fields["run_by"].choices = [(key, one.name) for key, one in self.organisations.items()]

    def clean_run_by(self) -> list[Organisation]:
        return [self.organisations[key] for key in self.cleaned_data["run_by"]]

    def clean(self) -> dict:
        """Texts by themselves: what a browser leaves at their ends is no change."""
        data = super().clean()
        return data | {name: data[name].strip() for name in PROGRAMME_TEXTS if name in data}


class EndProgrammeForm(forms.Form):
    ended_on = DayField(label=_("Offered until"), initial=timezone.localdate)

    def clean_ended_on(self):
        day = self.cleaned_data["ended_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day
