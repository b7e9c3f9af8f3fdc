"""The environment: yearly figures of a municipality, of an area, and of up to five municipalities side by side."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import get_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import name as name_of
from pilots.charts import Bar, Line, bar_chart, line_chart, mark_sign
from pilots.choices import Theme
from pilots.models import Measure, Municipality, PilotArea
from pilots.models.base import sort_field
from pilots.models.municipality import MUNICIPALITY_CODE
from pilots.queries.indicators import Figures, Origin, Series, measures_of, municipalities_of_area, parts_of

MOST_COMPARED = 5


@dataclass(frozen=True)
class Cell:
    """`kind`: observed, projected or missing."""

    year: int
    kind: str
    values: list[str | None]


@dataclass(frozen=True)
class Trend:
    """A measure as a figure: its drawing, and its table by year. `signs` are the marks and names of several lines."""

    measure: Measure
    drawing: SafeString
    rows: list[Cell]
    columns: list[str]
    signs: list[tuple[SafeString, str]]
    vintages: list[int]
    origins: list[Origin]
    # What was put together, and until which year.
    merged: list[tuple[Municipality, int]]

    @property
    def title(self) -> str:
        return title_of(self.measure)

    def table_rows(self) -> SafeString:
        """Written here: five municipalities compared have a thousand cells, and as a template they took most of the page's time."""
        observed, missing, projection = (escape(words) for words in (self.measure.get_unit_display(), _("missing"), _("projection")))
        rows, nothing = [], f'<span class="soft">{missing}</span>'
        for row in self.rows:
            label, note = (projection, f' <span class="soft">{projection}</span>') if row.kind == "projected" else (observed, "")
            cells = (f'<td class="number" data-label="{label}">{nothing if value is None else value}</td>' for value in row.values)
            rows.append(f'<tr><th scope="row">{row.year}{note}</th>{"".join(cells)}</tr>')
        return mark_safe("\n".join(rows))  # noqa: S308 - numbers, and words escaped above


def title_of(measure: Measure) -> str:
    name = measure.name
    return _("%(name)s, %(unit)s") % {"name": name[:1].upper() + name[1:], "unit": measure.get_unit_display()}


def number(value: Decimal, measure: Measure) -> str:
    return writer(measure)(value)


def writer(measure: Measure) -> Callable[[Decimal], str]:
    """Writes a number as Django does in the reader's language, in a tenth of its time: a page may have a thousand."""
    form, separators = f",.{measure.decimals}f", _separators(get_language())
    return lambda value: format(value, form).translate(separators)


@cache
def _separators(language: str | None) -> dict[int, str]:
    return str.maketrans({",": get_format("THOUSAND_SEPARATOR", language), ".": get_format("DECIMAL_SEPARATOR", language)})


def trend_of(measure: Measure, series: Sequence[Series], names: Sequence[str]) -> Trend | None:
    """None when nothing has been loaded for any of them."""
    known = [year for one in series for year in (*one.observed, *one.projected)]
    if not known:
        return None
    rows, written = [], writer(measure)
    for year in range(min(known), max(known) + 1):
        for kind, parts in (("observed", [one.observed for one in series]), ("projected", [one.projected for one in series])):
            if any(year in part for part in parts):
                rows.append(Cell(year, kind, [written(part[year]) if year in part else None for part in parts]))
        if not rows or rows[-1].year != year:
            rows.append(Cell(year, "missing", [None] * len(series)))
    lines = [Line(name, one.observed, one.projected) for one, name in zip(series, names, strict=True)]
    drawing = line_chart(f"chart-{measure.pk}", title_of(measure), _description(series, names), lines)
    return Trend(
        measure,
        drawing,
        rows,
        list(names),
        [(mark_sign(place), name) for place, name in enumerate(names)] if len(series) > 1 else [],
        sorted({one.vintage for one in series if one.projected}),
        list(dict.fromkeys(origin for one in series for origin in one.origins)),
        list({place.pk: (place, year) for one in series for place, year in one.merged.items()}.values()),
    )


def _description(series: Sequence[Series], names: Sequence[str]) -> str:
    """From when to when and from how much to how much, for each line."""
    said = []
    for one, name in zip(series, names, strict=True):
        if one.observed:
            first, last = min(one.observed), max(one.observed)
            words = {"name": name, "first": first, "last": last, "start": number(one.observed[first], one.measure), "end": number(one.observed[last], one.measure)}
            said.append(_("%(name)s: %(start)s in %(first)s, %(end)s in %(last)s.") % words if last > first else _("%(name)s: %(end)s in %(last)s.") % words)
        if one.projected:
            last = max(one.projected)
            said.append(_("%(name)s: the projection of %(vintage)s gives %(end)s in %(last)s.") % {"name": name, "vintage": one.vintage, "end": number(one.projected[last], one.measure), "last": last})
        if not one.observed and not one.projected:
            said.append(_("%(name)s: nothing has been loaded.") % {"name": name})
    return " ".join(said)


