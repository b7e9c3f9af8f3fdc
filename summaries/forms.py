"""How a reader narrows the figures of pathways: coded values by GET alone, so that a page of figures can be found again."""
from collections.abc import Iterable
from datetime import date

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guidance.choices import EducationBackground, Outcome, Stage, TargetGroup
from pilots.filters import Chip, PlainSelect, address_without
from pilots.queries.keyset import LARGEST_ID
from summaries.choices import AgeGroup, GroupBy, PathwayList
from summaries.queries.pathway_choices import NOT_KNOWN, PathwayChoices
from summaries.queries.pathway_figures import DUE, ENDED, GOES_ON, MET_OF_DUE, MOVED, OUTSIDE, STATES
from summaries.queries.pathway_lists import Behind, Narrowed

# The field of a fact that each filter asks.
TRAITS = {"partnership": "partnership__slug", "organisation": "owner", "municipality": "municipality_code", "age": "age_group", "background": "education_background", "group": "target_group", "measure": "measure"}
EMPTY = {"municipality": "", "group": "", "measure": None}


def _choice(label, choices: Iterable = ()) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", _("All")), *((value, capfirst(words)) for value, words in choices)], required=False, widget=PlainSelect)


class PathwayFilterForm(forms.Form):
    partnership = _choice(_("Partnership"))
    first = _choice(_("From the month"))
    last = _choice(_("To the month"))
    organisation = _choice(_("Organisation that owns the process"))
    municipality = _choice(_("Home municipality"))
    age = _choice(_("Age at the opening"), AgeGroup.choices)
    background = _choice(_("Education background"), EducationBackground.choices)
    group = _choice(_("Target group"), [*TargetGroup.choices, (NOT_KNOWN, _("no target group"))])
    measure = _choice(pgettext_lazy("guidance", "Measure"))

    def __init__(self, data: QueryDict, choices: PathwayChoices) -> None:
        super().__init__(data)
        months = [(f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in choices.months]
        given = {
            "partnership": [(one.slug, one.name) for one in choices.partnerships], "organisation": choices.organisations, "first": months, "last": months,
            "municipality": [*choices.municipalities, (NOT_KNOWN, _("Not known, or not disclosed"))], "measure": [*choices.measures, (NOT_KNOWN, _("No measure"))],
        }
        for name, pairs in given.items():
            self.fields[name].choices = [("", _("All")), *pairs]
        # What a filter does not know leaves the figures as they are, and is said to be out of use.
        self.is_valid()

    @property
    def on(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value and name in PathwayFilterForm.base_fields}

    def narrowed(self) -> Narrowed:
        traits = {TRAITS[name]: EMPTY[name] if value == NOT_KNOWN else value for name, value in self.on.items() if name in TRAITS}
        first, last = (date.fromisoformat(f"{self.on[name]}-01") if name in self.on else None for name in ("first", "last"))
        return Narrowed(traits, first, last)

    def words(self) -> list[tuple[str, str]]:
        """Each filter that is on, by its name and what it is narrowed to."""
        return [(str(self.fields[name].label), str(dict(self.fields[name].choices)[value])) for name, value in self.on.items()]

    def chips(self) -> list[Chip]:
        found = [Chip(f"{self.fields[name].label}: {dict(self.fields[name].choices)[value]}", address_without(self.data, name)) for name, value in self.on.items()]
        return found + [Chip(gettext("%(filter)s: not in use") % {"filter": self.fields[name].label}, address_without(self.data, name)) for name in self.errors if name in self.fields and not self.fields[name].widget.is_hidden]

    def clear_url(self) -> str:
        return address_without(self.data, *PathwayFilterForm.base_fields) if self.chips() else ""


class GroupForm(PathwayFilterForm):
    """And by what the last figures stand side by side."""

    by = forms.ChoiceField(label=_("Side by side by"), choices=[(value, capfirst(words)) for value, words in GroupBy.choices], required=False, widget=PlainSelect)

    @property
    def group_by(self) -> str:
        return self.cleaned_data.get("by") or GroupBy.MONTH.value


def _hidden(choices: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[("", ""), *choices], required=False, widget=forms.HiddenInput)


class PathwayListForm(PathwayFilterForm):
    """The list behind a number; which number is in the address alone, and nobody is asked for it."""

    figure = _hidden(PathwayList.choices)
    stage = _hidden(Stage.choices)
    state = _hidden([(code, code) for code in (*STATES, DUE, MET_OF_DUE, MOVED, ENDED, GOES_ON, *Outcome.values)])
    source = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    target = forms.CharField(required=False, max_length=18, widget=forms.HiddenInput)

    def clean_target(self) -> str:
        target = self.cleaned_data["target"]
        if target and target != OUTSIDE and not (target.isascii() and target.isdigit()):
            raise forms.ValidationError(_("Choose one of the organisations."))
        return target

    def behind(self) -> Behind:
        asked = {name: str(self.cleaned_data.get(name) or "") for name in ("stage", "state", "source", "target")}
        return Behind(self.cleaned_data.get("figure") or PathwayList.OPENED.value, **asked)
