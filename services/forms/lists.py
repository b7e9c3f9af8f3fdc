"""A list of the organisation's own: the file, which column is what, one line of it, and the period of an export."""
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from services.choices import ListKind
from services.models import ListImport, ListRow
from services.queries.judging import words_for
from services.tables.columns import CHOICES, COLUMNS, REQUIRED
from services.tables.headers import folded
from services.tables.limits import LONGEST_CELL

LONGEST_PERIOD = 3 * 366


class UploadForm(forms.Form):
    """The content is judged by `tables.read_table`."""

    file = forms.FileField(
        label=_("File"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=_("CSV or XLSX, at most 5 MB and 1,000 lines. The first line names the columns. Of a workbook the first sheet is read."),
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """For each column of the portal the one of the file."""

    def __init__(self, *args, batch: ListImport, columns: dict[str, int], samples: list[list[str]], **kwargs) -> None:
        super().__init__(*args, initial={f"column_{column}": place for column, place in columns.items()}, **kwargs)
        self.known = COLUMNS[ListKind(batch.kind)]
        places = [(str(place), _sample(place, text, samples)) for place, text in enumerate(batch.header)]
        for column in self.known:
            required = column in REQUIRED[ListKind(batch.kind)]
            empty = _("Choose the column") if required else _("Not in the file")
            self.fields[f"column_{column.value}"] = forms.ChoiceField(label=column.label, choices=[("", empty), *places], required=required, error_messages={"required": _("Choose the column.")})

    def clean(self) -> dict:
        data = super().clean()
        seen: dict[str, object] = {}
        for column in self.known:
            place = data.get(f"column_{column.value}")
            if place and seen.setdefault(place, column) != column:
                self.add_error(f"column_{column.value}", ValidationError(_("This column is chosen already as “%(name)s”."), params={"name": seen[place].label}))
        return data

    def columns(self) -> dict[str, int]:
        return {column.value: int(place) for column in self.known if (place := self.cleaned_data[f"column_{column.value}"])}


def _sample(place: int, header: str, samples: list[list[str]]) -> str:
    """The header and the first thing that stands below it."""
    name = header or _("Column %(number)s") % {"number": place + 1}
    value = next((row[place] for row in samples if place < len(row) and row[place]), "")
    return f"{name}: {value[:30]}" if value else str(name)


class RowForm(forms.Form):
    """Text as people write it, judged by the action as the whole list is; codes by their names."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, batch: ListImport, row: ListRow, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        kind = ListKind(batch.kind)
        self.known = COLUMNS[kind]
        self.initial = {"version": row.version}
        for column in self.known:
            text = row.values.get(column.value, "")
            if column in CHOICES[kind]:
                code = words_for(kind, column.value).get(folded(text)) if text else ""
                choices = [("", _("Not given")), *((value, capfirst(label)) for value, label in CHOICES[kind][column].choices), *([(text, text)] if code is None else [])]
                self.fields[column.value] = forms.ChoiceField(label=column.label, choices=choices, required=False)
                self.initial[column.value] = code or text
            else:
                self.fields[column.value] = forms.CharField(label=column.label, required=False, max_length=LONGEST_CELL, widget=forms.TextInput(attrs={"autocomplete": "off"}))
                self.initial[column.value] = text

    def values(self) -> dict[str, str]:
        return {column.value: self.cleaned_data[column.value] for column in self.known}


class PeriodForm(forms.Form):
    """The days of an export of bookings."""

    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first_day") and data.get("last_day"):
            if data["last_day"] < data["first_day"]:
                self.add_error("last_day", _("The last day must not be before the first."))
            elif (data["last_day"] - data["first_day"]).days > LONGEST_PERIOD:
                self.add_error("last_day", _("Choose three years at most."))
        return data
