"""Moving a caseload, and absences with their substitutes: inside one's own organisation."""
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guidance.forms.fields import OneOfField
from pilots.forms.days import DayField


class _OfColleagues(forms.Form):
    """`colleagues` have been read once and are offered in every field of people."""

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, OneOfField):
                field.offer(colleagues, _("Choose"))


class MoveCaseloadForm(_OfColleagues):
    person = OneOfField(label=_("Whose clients"))
    heir = OneOfField(label=_("To whom"))

    def clean(self) -> dict:
        data = super().clean()
        if data.get("person") and data.get("person") == data.get("heir"):
            self.add_error("heir", _("Choose another person."))
        return data


class AbsenceForm(_OfColleagues):
    membership = OneOfField(label=_("Who is away"))
    substitute = OneOfField(label=_("Who stands in"))
    starts_on = DayField(label=pgettext_lazy("date", "From"))
    ends_on = DayField(label=_("Until"), help_text=_("The last day away."))


class SubstituteForm(_OfColleagues):
    substitute = OneOfField(label=_("Who stands in"))
