"""The form of a cooperation model, with rows for its partners, results and links; works without JavaScript.
"""
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.kopa import content_in, page_language
from pilots.choices import ModelStatus
from pilots.forms.cooperation_rows import MOST_ROWS, ROW_SETS, SPARE_ROWS, euros, lines, short
from pilots.forms.days import DayField, written
from pilots.forms.editing import sentence_case, version_field
from pilots.models import Contact, EducationForm, Goal, Municipality
from pilots.models.base import sort_field
from pilots.queries.cooperation import FIELDS

# The parts of the form that are closed until one writes them, with the fields of each; the rows are parts of their own.
CLOSED_PARTS = {
    "partners": (), "results": (), "links": (), "crosses": ("education_forms", "municipalities"), "goals": ("goal_",),
    "cost": ("cost",), "lessons": ("lessons_",), "upkeep": ("contact", "check_by"),
}  # fmt: skip
MARKDOWN = _("An empty line begins a paragraph. # begins a heading, - a point of a list, **bold**, [words](https://address).")


class ModelForm(forms.Form):
    """The model's own row, the goals, and the status of today. `owner` has the contact people that can be named."""

    version = version_field()
    name_fi = short(_("Name in Finnish"), "fi", 200, required=True)
    name_sv = short(_("Name in Swedish"), "sv", 200)
    summary_fi = lines(_("In a few sentences, in Finnish"), "fi", 3, 600, _("What is done and what for. Shown in lists."), required=True)
    summary_sv = lines(_("In a few sentences, in Swedish"), "sv", 3, 600)
    body_fi = lines(_("What is done, in Finnish"), "fi", 10, 30_000, MARKDOWN)
    body_sv = lines(_("What is done, in Swedish"), "sv", 6, 30_000)
    education_forms = forms.ModelMultipleChoiceField(label=_("Forms of education"), queryset=EducationForm.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)
    municipalities = forms.CharField(
        label=_("Municipalities"), required=False, max_length=4000,
        help_text=_("Names with commas between. Leave this empty, and the home municipalities of the partners are shown."),
    )  # fmt: skip
    status = forms.ChoiceField(label=_("How far is it?"), required=False, choices=[("", _("Not said")), *sentence_case(ModelStatus)])
    status_from = DayField(label=_("Since when?"), required=False)
    cost = euros(_("Cost in euros a year"))
    cost_fi = lines(_("What it costs and who bears it, in Finnish"), "fi", 3, 3000)
    cost_sv = lines(_("What it costs and who bears it, in Swedish"), "sv", 3, 3000)
    lessons_fi = lines(_("Lessons, in Finnish"), "fi", 5, 10_000, _("What worked, what did not, what you would do otherwise."))
    lessons_sv = lines(_("Lessons, in Swedish"), "sv", 5, 10_000)
    contact = forms.ModelChoiceField(label=_("Contact person"), queryset=Contact.objects.none(), required=False, empty_label=_("Nobody"))
    check_by = DayField(label=_("Check again by"), required=False, help_text=_("Then you are reminded to read this through. For example 3.2.2027."))

    def __init__(self, *args, contacts, goals: list[Goal], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.goals = goals
        self.fields["education_forms"].queryset = EducationForm.objects.order_by("position")
        self.fields["contact"].queryset = contacts
        for goal in goals:
            number = goal.number
            title = content_in(goal, "title", page_language())[0]
            self.fields[f"goal_{number}"] = forms.BooleanField(label=f"{number}. {title}", required=False)
            self.fields[f"goal_{number}_fi"] = lines(_("How, in Finnish"), "fi", 2, 2000)
            self.fields[f"goal_{number}_sv"] = lines(_("How, in Swedish"), "sv", 2, 2000)

    def goal_fields(self) -> list[tuple]:
        return [(self[f"goal_{goal.number}"], self[f"goal_{goal.number}_fi"], self[f"goal_{goal.number}_sv"]) for goal in self.goals]

    def clean_municipalities(self) -> list[Municipality]:
        names = [name.strip() for name in self.cleaned_data["municipalities"].split(",") if name.strip()]
        if not names:
            return []
        known = {name.casefold(): one for one in Municipality.objects.order_by("valid_to") for name in (one.name_sv, one.name_fi) if name}
        missing = [name for name in names if name.casefold() not in known]
        if missing:
            raise ValidationError(_("There is no municipality called %(names)s.") % {"names": ", ".join(missing)})
        return sorted({known[name.casefold()] for name in names}, key=lambda one: getattr(one, sort_field()))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("status") and not data.get("status_from") and "status_from" not in self.errors:
            self.add_error("status_from", _("Give the day since when it has been so."))
        for goal in self.goals:
            if (data.get(f"goal_{goal.number}_fi") or data.get(f"goal_{goal.number}_sv")) and not data.get(f"goal_{goal.number}"):
                data[f"goal_{goal.number}"] = True
        return data

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        served = [goal for goal in self.goals if data[f"goal_{goal.number}"]]
        return {name: data[name] for name in FIELDS} | {
            "education_forms": list(data["education_forms"]),
            "municipalities": data["municipalities"],
            "goals": [{"goal": goal, "how_fi": data[f"goal_{goal.number}_fi"], "how_sv": data[f"goal_{goal.number}_sv"]} for goal in served],
            "status": {"status": data["status"], "starts_on": data["status_from"]} if data["status"] else {},
        }


class WholeForm:
    """The form with its rows, as one: valid when all of it is."""

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None, contacts, goals: list[Goal]) -> None:
        begin = initial or {}
        self.form = ModelForm(data, initial=begin, contacts=contacts, goals=goals)
        self.rows = {name: rows(data, initial=begin.get(name), prefix=name) for name, rows in ROW_SETS.items()}

    def is_valid(self) -> bool:
        # Each is asked, so that everything that is wrong is told at once.
        return all([self.form.is_valid(), *(rows.is_valid() for rows in self.rows.values())]) and not self._same_twice()

    def _same_twice(self) -> bool:
        seen: set = set()
        for form in self.rows["partners"].forms:
            body = form.cleaned_data.get("organisation") or form.cleaned_data.get("unit")
            if body and body in seen:
                form.add_error("body", _("This partner stands here twice."))
                return True
            seen.add(body)
        return False

    def values(self) -> dict[str, Any]:
        return self.form.values() | {name: rows.values() for name, rows in self.rows.items()}

    def quiet(self) -> None:
        """Shown as it was sent, without judging it: only more rows were asked for."""
        for form in (self.form, *(form for rows in self.rows.values() for form in rows.forms)):
            form._errors = ErrorDict()
            form.cleaned_data = {}

    def wrong(self) -> list[forms.Form]:
        """For one summary above them all."""
        return [form for form in (self.form, *(form for rows in self.rows.values() for form in rows.forms)) if form.errors]

    def wrong_parts(self) -> set[str]:
        """The closed parts in which something is wrong: they are shown open."""
        rows = {name for name, rows in self.rows.items() if any(form.errors for form in rows.forms)}
        return rows | {part for part, names in CLOSED_PARTS.items() if names and any(field.startswith(names) for field in self.form.errors)}

    def is_bound_and_wrong(self) -> bool:
        return self.form.is_bound and bool(self.wrong())


