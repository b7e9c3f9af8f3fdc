"""The form of a key of the API."""
from django import forms
from django.utils.translation import gettext_lazy as _

from pilots.choices import ApiScope
from pilots.models import ApiToken

DAYS = [("30", _("30 days")), ("90", _("90 days")), ("180", _("half a year")), ("365", _("a year"))]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=_("The programme that reads with it, for example “Web pages of the college”. No name of a person."),
        error_messages={"required": _("Say what the key is for.")},
    )
    scopes = forms.MultipleChoiceField(label=_("What may it read?"), choices=ApiScope.choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("What everybody may read, it reads in any case."))
    days = forms.ChoiceField(label=_("How long is it valid?"), choices=DAYS, initial="180", widget=forms.RadioSelect, error_messages={"required": _("Choose how long the key is valid.")})
