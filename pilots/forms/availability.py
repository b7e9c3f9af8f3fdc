"""Availability of education: what a coordinator tells, and what a learner asks."""
from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pilots.choices import LearnerGoal, ProvisionWay, Schooling
from pilots.forms.days import DayField
from pilots.forms.editing import sentence_case, version_field
from pilots.models import EducationForm, Municipality, Organisation
from pilots.models.base import sort_field


class ByName(forms.ModelChoiceField):
    def label_from_instance(self, obj: models.Model) -> str:
        return capfirst(obj.name)


class ProvisionForm(forms.Form):
    version = version_field()
    municipality = ByName(label=_("Municipality"), queryset=None, empty_label=_("Choose a municipality"))
    form = ByName(label=_("Form of education"), queryset=None, empty_label=_("Choose"))
    way = forms.ChoiceField(label=_("How"), choices=sentence_case(ProvisionWay), widget=forms.RadioSelect)
    provider = ByName(label=_("Provider"), queryset=None, required=False, empty_label=pgettext_lazy("provider", "Nobody"), help_text=_("Empty only when the form of education is missing here."))
    place = forms.CharField(label=_("Place"), max_length=200, required=False, help_text=_("The school or the house where it is taught."), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    place_in = ByName(label=_("Municipality of the place"), queryset=None, required=False, empty_label=_("The same municipality"), help_text=_("When it is another one. The distance is counted from its position."))
    in_finnish = forms.BooleanField(label=_("In Finnish"), required=False)
    in_swedish = forms.BooleanField(label=_("In Swedish"), required=False)
    check_by = DayField(label=_("Check again by"), required=False)
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("Where this is known from."), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args, municipalities: list[Municipality], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = Municipality.objects.filter(pk__in=[one.pk for one in municipalities]).order_by(sort_field())
        self.fields["form"].queryset = EducationForm.objects.order_by("position")
        self.fields["provider"].queryset = Organisation.objects.filter(ended_on=None).order_by(sort_field())
        self.fields["place_in"].queryset = Municipality.objects.filter(valid_to=None).order_by(sort_field())


class LearnerForm(forms.Form):
    """Asked by GET; kept nowhere."""

    municipality = ByName(label=_("Where do you live?"), queryset=None, to_field_name="code", empty_label=_("Choose a municipality"), error_messages={"required": _("Choose the municipality in which you live."), "invalid_choice": _("Choose the municipality in which you live.")})
    age = forms.IntegerField(label=_("How old are you?"), min_value=0, max_value=120, required=False)
    schooling = forms.ChoiceField(label=_("What have you finished?"), choices=[("", _("Not told")), *Schooling.choices], required=False)
    goal = forms.ChoiceField(label=_("What do you want?"), choices=[("", _("Not told")), *LearnerGoal.choices], required=False)
    language = forms.ChoiceField(label=_("In which language?"), choices=[("", _("Either")), ("fi", _("Finnish")), ("sv", _("Swedish"))], required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = Municipality.objects.filter(valid_to=None).order_by(sort_field())
