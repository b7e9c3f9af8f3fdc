from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import SharedSection
from guidance.forms.fields import token_field
from pilots.forms.days import DayField

FIRST_DAYS = timedelta(days=30)
capfirst_lazy = lazy(capfirst, str)


class ShareForm(forms.Form):
    label = forms.CharField(label=_("Whom is the link for?"), max_length=100, help_text=_("Only you read this. For example: for an employer."), widget=forms.TextInput(attrs={"autocomplete": "off"}), error_messages={"required": _("Write whom the link is for.")})
    sections = forms.MultipleChoiceField(
        label=_("What does the link show?"), choices=[(one.value, capfirst_lazy(one.label)) for one in SharedSection], widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose what is shown.")}
    )
    starts_on = DayField(label=_("From which day"), error_messages={"required": _("Write the first day.")})
    ends_on = DayField(label=_("Until which day"), help_text=_("A year at most. For example 3.2.2027."), error_messages={"required": _("Write the last day.")})
    token = token_field()

    def __init__(self, *args, initial: dict, **kwargs) -> None:
        today = timezone.localdate()
        super().__init__(*args, initial={"starts_on": today, "ends_on": today + FIRST_DAYS} | initial, **kwargs)
