"""Moving a caseload, and absences with their substitutes: inside one's own organisation."""
from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.forms.fields import PersonField
from pilots.forms.days import DayField


class ColleagueField(PersonField):
    """A counsellor of one's own organisation."""

    def __init__(self, **kwargs) -> None:
        super().__init__(queryset=None, empty_label=_("Choose"), **kwargs)

    def label_from_instance(self, obj) -> str:
        return obj.user.name


class MoveCaseloadForm(forms.Form):
    person = ColleagueField(label=_("Whose clients"))
    heir = ColleagueField(label=_("To whom"))

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("person", "heir"):
            self.fields[name].queryset = colleagues

    def clean(self) -> dict:
        data = super().clean()
        if data.get("person") and data.get("person") == data.get("heir"):
            self.add_error("heir", _("Choose another person."))
        return data


class AbsenceForm(forms.Form):
    membership = ColleagueField(label=_("Who is away"))
    substitute = ColleagueField(label=_("Who stands in"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"), help_text=_("The last day away."))

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("membership", "substitute"):
            self.fields[name].queryset = colleagues


class SubstituteForm(forms.Form):
    substitute = ColleagueField(label=_("Who stands in"))

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute"].queryset = colleagues
