"""The network summary: all areas side by side, open to everyone; what lies behind the figures of use is for Kuntaliitto's staff."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pilots.choices import Permission
from pilots.models import PilotArea
from pilots.models.base import sort_field
from pilots.permissions import Acting, may
from summaries.choices import Part
from summaries.queries.figures import DEFINITIONS, NETWORK, USE, Figure, Scope
from summaries.queries.summary import Summary, chosen_month, definitions_of, frozen_months, of_area, read_summary

BY_NAME = "name"


@dataclass(frozen=True)
class Cell:
    """A figure as it is shown: `url` is "" where the reader may not open the list, or the figure is of a month that is over."""

    figure: Figure
    value: int
    share: str
    url: str


@dataclass(frozen=True)
class Column:
    """`url` sorts by it; `order` tells how the rows are sorted by it."""

    figure: Figure
    url: str
    order: str


@dataclass(frozen=True)
class AreaRow:
    area: PilotArea
    url: str
    cells: list[Cell]


def cell_of(summary: Summary, figure: Figure, scope: Scope, acting: Acting, opens: bool = True) -> Cell:
    share = summary.share(figure, scope)
    opens = opens and summary.month is None and (figure.list_name != USE or may_see_lending(acting))
    words = _("%(share)s %%") % {"share": number_format(round(share * 100))} if share is not None else ""
    return Cell(figure, summary.value(figure, scope), words, figure.url(scope) if opens else "")


def may_see_lending(acting: Acting) -> bool:
    """Who borrows from whom: the two sides on their own pages, and Kuntaliitto's staff for the whole network."""
    return may(acting, Permission.MODERATE)


@require_safe
def network_summary(request: HttpRequest) -> HttpResponse:
    months = frozen_months()
    month, part = chosen_month(request.GET.get("month", ""), months), chosen_part(request)
    summary = read_summary([Part(part)], month)
    figures = summary.of_part(part)
    order, rows = _sorted(request, summary, figures)
    context = summary_context(request, summary, months, part) | {
        "columns": _columns(request, figures, order),
        "order": order,
        "name_url": with_query(request, sort=f"-{BY_NAME}" if order == BY_NAME else ""),
        "orders": [(BY_NAME, _("by name")), *((figure.code, figure.label) for figure in figures)],
        "rows": [AreaRow(area, reverse("summaries:area_summary", args=[area.slug]) + _month_query(summary), [cell_of(summary, figure, of_area(area), request.acting) for figure in figures]) for area in rows],
        "whole": [cell_of(summary, figure, NETWORK, request.acting) for figure in figures],
        "definitions": definitions_of(figures),
        "goals": summary.words.goals if part == Part.GOALS else [],
        "sees_lending": may_see_lending(request.acting),
        "files": file_urls("summaries:network_file", summary),
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (_("Network summary"), None)],
    }
    return render(request, "summaries/network_summary.html", context)


def file_urls(name: str, summary: Summary, **kwargs: str) -> dict[str, str]:
    return {what: reverse(name, kwargs=kwargs | {"what": what}) + _month_query(summary) for what in ("csv", "xlsx", "pdf")}


def _month_query(summary: Summary) -> str:
    return f"?month={summary.month:%Y-%m}" if summary.month else ""


def chosen_part(request: HttpRequest) -> str:
    asked = request.GET.get("part", "")
    return asked if asked in Part.values else Part.OVERVIEW


def with_query(request: HttpRequest, **changes: str) -> str:
    """The same page with something else in its address; "" takes a name out."""
    query = {name: request.GET[name] for name in ("part", "month", "sort", "figure") if request.GET.get(name)} | changes
    return f"?{urlencode({name: value for name, value in query.items() if value})}"


def summary_context(request: HttpRequest, summary: Summary, months: Sequence, part: str) -> dict:
    """What every summary page shows: its parts, its months, and of which day it is."""
    first, until = summary.period
    return {
        "summary": summary,
        "part": part,
        "part_label": Part(part).label,
        "parts": [(Part(one).label, with_query(request, part=one, sort=""), one == part) for one in Part.values],
        "months": [(month, with_query(request, month=f"{month:%Y-%m}"), month == summary.month) for month in months],
        "today_url": with_query(request, month=""),
        "use_first": first,
        "use_until": until,
    }


def _sorted(request: HttpRequest, summary: Summary, figures: Sequence[Figure]) -> tuple[str, list[PilotArea]]:
    """By a figure the largest first, the other way round with a hyphen before its code; equal ones by name."""
    asked = request.GET.get("sort", "")
    by_name = sorted(summary.words.areas, key=lambda area: getattr(area, sort_field()))
    figure = next((one for one in figures if one.code == asked.removeprefix("-")), None)
    if figure is None:
        return ("-name", by_name[::-1]) if asked == f"-{BY_NAME}" else (BY_NAME, by_name)
    value: Callable[[PilotArea], int] = lambda area: summary.value(figure, of_area(area))  # noqa: E731
    return asked, sorted(by_name, key=value, reverse=not asked.startswith("-"))


def _columns(request: HttpRequest, figures: Sequence[Figure], order: str) -> list[Column]:
    found = []
    for figure in figures:
        now = "descending" if order == figure.code else "ascending" if order == f"-{figure.code}" else ""
        found.append(Column(figure, with_query(request, sort=f"-{figure.code}" if now == "descending" else figure.code), now))
    return found


@require_safe
def figure_definitions(request: HttpRequest) -> HttpResponse:
    """What each figure counts, of which day, and what it does not count."""
    groups = [(part.label, part.value, found) for part in Part if (found := [one for one in DEFINITIONS if one.part == part])]
    breadcrumbs = [(_("Areas"), reverse("pilots:area_list")), (_("Network summary"), reverse("summaries:network_summary")), (_("What the figures mean"), None)]
    return render(request, "summaries/figure_definitions.html", {"groups": groups, "breadcrumbs": breadcrumbs})
