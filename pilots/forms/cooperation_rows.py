"""The rows of a cooperation model's form: partners, results, links. A row that is left empty is none: to take one off, empty it."""
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pilots.choices import ResultTag
from pilots.forms.days import DayField
from pilots.forms.editing import LinesField, sentence_case
from pilots.models import Organisation, Unit
from pilots.queries.cooperation import LINK_FIELDS, RESULT_FIELDS
from pilots.words import matching

SPARE_ROWS = 2
MOST_ROWS = 40
NAMES = ("name_fi", "name_sv", "name_en", "short_name")


def lines(label: str, language: str, rows: int, length: int, help_text: str = "", required: bool = False) -> LinesField:
    return LinesField(label=label, required=required, max_length=length, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows, "lang": language}))


def short(label: str, language: str, length: int, help_text: str = "", required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=length, help_text=help_text, widget=forms.TextInput(attrs={"lang": language}))


def euros(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=12, decimal_places=2, localize=True, help_text=help_text, widget=forms.TextInput(attrs={"inputmode": "decimal"}))


class PartnerForm(forms.Form):
    body = forms.CharField(label=_("Organisation or unit"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "bodies", "autocomplete": "off"}), help_text=_("Its name, as it stands in this portal."))
    is_outside = forms.BooleanField(label=_("It is not in this portal: show the name as I write it"), required=False)
    actions_fi = lines(_("What it does, in Finnish"), "fi", 2, 3000)
    actions_sv = lines(_("What it does, in Swedish"), "sv", 2, 3000)
    euros = euros(_("Gives in euros a year"))
    contribution_fi = short(_("What it gives, in Finnish"), "fi", 300, _("Working time, rooms, money: in a few words."))
    contribution_sv = short(_("What it gives, in Swedish"), "sv", 300)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        name = data.get("body", "").strip()
        if not name and self.has_changed():
            self.add_error("body", _("Write who the partner is, or empty the row."))
            return data
        body = None if not name or data.get("is_outside") else self._found(name)
        data["organisation"] = body if isinstance(body, Organisation) else None
        data["unit"] = body if isinstance(body, Unit) else None
        data["outside"] = name if name and not body else ""
        return data

    def _found(self, name: str) -> Organisation | Unit | None:
        exact = Q()
        for field in NAMES:
            exact |= Q(**{f"{field}__iexact": name})
        # A body that has ended is found by its whole name alone: a model may have stood on it, and must still be saved.
        for organisations, units in ((Q(exact, ended_on=None), exact), (Q(matching(name), ended_on=None), matching(name)), (exact, Q(pk__in=[]))):
            found = [*Organisation.objects.filter(organisations)[:6], *Unit.objects.filter(units)[:6]]
            if len(found) == 1:
                return found[0]
            if found:
                # The whole name of one of them decides.
                whole = [one for one in found if name.casefold() in (one.name_fi.casefold(), one.name_sv.casefold())]
                if len(whole) == 1:
                    return whole[0]
                self.add_error("body", _("Several bodies could be meant: %(names)s. Write the whole name.") % {"names": ", ".join(one.name for one in found[:5])})
                return None
        self.add_error("body", _("No body of this portal is called “%(name)s”. Check the name, or tick that the body is not in this portal.") % {"name": name})
        return None

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("organisation", "unit", "outside", "actions_fi", "actions_sv", "euros", "contribution_fi", "contribution_sv")}


class ResultForm(forms.Form):
    tag = forms.ChoiceField(label=_("What it is about"), required=False, choices=[("", _("Choose")), *sentence_case(ResultTag)])
    text_fi = short(_("Result in Finnish"), "fi", 500)
    text_sv = short(_("Result in Swedish"), "sv", 500)
    figure = forms.DecimalField(label=_("Figure"), required=False, max_digits=14, decimal_places=2, localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    unit = forms.CharField(label=_("Unit"), required=False, max_length=40, help_text=_("For example pupils, % or euros."))
    measured_on = DayField(label=_("Measured on"), required=False)
    how_fi = short(_("How it was measured, in Finnish"), "fi", 300)
    how_sv = short(_("How it was measured, in Swedish"), "sv", 300)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.has_changed():
            for name, message in (("tag", _("Choose what the result is about.")), ("text_fi", _("Write the result in words."))):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, message)
        if data.get("figure") is not None and not data.get("measured_on") and "measured_on" not in self.errors:
            self.add_error("measured_on", _("Give the day on which the figure was true."))
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in RESULT_FIELDS}


class LinkForm(forms.Form):
    title = forms.CharField(label=_("What is there"), max_length=200, required=False)
    url = forms.URLField(label=_("Address"), max_length=500, required=False, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("title") and not data.get("url") and "url" not in self.errors:
            self.add_error("url", _("Write the address, or empty the row."))
        if data.get("url") and not data.get("title"):
            data["title"] = data["url"][:200]
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in LINK_FIELDS}


class Rows(forms.BaseFormSet):
    """Rows that may all be empty, those with something to begin with too."""

    spare = SPARE_ROWS

    def initial_form_count(self) -> int:
        return 0

    def total_form_count(self) -> int:
        if self.is_bound:
            return super().total_form_count()
        return min(len(self.initial or []) + self.spare, MOST_ROWS)

    def values(self) -> list[dict[str, Any]]:
        return [form.values() for form in self.forms if form.has_changed()]


ROW_FORMS = {"partners": PartnerForm, "results": ResultForm, "links": LinkForm}
ROW_SETS = {name: forms.formset_factory(form, formset=Rows, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True) for name, form in ROW_FORMS.items()}
ROW_SETS["results"].spare = ROW_SETS["links"].spare = 1
