import uuid

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.forms.fields import token_field
from guidance.models import DropIn

AGE = {"yes": True, "no": False, "unknown": None}


class DropInForm(forms.Form):
    """Two presses and it is logged; who the visitor is, is not asked."""

    token = token_field()
    partnership = forms.ChoiceField(label=_("Partnership"), widget=forms.RadioSelect)
    topic = forms.ChoiceField(label=_("What was it about?"), choices=[(value, capfirst(label)) for value, label in DropIn._meta.get_field("topic").choices], widget=forms.RadioSelect, error_messages={"required": _("Choose what it was about.")})
    under_30 = forms.ChoiceField(label=_("Under 30?"), choices=[("yes", _("Yes")), ("no", _("No")), ("unknown", _("Not known"))], initial="unknown", widget=forms.RadioSelect)

    def __init__(self, *args, partnerships, **kwargs) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), "partnership": partnerships[0].pk if partnerships else ""}
        super().__init__(*args, **kwargs)
        self.partnerships = {str(one.pk): one for one in partnerships}
        self.fields["partnership"].choices = [(key, one.name) for key, one in self.partnerships.items()]
        if len(partnerships) == 1:
            self.fields["partnership"].widget = forms.HiddenInput()

    def values(self) -> dict:
        data = self.cleaned_data
        return {"partnership": self.partnerships[data["partnership"]], "topic": data["topic"], "under_30": AGE[data["under_30"]], "token": data["token"]}
