"""Use of what is shared: a table for a period, by resource, organisation or area, and the same as a workbook."""
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from pilots.choices import Permission
from pilots.forms.days import DayField
from pilots.permissions import permission_required
from services.queries.use import LONGEST_USE, Figures, Row, areas_of, by_area, by_organisation, members_of, total, use_of
from services.tables.workbooks import XLSX, Sheet, workbook

RESOURCE, ORGANISATION, AREA = "resource", "organisation", "area"
BACK = timedelta(days=90)


class PeriodForm(forms.Form):
    by = forms.ChoiceField(
        label=gettext_lazy("What is counted"), required=False,
        choices=[(RESOURCE, gettext_lazy("Our own resources and courses")), (ORGANISATION, gettext_lazy("Organisations of our areas")), (AREA, gettext_lazy("Our areas"))],
    )  # fmt: skip
    first_day = DayField(label=gettext_lazy("First day"), required=False)
    last_day = DayField(label=gettext_lazy("Last day"), required=False)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first_day") and data.get("last_day"):
            if data["last_day"] < data["first_day"]:
                self.add_error("last_day", _("The last day must not be before the first."))
            elif data["last_day"] - data["first_day"] > LONGEST_USE:
                self.add_error("last_day", _("Choose a period of 400 days at most."))
        return data


@dataclass(frozen=True)
class Use:
    by: str
    first_day: date
    last_day: date
    rows: list[Row]
    total: Figures | None


def _use(request: HttpRequest, form: PeriodForm) -> Use:
    """The last three months by our own resources, where the form says nothing else or what makes no sense."""
    data, today = (form.cleaned_data if form.is_valid() else {}), timezone.localdate()
    by = data.get("by") or RESOURCE
    last_day = data.get("last_day") or max(today, data.get("first_day") or today)
    first_day = data.get("first_day") or last_day - BACK
    last_day = min(last_day, first_day + LONGEST_USE)
    if by == RESOURCE:
        rows = use_of({request.acting.organisation_id}, first_day, last_day)
        return Use(by, first_day, last_day, rows, total(rows))
    areas = areas_of(request.acting)
    members = members_of(areas)
    rows = use_of({request.acting.organisation_id}.union(*members.values()), first_day, last_day)
    if by == AREA:
        return Use(by, first_day, last_day, by_area(rows, areas, members), None)
    return Use(by, first_day, last_day, by_organisation(rows), total(rows))


@require_safe
@permission_required(Permission.HANDLE_SERVICES)
def use_figures(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET[name] for name in PeriodForm.base_fields if name in request.GET}
    form = PeriodForm(asked)
    use = _use(request, form)
    shown = PeriodForm(asked | {"by": use.by, "first_day": asked.get("first_day") or _written(use.first_day), "last_day": asked.get("last_day") or _written(use.last_day)})
    context = {"form": shown, "use": use, "query": request.GET.urlencode(), "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Use"), None)]}
    return render(request, "services/use_figures.html", context)


def _written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


@require_safe
@permission_required(Permission.HANDLE_SERVICES)
def use_xlsx(request: HttpRequest) -> HttpResponse:
    use = _use(request, PeriodForm(request.GET))
    rows: list[list] = [[
        _("Name"), _("Hours offered"), _("Hours used"), _("Hours left"), _("Hours across a municipal border"), _("Hours across a border of school forms"),
        _("Seats offered"), _("Seats used"), _("Seats left"), _("Seats across a municipal border"), _("Seats across a border of school forms"),
    ]]  # fmt: skip
    rows += [[row.thing.name, *_numbers(row.figures)] for row in use.rows]
    if use.total:
        rows.append([_("Total"), *_numbers(use.total)])
    about: list[list] = [[_("First day"), use.first_day], [_("Last day"), use.last_day]]
    response = HttpResponse(workbook([Sheet(_("Use"), rows), Sheet(pgettext("file", "About"), about, frozenset())]), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="use-{use.first_day}-{use.last_day}.xlsx"'
    return response


def _numbers(one: Figures) -> list:
    offered, left = (_hours(one.offered), _hours(one.left)) if one.is_measured else (None, None)
    return [offered, _hours(one.used), left, _hours(one.over_municipality), _hours(one.over_form), one.seats, one.seats_used, one.seats_left, one.seats_over_municipality, one.seats_over_form]


def _hours(minutes: float) -> Decimal:
    return Decimal(round(minutes)) / 60
