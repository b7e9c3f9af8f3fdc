"""Forms of the catalogue's readers."""
from django import forms
from django.utils.translation import gettext_lazy as _

from pilots.forms.editing import LinesField


class WrongForm(forms.Form):
    token = forms.UUIDField(widget=forms.HiddenInput)
    text = LinesField(
        label=_("What is wrong?"), max_length=2000, error_messages={"required": _("Write what is wrong, and how it should be if you know.")},
        widget=forms.Textarea(attrs={"rows": 5}), help_text=_("Do not write about anyone's private matters."),
    )  # fmt: skip
