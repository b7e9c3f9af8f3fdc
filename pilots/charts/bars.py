"""Bars lying under each other, each below its name; one without a value says so, and one that is not told is a dashed edge."""
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .names import LINE, drawn_name, name_lines

WIDTH, ROW, BAR = 360, 46, 16


@dataclass(frozen=True)
class Bar:
    """`text` is the value as it is read, or why there is none; without words one without a value is missing. `is_hidden`: there is one, which is not told."""

    label: str
    value: Decimal | None
    text: str = ""
    is_hidden: bool = False


def bar_chart(chart_id: str, title: str, description: str, bars: Sequence[Bar]) -> SafeString:
    """All from the same nought; bars of negative values are drawn from it to their length with a dashed edge."""
    longest = max((abs(bar.value) for bar in bars if bar.value is not None), default=Decimal(0))
    drawn, high = [], 0
    for bar in bars:
        said = bar.text or _("missing")
        lines = name_lines(bar.label, said)
        top, below = high, LINE * (len(lines) - 1)
        high += ROW + below
        drawn.append(f'{drawn_name(lines, top, "bar-name")}<text class="bar-value" x="{WIDTH}" y="{top + 15}" text-anchor="end">{escape(said)}</text>')
        if bar.is_hidden:
            # Over the whole width, so that its length says nothing.
            drawn.append(f'<rect class="bar below-nought" x="1" y="{top + below + 21}" width="{WIDTH - 2}" height="{BAR}"/>')
        elif bar.value is not None and longest:
            kind = "bar below-nought" if bar.value < 0 else "bar"
            drawn.append(f'<rect class="{kind}" x="0" y="{top + below + 21}" width="{float(abs(bar.value) / longest) * WIDTH:.1f}" height="{BAR}"/>')
    return mark_safe(
        f'<svg class="chart-drawing" viewBox="0 0 {WIDTH} {high or ROW}" role="img" aria-labelledby="{chart_id}-name {chart_id}-text">'
        f'<title id="{chart_id}-name">{escape(title)}</title><desc id="{chart_id}-text">{escape(description)}</desc>{"".join(drawn)}</svg>'
    )
