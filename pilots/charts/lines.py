"""Lines by year or by month. One without a value breaks the line."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .scale import YEARS, Axis, tick_text, ticks

WIDTH, HEIGHT = 360, 220
TOP, BOTTOM, RIGHT = 10, 28, 14
# Of a letter on an axis, at 14 units.
LETTER = 8
MARKS = ("circle", "square", "triangle", "diamond", "cross")
# With more years than this only the ends of a line and single years carry marks.
MOST_MARKED = 12


@dataclass(frozen=True)
class Line:
    label: str
    observed: Mapping[int, Decimal]
    projected: Mapping[int, Decimal] = field(default_factory=dict)


def line_chart(chart_id: str, title: str, description: str, lines: Sequence[Line], axis: Axis = YEARS) -> SafeString:
    """Nothing at all when no line has a value. `chart_id` is unique on the page."""
    values = [float(value) for line in lines for part in (line.observed, line.projected) for value in part.values()]
    if not values:
        return mark_safe("")
    years = [year for line in lines for part in (line.observed, line.projected) for year in part]
    first, last = min(years), max(years)
    levels = ticks(values)
    names = [tick_text(level) for level in levels]
    left = max(map(len, names)) * LETTER + 10
    wide, high = WIDTH - left - RIGHT, HEIGHT - TOP - BOTTOM

    @cache
    def across(year: int) -> float:
        return round(left + (wide * (year - first) / (last - first) if last > first else wide / 2), 1)

    def down(value: float) -> float:
        return round(TOP + high * (levels[-1] - value) / (levels[-1] - levels[0]), 1)

    drawn = [f'<path class="grid" d="M{left} {down(level)}H{WIDTH - RIGHT}"/><text class="tick" x="{left - 6}" y="{down(level) + 5}" text-anchor="end">{escape(name)}</text>' for level, name in zip(levels, names, strict=True)]
    for year in axis.ticks(first, last):
        anchor = "middle" if across(year) < WIDTH - 30 else "end"
        drawn.append(f'<text class="tick" x="{across(year) if anchor == "middle" else WIDTH - 2}" y="{HEIGHT - 6}" text-anchor="{anchor}">{axis.text(year)}</text>')
    for place, line in enumerate(lines):
        for kind, part in (("observed", line.observed), ("projected", line.projected)):
            if part:
                points = {year: (across(year), down(float(value))) for year, value in sorted(part.items())}
                drawn.append(f'<g class="line line-{place + 1} {kind}">{_path(points)}{_marks(points, MARKS[place % len(MARKS)])}</g>')
    return mark_safe(
        f'<svg class="chart-drawing" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{chart_id}-name {chart_id}-text">'
        f'<title id="{chart_id}-name">{escape(title)}</title><desc id="{chart_id}-text">{escape(description)}</desc>{"".join(drawn)}</svg>'
    )


def _path(points: Mapping[int, tuple[float, float]]) -> str:
    steps = [f"{'L' if year - 1 in points else 'M'}{x} {y}" for year, (x, y) in points.items()]
    return f'<path class="run" d="{"".join(steps)}"/>' if len(steps) > 1 else ""


def _marks(points: Mapping[int, tuple[float, float]], mark: str) -> str:
    shown = [spot for year, spot in points.items() if len(points) <= MOST_MARKED or year - 1 not in points or year + 1 not in points]
    return "".join(_mark(mark, x, y) for x, y in shown)


def _mark(mark: str, x: float, y: float) -> str:
    if mark == "circle":
        return f'<circle class="mark" cx="{x}" cy="{y}" r="4"/>'
    drawing = {"square": "m-4 -4h8v8h-8z", "triangle": "m0 -5l5 9h-10z", "diamond": "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z", "cross": "m-4.5 -4.5l9 9m0 -9l-9 9"}[mark]
    return f'<path class="mark" d="M{x} {y}{drawing}"/>'


def mark_sign(place: int) -> SafeString:
    """The mark of a line, for the list of their names."""
    return mark_safe(f'<svg class="chart-sign" viewBox="0 0 32 16" width="32" height="16" aria-hidden="true"><g class="line line-{place + 1}"><path class="run" d="M2 8H30"/>{_mark(MARKS[place % len(MARKS)], 16, 8)}</g></svg>')
