"""A funnel: how many went through each stage, one bar under the other, each centred, with what is left of the stage before."""
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .names import LINE, drawn_name, name_lines

WIDTH, ROW, BAR = 360, 64, 26


@dataclass(frozen=True)
class Stage:
    """`text` is the value as it is read, `left` what is said of the way from the stage before ("62 %"); `value` None is one that is not told."""

    label: str
    value: int | None
    text: str
    left: str = ""


def funnel_chart(chart_id: str, title: str, description: str, stages: Sequence[Stage]) -> SafeString:
    """All bars by one scale. One that is not told has a dashed edge over the whole width, so that its length says nothing."""
    most = max((stage.value or 0 for stage in stages), default=0) or 1
    drawn, high = [], 0
    for stage in stages:
        lines = name_lines(stage.label, stage.text)
        top, below = high, LINE * (len(lines) - 1)
        high += ROW + below
        wide = WIDTH * stage.value / most if stage.value is not None else WIDTH - 2
        kind = "bar" if stage.value is not None else "bar below-nought"
        drawn.append(f'{drawn_name(lines, top, "stage-name")}<text x="{WIDTH}" y="{top + 15}" text-anchor="end">{escape(stage.text)}</text>')
        drawn.append(f'<rect class="{kind}" x="{(WIDTH - wide) / 2:.1f}" y="{top + below + 21}" width="{wide:.1f}" height="{BAR}"/>')
        if stage.left:
            drawn.append(f'<text class="tick" x="{WIDTH / 2}" y="{top - 3}" text-anchor="middle">{escape(stage.left)}</text>')
    return mark_safe(
        f'<svg class="chart-drawing" viewBox="0 -12 {WIDTH} {high or ROW}" role="img" aria-labelledby="{chart_id}-name {chart_id}-text">'
        f'<title id="{chart_id}-name">{escape(title)}</title><desc id="{chart_id}-text">{escape(description)}</desc>{"".join(drawn)}</svg>'
    )
