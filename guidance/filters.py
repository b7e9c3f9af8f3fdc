"""Filters of the client list: coded values by GET alone, never a word, for a name does not belong in an address."""
from datetime import date

import django_filters as filters
from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guidance.choices import OptionKind, Stage, TargetGroup
from guidance.models import EducationOption, Participation, Pathway
from guidance.queries.own import OPTION_ALIVE, own_pathways
from guidance.queries.waiting import Desk
from pilots.filters import Chip, ListFilterSet, PlainSelect

ROLES = {"process": ("pathway__process_person", _("responsible for the process")), "lead": ("pathway__guidance_lead", _("guidance lead")), "study": ("pathway__study_counsellor", _("study counsellor")), "part": ("responsible", _("answering for our part"))}
YOUNG = 30


def _choice(label, choices=(), **options) -> filters.ChoiceFilter:
    return filters.ChoiceFilter(label=label, choices=[(value, capfirst(words)) for value, words in choices], empty_label=_("All"), widget=PlainSelect, **options)


class FlagFilter(filters.Filter):
    """On or off; what stands in the address is 1."""

    field_class = forms.BooleanField


def _flag(label, method: str) -> FlagFilter:
    return FlagFilter(label=label, method=method, widget=forms.CheckboxInput(attrs={"value": "1"}))


class ClientFilterSet(ListFilterSet):
    """Rows are the organisation's participations that are going on."""

    mine = _flag(_("My clients only"), "by_mine")
    overdue = _flag(_("With a late step"), "by_overdue")
    stale = _flag(_("Nothing has happened for long"), "by_stale")
    waits = _flag(_("Not reached after three calls"), "by_waits")
    under_30 = _flag(_("Under 30"), "by_under_30")
    stage = _choice(_("Stage"), Stage.choices, method="by_stage")
    group = _choice(_("Target group"), TargetGroup.choices, method="by_group")
    role = _choice(_("My role"), [(code, words) for code, (_field, words) in ROLES.items()], method="by_role")
    person = _choice(_("Responsible person of our own"), field_name="responsible")
    option = _choice(_("Education option"), OptionKind.choices, method="by_option")

    class Meta:
        model = Participation
        fields: list[str] = []

    def __init__(self, data, queryset: QuerySet, *, desk: Desk | None = None, **choices) -> None:
        """Without a desk for the drawing of its fields, which follow from the choices alone."""
        super().__init__(data, queryset, **choices)
        self.desk = desk

    def chips(self) -> list[Chip]:
        flags = {name for name, one in self.filters.items() if isinstance(one, FlagFilter)}
        chips = []
        for name, field in self.form.fields.items():
            if name in flags and self.form.cleaned_data.get(name):
                chips.append(Chip(str(field.label), self._address_without(name)))
            elif name not in flags and self.data.get(name):
                chips.append(Chip(self._words(name, field), self._address_without(name)))
        return chips

    def by_mine(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.filter(pathway__in=own_pathways(self.desk.acting).order_by().values("pk")) if value else rows

    def by_overdue(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return _whose_pathway(rows, Q(next_due_on__lt=self.desk.today)) if value else rows

    def by_stale(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return _whose_pathway(rows, self.desk.terms.is_stale) if value else rows

    def by_waits(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return _whose_pathway(rows, Q(waits_since__isnull=False)) if value else rows

    def by_under_30(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return _whose_pathway(rows, Q(client__birth_date__gt=years_before(self.desk.today, YOUNG))) if value else rows

    def by_stage(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return _whose_pathway(rows, Q(stage=value))

    def by_group(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return _whose_pathway(rows, Q(target_group=value))

    def by_role(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{ROLES[value][0]: self.desk.acting})

    def by_option(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return _asked_of_each(rows, EducationOption.objects.filter(pathway=OuterRef("pathway"), kind=value, state__in=OPTION_ALIVE).values("pathway"))


def _whose_pathway(rows: QuerySet, condition: Q) -> QuerySet:
    return _asked_of_each(rows, Pathway.objects.filter(condition, pk=OuterRef("pathway")).values("pk"))


def _asked_of_each(rows: QuerySet, pathway: QuerySet) -> QuerySet:
    """Asked of one row after the other in the order of the list, until the page is full: joined, PostgreSQL would read
    every pathway of the country and sort what is left. It takes "is not null" to be true of nearly all, and so it walks."""
    return rows.filter(IsNull(Subquery(pathway.order_by()[:1]), False))


def years_before(day: date, years: int) -> date:
    """Born after this day: younger than so many years. Who was born on 29.2. comes of age on 1.3."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, month=2, day=28)
