"""A file of figures, and what is what in it."""
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import DayField
from pilots.models import Measure
from pilots.tables.dataset import Dataset
from pilots.tables.mapping import NEXT_YEAR, SAME_YEAR, Mapping

MOST_CONTENTS, MOST_CHOICES = 60, 2000
EARLIEST_VINTAGE, LATEST_VINTAGE = 1990, 2100
PASSED_OVER = "-"


class FigureFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,.json,.txt"}),
        help_text=_("CSV or JSON-stat 2.0 as PxWeb gives it, at most 40 MB. The next page shows what is in it; nothing is stored before you say so."),
    )  # fmt: skip
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("Who publishes the figures, the name of the table, and the licence."))
    retrieved_on = DayField(label=_("Retrieved on"))


class FigureMappingForm(forms.Form):
    """A field for each thing that has to be said of the file; the contents each get their measure."""

    def __init__(self, *args, dataset: Dataset, mapping: Mapping, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.dataset, self.mapping = dataset, mapping
        dimensions = [(one.code, _dimension_name(one)) for one in dataset.dimensions if len(one.categories) > 1 or (one.categories and one.categories[0].code)]
        measures = [(one.pk, one.name) for one in Measure.objects.all()]
        self.fields["municipality"] = forms.ChoiceField(label=_("Municipality"), choices=dimensions, initial=mapping.municipality)
        self.fields["year"] = forms.ChoiceField(label=_("Year"), choices=dimensions, initial=mapping.year)
        self.fields["contents"] = forms.ChoiceField(label=_("Contents"), choices=[("", _("The file has one measure only")), *dimensions], required=False, initial=mapping.contents)
        self.fields["measure"] = forms.ChoiceField(label=_("Measure of the whole file"), choices=[("", _("Told by the contents")), *measures], required=False, initial=mapping.measure)
        place = dataset.dimension(mapping.contents) if mapping.contents else None
        self.contents = dataset.dimensions[place].categories[:MOST_CONTENTS] if place is not None else []
        for at, one in enumerate(self.contents):
            said = mapping.measures.get(one.code, mapping.measures.get(one.label))
            self.fields[f"content_{at}"] = forms.ChoiceField(label=_("Measure of “%(name)s”") % {"name": one.label}, required=False, initial=PASSED_OVER if said == "" else said, choices=[("", _("Choose the measure")), (PASSED_OVER, _("Passed over")), *measures])
        taken = {mapping.municipality, mapping.year, mapping.contents}
        self.fixed = [one for one in dataset.dimensions if one.code not in taken and len(one.categories) > 1]
        for at, one in enumerate(self.fixed):
            choices = [(category.code, category.label) for category in one.categories[:MOST_CHOICES]]
            self.fields[f"fixed_{at}"] = forms.ChoiceField(label=_("Only this of “%(name)s”") % {"name": _dimension_name(one)}, required=False, choices=[("", _("Choose one")), *choices], initial=mapping.select.get(one.code))
        self.fields["vintage"] = forms.IntegerField(label=_("Projection made in"), required=False, min_value=EARLIEST_VINTAGE, max_value=LATEST_VINTAGE, initial=mapping.vintage or None, help_text=_("The year, only when the file is a projection: it is kept apart from what was observed."))
        self.fields["borders"] = forms.CharField(label=_("Borders"), initial={SAME_YEAR: "=", NEXT_YEAR: "+1"}.get(mapping.borders, mapping.borders), help_text=_("The year of the division into municipalities that the file uses. “=” when each year is in its own borders, “+1” when the last day of a year is in the borders of the next."))
        self.fields["leave_out"] = forms.CharField(label=_("Places that are no municipality"), required=False, initial="\n".join(mapping.leave_out), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("One on each line, as the file names them: the whole country, regions."))

    def clean_borders(self) -> str:
        said = self.cleaned_data["borders"].strip()
        known = {"=": SAME_YEAR, "+1": NEXT_YEAR}.get(said, said)
        if known not in (SAME_YEAR, NEXT_YEAR) and not (known.isascii() and known.isdigit() and 1900 <= int(known) <= 2150):
            raise ValidationError(_("Write a year, “=” or “+1”."))
        return known

    def read(self) -> Mapping:
        data = self.cleaned_data
        measures = {one.code: "" if data[f"content_{at}"] == PASSED_OVER else data[f"content_{at}"] for at, one in enumerate(self.contents) if data[f"content_{at}"]} if data["contents"] == self.mapping.contents else {}
        select = {one.code: data[f"fixed_{at}"] for at, one in enumerate(self.fixed) if data[f"fixed_{at}"]}
        return Mapping(
            source=self.mapping.source, retrieved_on=self.mapping.retrieved_on, municipality=data["municipality"], year=data["year"], contents=data["contents"], measure=data["measure"],
            measures=measures, select=select, borders=data["borders"], vintage=data["vintage"] or 0, leave_out=[line.strip() for line in data["leave_out"].splitlines() if line.strip()], nought=self.mapping.nought,
        )  # fmt: skip


def _dimension_name(one) -> str:
    return {"(year)": _("years in the headings"), "(heading)": _("words in the headings")}.get(one.code, one.label or one.code)
