"""A consent, its withdrawal, and the end of non-disclosure."""
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import ConsentScope, ProcessingBasis, ProtectionEnd, Section
from guidance.forms.fields import GroundField, OneBodyField, PeopleField, token_field
from guidance.forms.pathways import choices
from guidance.models import Consent, Participation
from guidance.queries.legal import grounds_to_choose
from pilots.forms.days import DayField

LARGEST = 2**31 - 1
capfirst_lazy = lazy(capfirst, str)
SCOPES = [
    (ConsentScope.PATHWAY, _("Taking part: the whole pathway, except notes that are kept elsewhere")),
    (ConsentScope.HANDOFF, _("One hand-off: only what is passed on with it. It cannot be accepted on this consent alone")),
]


class ConsentForm(forms.Form):
    """The second step shows the text in full and carries which version it was, and which consent it replaces."""

    organisation = OneBodyField(label=_("Who is told"), error_messages={"required": _("Choose who is told."), "invalid_choice": _("Choose an organisation from the list.")})
    scope = forms.ChoiceField(label=_("How far the consent reaches"), choices=SCOPES, initial=ConsentScope.PATHWAY, widget=forms.RadioSelect, error_messages={"required": _("Choose how far the consent reaches.")})
    language = forms.ChoiceField(
        label=_("In which language the client reads or hears the text"), choices=[(code, capfirst(name)) for code, name in Consent._meta.get_field("language").choices], widget=forms.RadioSelect,
        error_messages={"required": _("Choose the language.")},
    )
    given_on = DayField(label=_("Consent given on"), help_text=_("For example 3.2.2027."), error_messages={"required": _("Write the day on which the client gave the consent.")})
    valid_until = DayField(label=_("In force until"), required=False, help_text=_("For example 3.2.2027."))
    # Only of one hand-off: who takes part is told what the text says.
    sections = forms.MultipleChoiceField(label=_("What is passed on"), choices=[(one.value, capfirst_lazy(one.label)) for one in Section], widget=forms.CheckboxSelectMultiple, required=False)
    text_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=LARGEST)
    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=LARGEST)
    token = token_field()

    def __init__(self, *args, bodies, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(bodies)

    def clean_given_on(self):
        day = self.cleaned_data["given_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return day

    def clean(self):
        data = super().clean()
        if data.get("scope") != ConsentScope.HANDOFF:
            data["sections"] = []
        if data.get("valid_until") and data["valid_until"] < timezone.localdate():
            self.add_error("valid_until", _("This day is in the past."))
        return data


class WithdrawConsentForm(forms.Form):
    reason = forms.CharField(label=_("What the client said"), required=False, max_length=300, help_text=_("Not needed: a consent can be withdrawn without a reason. Everybody who still takes part reads this."), widget=forms.TextInput(attrs={"autocomplete": "off"}))


class BasisForm(forms.Form):
    """On what the own organisation works with the client's data; the view gives the row that it stands on now."""

    basis = forms.ChoiceField(label=_("Basis of your organisation's own processing"), choices=choices(ProcessingBasis), widget=forms.RadioSelect, error_messages={"required": _("Choose the basis.")})
    ground = GroundField(label=_("Provision of law that your processing rests on"), help_text=_("Of a statutory task only."))
    statute = forms.CharField(label=_("In words, when the provision is not in the list"), max_length=200, required=False, help_text=_("Statute and section, as your organisation has stated them. The portal fills in none."))
    replaces = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)

    def __init__(self, *args, part: Participation, **kwargs) -> None:
        words = "" if part.processing_ground_id else part.processing_statute
        super().__init__(*args, initial={"basis": part.processing_basis, "ground": part.processing_ground_id, "statute": words, "replaces": part.pk}, **kwargs)
        self.fields["ground"].offer(grounds_to_choose(processing=True, keep=part.processing_ground_id))


class UnprotectForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why the non-disclosure ends"), choices=choices(ProtectionEnd), widget=forms.RadioSelect, error_messages={"required": _("Choose why the non-disclosure ends.")})


class NamedPeopleForm(forms.Form):
    named_people = PeopleField(label=_("Who sees places and employers"))

    def __init__(self, *args, people, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["named_people"].offer(people)
