"""A flow from one side to the other (a Sankey diagram): a band for each pair, as wide as it is large, between the two names.

Names stand above their bars, so that long ones have room on a small screen. The pairs that do not fit are
the table's: the drawing shows the largest.
"""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

WIDTH, BAR, NAME, GAP = 360, 10, 20, 10
# Of all bands together, and of the largest; none is thinner than a line.
HIGH, WIDEST, THINNEST = 260, 80, 2.0
# Two of them stand on one line.
LONGEST_NAME = 20


@dataclass(frozen=True)
class Band:
    source: str
    target: str
    value: int


def flow_chart(chart_id: str, title: str, description: str, bands: Sequence[Band]) -> SafeString:
    """Nothing at all without bands. Each side is in the order of its sums, the largest first. `chart_id` is unique on the page."""
    bands = [band for band in bands if band.value > 0]
    if not bands:
        return mark_safe("")
    scale = min(HIGH / sum(band.value for band in bands), WIDEST / max(band.value for band in bands))
    wide = {band: max(THINNEST, band.value * scale) for band in bands}
    left, left_high = _side(bands, wide, lambda band: band.source)
    right, right_high = _side(bands, wide, lambda band: band.target)
    drawn = []
    from_y, to_y = dict(left), dict(right)
    starts, ends = {name: y for name, (y, _high) in from_y.items()}, {name: y for name, (y, _high) in to_y.items()}
    for band in sorted(bands, key=lambda band: (from_y[band.source][0], to_y[band.target][0])):
        one, other, thick = starts[band.source], ends[band.target], wide[band]
        starts[band.source], ends[band.target] = one + thick, other + thick
        drawn.append(_band(one, other, thick, f"{band.source} → {band.target}: {band.value}"))
    # Over the bands, so that each can be read.
    drawn += [*_names(left, 0, "start"), *_names(right, WIDTH, "end")]
    return mark_safe(
        f'<svg class="chart-drawing flow" viewBox="0 0 {WIDTH} {max(left_high, right_high):.0f}" role="img" aria-labelledby="{chart_id}-name {chart_id}-text">'
        f'<title id="{chart_id}-name">{escape(title)}</title><desc id="{chart_id}-text">{escape(description)}</desc>{"".join(drawn)}</svg>'
    )


def _side(bands: Iterable[Band], wide: dict[Band, float], name_of: Callable[[Band], str]) -> tuple[list[tuple[str, tuple[float, float]]], float]:
    """(name, (top of its bar, its height)) for each, and how high they are together."""
    sums: dict[str, float] = {}
    for band in bands:
        sums[name_of(band)] = sums.get(name_of(band), 0) + wide[band]
    placed, y = [], 0.0
    for name, high in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])):
        placed.append((name, (y + NAME, high)))
        y += NAME + high + GAP
    return placed, y


def _names(side: Iterable[tuple[str, tuple[float, float]]], x: int, anchor: str) -> list[str]:
    bar = x if anchor == "start" else x - BAR
    return [
        f'<text x="{x}" y="{y - 6:.1f}" text-anchor="{anchor}">{escape(Truncator(name).chars(LONGEST_NAME))}</text><rect class="flow-end" x="{bar}" y="{y:.1f}" width="{BAR}" height="{high:.1f}"/>'
        for name, (y, high) in side
    ]


def _band(one: float, other: float, thick: float, words: str) -> str:
    """A band with its own name, that a pointer shows; a line around it parts it from its neighbours without colour."""
    here, there, middle = BAR, WIDTH - BAR, WIDTH / 2
    path = f"M{here} {one:.1f}C{middle} {one:.1f} {middle} {other:.1f} {there} {other:.1f}V{other + thick:.1f}C{middle} {other + thick:.1f} {middle} {one + thick:.1f} {here} {one + thick:.1f}Z"
    return f'<path class="flow-band" d="{path}"><title>{escape(words)}</title></path>'
