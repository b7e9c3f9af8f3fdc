"""A document that goes with a cooperation model."""
from django import forms
from django.utils.translation import gettext_lazy as _


class ModelFileForm(forms.Form):
    """The content is judged by `pilots.attachments.check_file`."""

    title = forms.CharField(label=_("What it is"), max_length=200, help_text=_("Everybody who can read the model reads this and can open the file."))
    file = forms.FileField(label=_("File"), max_length=None, allow_empty_file=True, help_text=_("A PDF, or a picture as PNG or JPEG; at most 10 MB."), widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}))
