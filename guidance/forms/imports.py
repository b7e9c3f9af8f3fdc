"""A client list: the file, which column is what, and one line of it."""
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.forms.clients import OFF
from guidance.models import ImportBatch, ImportRow, Partnership
from guidance.tables.columns import EDITED, REQUIRED, Column
from guidance.tables.judging import CHOICES, Fault, words_of
from pilots.forms.days import DayField
from services.tables.headers import folded
from services.tables.limits import LONGEST_CELL

SEEN_SALT = "guidance.import.seen"


class UploadForm(forms.Form):
    """The content is judged by `tables.read_table`."""

    partnership = forms.ChoiceField(label=_("Partnership"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"), max_length=None, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=_("CSV or XLSX, at most 5 MB and 5,000 clients. The first line names the columns. Of a workbook the first sheet is read."),
    )

    def __init__(self, *args, partnerships: list[Partnership], **kwargs) -> None:
        super().__init__(*args, initial={"partnership": partnerships[0].pk if partnerships else ""}, **kwargs)
        self.partnerships = {str(one.pk): one for one in partnerships}
        self.fields["partnership"].choices = [(key, one.name) for key, one in self.partnerships.items()]
        if len(self.partnerships) == 1:
            self.fields["partnership"].widget = forms.HiddenInput()

    @property
    def chosen_partnership(self) -> Partnership:
        return self.partnerships[self.cleaned_data["partnership"]]


class ColumnsForm(forms.Form):
    """For each field of a client the column of the file; then what stands for lines that do not say what comes next."""

    first_step = forms.CharField(label=_("What happens next, for lines that do not say it"), required=False, max_length=300, widget=forms.TextInput(attrs=OFF), help_text=_("Needed when a line of the file does not say it. For example: call and agree on a first meeting."))
    first_due_on = DayField(label=_("First step by, for lines that do not say it"), required=False, help_text=_("Needed when a line of the file does not say it. For example 3.2.2027."))

    first_step.needed_when = first_due_on.needed_when = "the file"

    def __init__(self, *args, batch: ImportBatch, columns: dict[str, int], samples: list[list[str]], **kwargs) -> None:
        initial = {key(column): place for column, place in columns.items()} | {"first_step": batch.first_step, "first_due_on": batch.first_due_on}
        super().__init__(*args, initial=initial, **kwargs)
        places = [(str(place), _sample(place, text, samples)) for place, text in enumerate(batch.header)]
        for column in Column:
            empty = _("Choose the column") if column in REQUIRED else _("Not in the file")
            self.fields[key(column)] = forms.ChoiceField(label=column.label, choices=[("", empty), *places], required=column in REQUIRED, error_messages={"required": _("Choose the column.")})
        self.order_fields([key(column) for _words, columns in GROUPS for column in columns] + ["first_step", "first_due_on"])

    def clean(self) -> dict:
        data = super().clean()
        seen: dict[str, Column] = {}
        for column in Column:
            place = data.get(key(column))
            if place and seen.setdefault(place, column) != column:
                self.add_error(key(column), ValidationError(_("This column is chosen already as “%(name)s”."), params={"name": seen[place].label}))
        return data

    def columns(self) -> dict[str, int]:
        return {column.value: int(self.cleaned_data[key(column)]) for column in Column if self.cleaned_data[key(column)]}

    def groups(self) -> list[tuple[str, list]]:
        """(what the fields have in common, the fields)."""
        groups = [(words, [self[key(column)] for column in columns]) for words, columns in GROUPS]
        groups[-1][1].extend([self["first_step"], self["first_due_on"]])
        return groups


GROUPS = [
    (_("Who"), [*REQUIRED, Column.NON_DISCLOSURE]),
    (_("How to reach"), [Column.PHONE, Column.EMAIL, Column.ADDRESS, Column.MUNICIPALITY, Column.SERVICE_LANGUAGE, Column.INTERPRETER_LANGUAGE]),
    (_("Languages, target group and minors"), [Column.FINNISH_LEVEL, Column.SWEDISH_LEVEL, Column.TARGET_GROUP, Column.EDUCATION_BACKGROUND, Column.MINOR_ACTOR, Column.MINOR_CHECKED_ON]),
    (_("What happens next"), [Column.FIRST_STEP, Column.FIRST_DUE_ON]),
]


def key(column: str) -> str:
    return f"column_{column}"


def _sample(place: int, header: str, samples: list[list[str]]) -> str:
    """The header and the first thing that stands below it."""
    name = header or _("Column %(number)s") % {"number": place + 1}
    value = next((row[place] for row in samples if place < len(row) and row[place]), "")
    return f"{name}: {value[:30]}" if value else str(name)


class RowForm(forms.Form):
    """A line of the file, judged by the action as the whole list is. Text as people write it; codes by their names."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)

    def __init__(self, *args, row: ImportRow, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for column in EDITED:
            self.fields[column.value] = self._field(column, row.values.get(column, ""))
        self.initial = {column.value: self._initial(column, row.values.get(column, "")) for column in EDITED} | {"seen": signing.dumps(row.values, salt=SEEN_SALT)}

    @classmethod
    def with_faults(cls, row: ImportRow) -> "RowForm":
        """As the list was judged: what is wrong stands at its field from the first look on."""
        form = cls(row=row)
        if not row.faults:
            return form
        form = cls(form.initial, row=row)
        form.full_clean()
        for column, fault in row.faults.items():
            if column in form.errors:
                continue
            form.add_error(column if column in form.fields else None, str(Fault(fault).label))
        return form

    def _field(self, column: Column, text: str) -> forms.Field:
        if column not in CHOICES:
            hint = _("Empty: as said for the whole list.") if column in (Column.FIRST_STEP, Column.FIRST_DUE_ON) else ""
            return forms.CharField(label=column.label, required=column in REQUIRED, max_length=LONGEST_CELL, help_text=hint, widget=forms.TextInput(attrs=OFF), error_messages={"required": Fault.MISSING.label})
        choices = [("", _("Not known yet")), *((code, capfirst(label)) for code, label in CHOICES[column])]
        if text and _code(column, text) is None:
            choices.append((text, text))
        return forms.ChoiceField(label=column.label, choices=choices, required=False)

    def _initial(self, column: Column, text: str) -> str:
        return _code(column, text) or text if column in CHOICES else text

    def clean_seen(self) -> dict:
        try:
            return signing.loads(self.cleaned_data["seen"], salt=SEEN_SALT)
        except signing.BadSignature:
            raise ValidationError(_("Open the page again.")) from None

    def values(self) -> dict[str, str]:
        return {column.value: self.cleaned_data[column.value] for column in EDITED}


def _code(column: Column, text: str) -> str | None:
    return words_of(column).get(folded(text))
