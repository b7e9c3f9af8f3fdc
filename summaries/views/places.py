"""The summary of one area, which stands among the others, and of one municipality."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import name as name_of
from pilots.charts import MONTHS, Bar, Line, bar_chart, line_chart, month_number
from pilots.models import Municipality, PilotArea
from pilots.models.base import sort_field
from pilots.queries.municipalities import memberships_of
from summaries.choices import Part, ScopeKind
from summaries.queries.figures import Figure, Scope
from summaries.queries.summary import Standing, Summary, chosen_month, frozen_months, of_area, of_municipality, read_summary, trend_of
from summaries.views.network import Cell, cell_of, file_urls, summary_context, with_query

EVERY_PART = set(Part) - {Part.OVERVIEW}
FIRST_SHOWN = "models"


@dataclass(frozen=True)
class FigureLine:
    """A figure on the page of a place: `standing` among the areas, None of a municipality; `chart_url` shows its charts."""

    cell: Cell
    standing: Standing | None
    chart_url: str


@dataclass(frozen=True)
class Chart:
    """Of one figure: its bars and its line with their tables."""

    figure: Figure
    bars: SafeString
    bar_rows: list[tuple[PilotArea, int]]
    line: SafeString
    line_rows: list[tuple[date, int]]


@require_safe
def area_summary(request: HttpRequest, slug: str) -> HttpResponse:
    """An area of an earlier round stands among no others: its report tells of it."""
    months = frozen_months()
    summary = read_summary(EVERY_PART, chosen_month(request.GET.get("month", ""), months))
    area = area_of(summary, slug)
    if area is None:
        return redirect("summaries:area_report", get_object_or_404(PilotArea, slug=slug).slug)
    figure = _chosen(request, summary, ScopeKind.AREA)
    context = summary_context(request, summary, months, Part.OVERVIEW) | {
        "name": name_of(area),
        "place": area,
        "groups": _groups(request, summary, of_area(area), area),
        "chart": _chart(summary, figure, of_area(area), name_of(area)),
        "files": file_urls("summaries:area_summary_file", summary, slug=area.slug),
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (name_of(area), area.get_absolute_url()), (_("In figures"), None)],
    }
    return render(request, "summaries/area_summary.html", context)


@require_safe
def municipality_summary(request: HttpRequest, code: str) -> HttpResponse:
    place, months = get_object_or_404(Municipality, code=code), frozen_months()
    summary = read_summary(EVERY_PART, chosen_month(request.GET.get("month", ""), months), place=place)
    figure = _chosen(request, summary, ScopeKind.MUNICIPALITY)
    scope = of_municipality(place)
    context = summary_context(request, summary, months, Part.OVERVIEW) | {
        "name": name_of(place),
        "place": place,
        "areas": [row.area for rows in memberships_of([place]).values() for row in rows],
        # The catalogue narrows to municipalities of today only.
        "groups": _groups(request, summary, scope, None, opens=place.valid_to is None or place.valid_to > timezone.localdate()),
        "chart": _chart(summary, figure, scope, name_of(place), with_bars=False),
        "files": file_urls("summaries:municipality_summary_file", summary, code=place.code),
        "breadcrumbs": [(_("Municipalities"), reverse("pilots:municipality_list")), (name_of(place), place.get_absolute_url()), (_("In figures"), None)],
    }
    return render(request, "summaries/municipality_summary.html", context)


def area_among(summary: Summary, slug: str) -> PilotArea:
    """Raises Http404 where there is no such area in the latest round."""
    if (area := area_of(summary, slug)) is None:
        raise Http404
    return area


def area_of(summary: Summary, slug: str) -> PilotArea | None:
    return next((one for one in summary.words.areas if one.slug == slug), None)


def _chosen(request: HttpRequest, summary: Summary, kind: str) -> Figure:
    asked = request.GET.get("figure", FIRST_SHOWN)
    figures = {figure.code: figure for figure in summary.figures if figure.is_of(kind)}
    return figures.get(asked) or figures[FIRST_SHOWN]


def _groups(request: HttpRequest, summary: Summary, scope: Scope, area: PilotArea | None, opens: bool = True) -> list[tuple[str, str, list[FigureLine]]]:
    """Each part with its figures; kinds of member that the place has none of are left out."""
    found = []
    for part in EVERY_PART_IN_ORDER:
        figures: Iterable[Figure] = summary.of_part(part, scope.kind)
        lines = [
            FigureLine(cell_of(summary, figure, scope, request.acting, opens), summary.standing(figure, area) if area else None, with_query(request, figure=figure.code) + "#charts")
            for figure in figures
            if figure.definition != "members-kind" or summary.value(figure, scope)
        ]
        if lines:
            found.append((str(part.label), part.value, lines))
    return found


EVERY_PART_IN_ORDER = [part for part in Part if part in EVERY_PART]


def _chart(summary: Summary, figure: Figure, scope: Scope, name: str, with_bars: bool = True) -> Chart:
    areas = sorted(summary.words.areas, key=lambda area: (-summary.value(figure, of_area(area)), getattr(area, sort_field()))) if with_bars else []
    rows = [(area, summary.value(figure, of_area(area))) for area in areas]
    bars = [Bar(f"► {area.name}" if of_area(area) == scope else area.name, Decimal(value), number_format(value, force_grouping=True)) for area, value in rows]
    words = {"figure": figure.label, "name": name}
    months = list(trend_of(figure, scope).items())
    line = Line(name, {month_number(month.year, month.month): Decimal(value) for month, value in months})
    return Chart(
        figure,
        bar_chart("areas", _("%(figure)s: the areas side by side") % words, _("The largest first. %(name)s is marked with a pointer.") % words, bars) if bars else SafeString(""),
        rows,
        line_chart("trend", _("%(figure)s by month: %(name)s") % words, _("As frozen at the end of each month."), [line], MONTHS) if months else SafeString(""),
        months[::-1],
    )
