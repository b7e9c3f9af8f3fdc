"""Forms of publications and skill needs."""
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.templatetags.kopa import content_in, page_language
from pilots.choices import NeedLater, NeedNow, PublicationKind
from pilots.forms.days import DayField
from pilots.forms.editing import sentence_case, version_field
from pilots.forms.obstacles import text_field, title_field
from pilots.models import FieldOfEducation
from pilots.models.publication import LANGUAGES


class PublicationForm(forms.Form):
    """What is not known is left empty: the page says that it is not known."""

    version = version_field()
    kind = forms.ChoiceField(label=_("Kind"), choices=sentence_case(PublicationKind), widget=forms.RadioSelect)
    name_fi = title_field(pgettext_lazy("heading", "Title in Finnish"), "fi", hint=_("One of the two languages is enough."))
    name_sv = title_field(pgettext_lazy("heading", "Title in Swedish"), "sv")
    author = forms.CharField(label=_("Author"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("Not known")), *LANGUAGES])
    published_on = DayField(label=_("Published on"), required=False, help_text=_("For example 3.2.2027. Leave it empty when the day is not known."))
    published_in_words_fi = title_field(_("Time in words, in Finnish"), "fi", hint=_("When only the season or the year is known."), length=100)
    published_in_words_sv = title_field(_("Time in words, in Swedish"), "sv", length=100)
    where_fi = title_field(_("Where to find it, in Finnish"), "fi", length=300)
    where_sv = title_field(_("Where to find it, in Swedish"), "sv", length=300)
    link = forms.URLField(label=_("Address"), required=False, max_length=500, assume_scheme="https", widget=forms.URLInput(attrs={"autocomplete": "off"}), help_text=_("For example https://www.kuntaliitto.fi/."))
    summary_fi = text_field(_("Summary in Finnish"), "fi")
    summary_sv = text_field(_("Summary in Swedish"), "sv")
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("Where you know this from."), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"name_fi", "name_sv"} and not (cleaned.get("name_fi") or cleaned.get("name_sv")):
            self.add_error("name_fi", _("Write the title in Finnish or in Swedish."))
        return cleaned


class SkillNeedForm(forms.Form):
    version = version_field()
    name_fi = title_field(_("Skill in Finnish"), "fi", hint=_("For example a profession or what people must know. One of the two languages is enough."))
    name_sv = title_field(_("Skill in Swedish"), "sv")
    field = forms.TypedChoiceField(label=_("Field of education"), coerce=int, help_text=_("National classification of education 2016, Statistics Finland."))
    need_now = forms.ChoiceField(label=_("Need now"), choices=sentence_case(NeedNow), widget=forms.RadioSelect)
    need_later = forms.ChoiceField(label=_("In five years"), choices=sentence_case(NeedLater), widget=forms.RadioSelect)
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("Where this is known from: a survey, a forecast, the employers asked."), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    dated_on = DayField(label=_("Known on"), help_text=_("The day of the source, for example 3.2.2026."))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._fields_of_education = {field.pk: field for field in FieldOfEducation.objects.all()}
        self.fields["field"].choices = [("", _("Choose")), *((pk, f"{field.code} {capfirst(content_in(field, 'name', page_language())[0])}") for pk, field in self._fields_of_education.items())]

    def clean_field(self) -> FieldOfEducation:
        return self._fields_of_education[self.cleaned_data["field"]]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"name_fi", "name_sv"} and not (cleaned.get("name_fi") or cleaned.get("name_sv")):
            self.add_error("name_fi", _("Name the skill in Finnish or in Swedish."))
        return cleaned