def chosen_theme(request: HttpRequest) -> str:
    asked = request.GET.get("theme", "")
    return asked if asked in Theme.values else Theme.POPULATION


def themes_context(request: HttpRequest) -> dict:
    """Links to the same page under each theme; what else stands in the address stays."""
    current, links = chosen_theme(request), []
    for theme in Theme:
        query = request.GET.copy()
        query["theme"] = theme.value
        links.append((theme.label, f"?{query.urlencode()}", theme == current))
    return {"themes": links, "theme": Theme(current).label}


def trends_context(request: HttpRequest, places: Sequence[Sequence[Municipality]], names: Sequence[str]) -> dict:
    """`places`: the municipalities that each line is of."""
    measures = measures_of(chosen_theme(request))
    figures = Figures([one for place in places for one in place], measures)
    found = [(measure, trend_of(measure, [figures.series(measure, place) for place in places], names)) for measure in measures]
    return themes_context(request) | {"figures": figures, "trends": [trend for _measure, trend in found if trend], "not_loaded": [measure for measure, trend in found if trend is None]}


@require_safe
def municipality_environment(request: HttpRequest, code: str) -> HttpResponse:
    municipality = Municipality.objects.filter(code=code).select_related("successor").first()
    if municipality is None:
        raise Http404
    context = trends_context(request, [[municipality]], [municipality.name]) | {
        "breadcrumbs": [(_("Municipalities"), reverse("pilots:municipality_list")), (municipality.name, municipality.get_absolute_url()), (_("Environment"), None)],
        "municipality": municipality,
        "parts": [(row, number(row.value, row.measure)) for row in parts_of(municipality)],
    }
    return render(request, "pilots/municipality_environment.html", context)


@require_safe
def area_environment(request: HttpRequest, slug: str) -> HttpResponse:
    area = PilotArea.objects.filter(slug=slug).select_related("round").first()
    if area is None:
        raise Http404
    places = municipalities_of_area(slug)
    context = trends_context(request, [places], [area.name]) | {
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (name_of(area), area.get_absolute_url()), (_("Environment"), None)],
        "area": area,
        "places": places,
    }
    context["bars"] = [_bars(trend.measure, context["figures"], places) for trend in context["trends"][:1]]
    return render(request, "pilots/area_environment.html", context)


def _bars(measure: Measure, figures: Figures, places: list[Municipality]) -> tuple[int, SafeString, list[tuple[Municipality, str | None]]]:
    """The measure of each municipality in the last year that any of them has; where it is missing, it is said."""
    series = [(place, figures.series(measure, [place]).observed) for place in places]
    year = max((year for _place, values in series for year in values), default=0)
    rows = [(place, values.get(year)) for place, values in series]
    texts = [(place, None if value is None else number(value, measure)) for place, value in rows]
    bars = [Bar(place.name, value, text or "") for (place, value), (_same, text) in zip(rows, texts, strict=True)]
    missing = _("missing")
    title, told = _("%(measure)s by municipality in %(year)s") % {"measure": title_of(measure), "year": year}, ", ".join(f"{bar.label} {bar.text or missing}" for bar in bars)
    return year, bar_chart("bars", title, told, bars), texts


@require_safe
def municipality_compare(request: HttpRequest) -> HttpResponse:
    """`m` in the address names the municipalities, up to five; one more of them comes from the form."""
    codes = [code for code in dict.fromkeys(request.GET.getlist("m")) if MUNICIPALITY_CODE.regex.fullmatch(code)]
    known = Municipality.objects.in_bulk(codes, field_name="code")
    chosen = [known[code] for code in codes if code in known]
    too_many, chosen = len(chosen) > MOST_COMPARED, chosen[:MOST_COMPARED]
    is_full = len(chosen) == MOST_COMPARED
    others = Municipality.objects.filter(valid_to=None).exclude(pk__in=[one.pk for one in chosen]).only("code", "name_fi", "name_sv").order_by(sort_field())
    context = {
        "breadcrumbs": [(_("Municipalities"), reverse("pilots:municipality_list")), (_("Compare municipalities"), None)],
        "chosen": [(one, _without(request, one.code)) for one in chosen],
        "choices": [] if is_full else others,
        "too_many": too_many,
        "is_full": is_full,
        "most": MOST_COMPARED,
        "theme_code": chosen_theme(request),
    }
    context |= trends_context(request, [[one] for one in chosen], [one.name for one in chosen]) if chosen else {"trends": [], "not_loaded": [], "themes": []}
    return render(request, "pilots/municipality_compare.html", context)


def _without(request: HttpRequest, code: str) -> str:
    query = request.GET.copy()
    query.setlist("m", [one for one in query.getlist("m") if one != code])
    return f"?{query.urlencode()}"