def initial_of(values: dict[str, Any], version: int) -> dict[str, Any]:
    """What the form shows of a model's values."""
    initial = {name: values[name] for name in FIELDS} | {"version": version, "education_forms": values["education_forms"], "municipalities": ", ".join(one.name for one in values["municipalities"])}
    for row in values["goals"]:
        number = row["goal"].number
        initial |= {f"goal_{number}": True, f"goal_{number}_fi": row["how_fi"], f"goal_{number}_sv": row["how_sv"]}
    initial |= {"status": values["status"].get("status", ""), "status_from": values["status"].get("starts_on")}
    initial["partners"] = [
        {name: row[name] for name in ("actions_fi", "actions_sv", "euros", "contribution_fi", "contribution_sv")}
        | {"body": (row["organisation"] or row["unit"]).name if not row["outside"] else row["outside"], "is_outside": bool(row["outside"])}
        for row in values["partners"]
    ]
    return initial | {"results": values["results"], "links": values["links"]}


def more_rows(data: QueryDict, name: str) -> QueryDict:
    """What was sent, with room for more rows of one kind."""
    data = data.copy()
    key = f"{name}-TOTAL_FORMS"
    count = data.get(key, "0")
    data[key] = str(min(int(count) + SPARE_ROWS, MOST_ROWS)) if count.isascii() and count.isdecimal() and len(count) < 4 else str(SPARE_ROWS)
    return data


# Which keys of what was sent belong to a field or part of the content.
KEYS = {"status": ("status", "status_from"), "goals": ("goal_",), "partners": ("partners-",), "results": ("results-",), "links": ("links-",)}


def with_theirs(data: QueryDict, names: list[str], theirs: dict[str, Any], version: int, *, contacts, goals: list[Goal]) -> QueryDict:
    """What was sent, with the fields and parts in `names` as somebody else has saved them, and the version of today."""
    data = data.copy()
    shown = WholeForm(initial=initial_of(theirs, version), contacts=contacts, goals=goals)
    for name in names:
        keys = KEYS.get(name, (name,))
        for key in [key for key in data if any(key == one or (one.endswith(("-", "_")) and key.startswith(one)) for one in keys)]:
            del data[key]
        if name in shown.rows:
            rows = shown.rows[name]
            data[f"{name}-TOTAL_FORMS"], data[f"{name}-INITIAL_FORMS"] = str(rows.total_form_count()), "0"
            fields = [field for form in rows.forms for field in form]
        else:
            fields = [shown.form[key] for key in shown.form.fields if any(key == one or (one.endswith("_") and key.startswith(one)) for one in keys)]
        for field in fields:
            _put(data, field)
    data["version"] = str(version)
    return data


def _put(data: QueryDict, field: forms.BoundField) -> None:
    value = field.value()
    if isinstance(value, list):
        data.setlist(field.html_name, [str(getattr(one, "pk", one)) for one in value])
    elif value is True:
        data[field.html_name] = "on"
    elif value is not None and value is not False:
        data[field.html_name] = written(value) if isinstance(value, date) else str(getattr(value, "pk", value))
