"""Clients in figures for those who may not open the lists: what was frozen, and nothing else. A filter picks a declared table and a month.

No client is on these pages, so they write no log of reading and are not wrapped by `client_page`.
"""
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pilots.charts import MONTHS, Bar, Line, Stage, bar_chart, funnel_chart, line_chart, month_number
from pilots.choices import Permission
from pilots.permissions import may, permission_required
from summaries.documents.published import HIDDEN, PublishedFile, as_document, as_workbook, hidden_words
from summaries.queries.published import ToldRow, ToldTable, baselines, published_months, read_tables, totals_by_month
from summaries.queries.published_tables import NETWORK, PublishedTable, tables_for
from summaries.queries.summary import chosen_month
from summaries.views.answers import file_answer, require_file


@require_safe
def pathways_public(request: HttpRequest) -> HttpResponse:
    """The whole network, for everyone."""
    return _page(request, everything=False)


@require_safe
@permission_required(Permission.MODERATE)
def pathways_side_by_side(request: HttpRequest) -> HttpResponse:
    """Every partnership beside the others, for Kuntaliitto's staff."""
    return _page(request, everything=True)


@require_safe
def pathways_public_file(request: HttpRequest, what: str) -> HttpResponse | StreamingHttpResponse:
    return _file(request, what, everything=False)


@require_safe
@permission_required(Permission.MODERATE)
def pathways_side_by_side_file(request: HttpRequest, what: str) -> HttpResponse | StreamingHttpResponse:
    return _file(request, what, everything=True)


def _page(request: HttpRequest, *, everything: bool) -> HttpResponse:
    declared = tables_for(everything=everything)
    table = next((one for one in declared if one.code == request.GET.get("table")), declared[0])
    months = [month for month in published_months() if table.is_frozen_with(month)]
    month = chosen_month(request.GET.get("month", ""), months) or (months[0] if months else None)
    told = read_tables([table], month, everything=everything)[0] if month else None
    row = told.row(request.GET.get("of", NETWORK)) if told else None
    trend = totals_by_month(table, row.slug) if row else []
    quoted_on, measured_in, compared = baselines(month, row.slug) if month and row else (None, None, [])
    name = "summaries:pathways_side_by_side" if everything else "summaries:pathways_public"
    context = {
        "everything": everything,
        "sees_everything": may(request.acting, Permission.MODERATE),
        "table": table,
        "tables": [(one.title, f"?{urlencode({'table': one.code} | _kept(request, 'of'))}", one == table) for one in declared],
        "told": told,
        "months": months,
        "row": row,
        "row_name": _name_of(row) if row else "",
        "chart": _chart(told, row) if told and row else "",
        "line": _trend(table, trend, _name_of(row)) if row else "",
        "trend": [(one, count, f"?{urlencode({'table': table.code, 'month': f'{one:%Y-%m}'} | _kept(request, 'of'))}") for one, count in trend],
        "has_hidden": bool(told and any(cell.count is None for each in told.rows for cell in each.cells)) or any(count is None for _month, count in trend),
        "hidden_mark": HIDDEN,
        "baselines": compared,
        "quoted_on": quoted_on,
        "measured_in": measured_in,
        "files": {what: reverse(f"{name}_file", args=[what]) + (f"?month={month:%Y-%m}" if month else "") for what in ("csv", "xlsx", "pdf")},
        "breadcrumbs": _breadcrumbs(everything),
    }
    return render(request, "summaries/published_tables.html", context)


def _kept(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def _breadcrumbs(everything: bool) -> list[tuple[str, str | None]]:
    above = [(_("Areas"), reverse("pilots:area_list")), (_("Network summary"), reverse("summaries:network_summary"))]
    if not everything:
        return [*above, (_("Clients in figures"), None)]
    return [*above, (_("Clients in figures"), reverse("summaries:pathways_public")), (_("Partnerships side by side"), None)]


def _name_of(row: ToldRow) -> str:
    return row.name or _("The whole network")


def _said(count: int | None) -> str:
    return hidden_words() if count is None else number_format(count, force_grouping=True)


def _chart(told: ToldTable, row: ToldRow) -> SafeString:
    """A hidden count is drawn as such: dashed over the whole width, with its word."""
    words = {"table": told.table.title, "name": _name_of(row)}
    title, description = _("%(table)s: %(name)s") % words, _("A dashed bar is of a count that is hidden; its length says nothing.")
    if told.table.is_funnel:
        parts = {cell.label: _("%(share)s %%") % {"share": number_format(round(cell.part * 100))} if cell.part is not None else "" for cell in row.cells}
        return funnel_chart("parts", title, description, [Stage(capfirst(str(cell.label[1])), cell.count, _said(cell.count), parts[cell.label]) for cell in row.cells])
    shown = [cell for cell in row.cells if cell.label in told.columns]
    return bar_chart("parts", title, description, [Bar(capfirst(str(cell.label[1])), None if cell.count is None else Decimal(cell.count), _said(cell.count), is_hidden=cell.count is None) for cell in shown])


def _trend(table: PublishedTable, trend: Sequence[tuple[date, int | None]], name: str) -> SafeString:
    line = Line(name, {month_number(month.year, month.month): Decimal(count) for month, count in trend if count is not None})
    return line_chart("trend", _("%(table)s, by month: %(name)s") % {"table": table.title, "name": name}, _("The totals as they were frozen. A total that is hidden has no mark."), [line], MONTHS)


def _file(request: HttpRequest, what: str, *, everything: bool) -> HttpResponse | StreamingHttpResponse:
    """Every table that was frozen with the month; the latest month where none is named, and no line before the first."""
    months = published_months()
    month = chosen_month(request.GET.get("month", ""), months) or (months[0] if months else None)
    require_file(what)
    today = timezone.localdate()
    tables = read_tables(tables_for(everything=everything), month, everything=everything) if month else []
    file = PublishedFile(tables, month, today, f"pathways-{'partnerships' if everything else 'network'}-{month or today:%Y-%m}")
    return file_answer(file, what, as_workbook, as_document)
