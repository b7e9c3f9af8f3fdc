"""What a data protection officer asks of the read log, and from which numbers on reading is shown as unusual."""
from collections.abc import Iterable

from crispy_forms.helper import FormHelper
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guidance.choices import LogAction, ReadingRule
from guidance.converters import PseudonymConverter
from guidance.queries.readings import Asked
from pilots.forms.days import DayField


class ReadingFilterForm(forms.Form):
    person = forms.TypedChoiceField(label=_("Reader"), coerce=int, empty_value=None, required=False)
    pseudonym = forms.RegexField(
        rf"^\s*(?:{PseudonymConverter.regex})\s*$", label=_("Identifier of the client"), required=False, strip=True, help_text=_("For example K7F3-92QX. It stands on the client’s page."),
        error_messages={"invalid": _("Write the identifier as K7F3-92QX.")},
    )  # fmt: skip
    action = forms.ChoiceField(label=_("What was done"), required=False, choices=[("", _("All")), *((value, capfirst(label)) for value, label in LogAction.choices)])
    since = DayField(label=pgettext_lazy("date", "From"), required=False)
    until = DayField(label=pgettext_lazy("date", "Until"), required=False)

    def __init__(self, *args, readers: Iterable[tuple[int, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", _("All")), *readers]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def asked(self) -> Asked:
        """What is wrong narrows nothing."""
        self.is_valid()
        return Asked(**self.cleaned_data)


class ThresholdsForm(forms.Form):
    """A number for each rule."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for rule in ReadingRule:
            self.fields[rule] = forms.IntegerField(label=rule.label, validators=[MinValueValidator(1), MaxValueValidator(10_000)], error_messages={"required": _("Give a number from 1 on.")})
        self.helper = FormHelper()
        self.helper.form_tag = False


class ReaderNamingForm(forms.Form):
    shows_names = forms.BooleanField(label=_("Clients see the names of our people who have read about them"), required=False, help_text=_("Without this they see the organisation alone. It holds for what has been read before, too."))
