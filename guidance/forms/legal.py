from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from guidance.actions.legal import FIELDS
from guidance.models import LegalGround
from pilots.forms.days import DayField


class LegalGroundForm(forms.ModelForm):
    """A change is a new version; `replaces` says which one was looked at."""

    since = DayField(label=_("In force from"), required=False)
    until = DayField(label=_("In force until"), required=False)
    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=32_767)

    class Meta:
        model = LegalGround
        fields = FIELDS
        help_texts = {
            "section": _("Only when you have checked it against the source."),
            "is_checked": _("Somebody has compared the statute, its number and its section with the source."),
            "source": _("Where it was checked, for example the address of the statute; or who has said that it applies, when it is unchecked."),
        }

    def _post_clean(self) -> None:
        """The row is not changed: the action writes a new one and judges it."""

    @property
    def slug(self) -> str:
        """Of a new provision, from its Finnish name and section."""
        data = self.cleaned_data
        return slugify(f"{data['statute_fi']} {data['number']} {data['section']} {data['title_fi']}")[:60].strip("-")
