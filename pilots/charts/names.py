"""The name of a bar with its value on the same line: one that is too long for that goes on below."""
import textwrap

from django.utils.html import escape

# So many letters fit over a bar, and so far below each other lines stand.
ON_LINE, LINE = 44, 18


def name_lines(label: str, value: str) -> list[str]:
    """Between words; a word that is longer than the line alone stays whole."""
    if len(label) + 2 + len(value) <= ON_LINE:
        return [label]
    return textwrap.wrap(label, max(ON_LINE - 2 - len(value), 1), break_long_words=False, break_on_hyphens=False)


def drawn_name(lines: list[str], top: int, kind: str) -> str:
    rows = [escape(lines[0]) if lines else "", *(f'<tspan x="0" dy="{LINE}">{escape(line)}</tspan>' for line in lines[1:])]
    return f'<text class="{kind}" x="0" y="{top + 15}">{" ".join(rows)}</text>'
