"""The figures of pathways drawn: each drawing stands beside the table that tells the same."""
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pilots.charts import MONTHS, Band, Bar, Line, Stage, bar_chart, flow_chart, funnel_chart, line_chart, month_number
from summaries.choices import GroupBy
from summaries.documents.pathway_tables import days_words, percent
from summaries.queries.pathway_figures import Count, PathwayFigures

# As many pairs and groups as can be told apart in a drawing; the tables have them all.
MOST_DRAWN = 12
LONGEST_NAME = 15
# The lines of the months, by the name of their column.
LINES = ((gettext_lazy("Pathways opened"), "opened"), (gettext_lazy("Hand-offs sent"), "sent"), (gettext_lazy("Of them met, of those that had their time"), "met_of_due"))


def charts_of(figures: PathwayFigures, grouped_by: str) -> dict[str, SafeString]:
    """By the code of the table that a drawing stands beside. What is hidden is not drawn."""
    return {
        "funnel": _funnel(figures) if figures.opened.value else SafeString(),
        "days": _days(figures),
        "waiting": _waiting(figures),
        "transitions": _flow(figures),
        "outcomes": _endings(figures) if figures.opened.value else SafeString(),
        "groups": _months(figures) if grouped_by == GroupBy.MONTH else _groups(figures),
    }


def _funnel(figures: PathwayFigures) -> SafeString:
    stages = [Stage(_("Opened"), figures.opened.value, _text(figures.opened, 1.0)), *(Stage(one.label, one.count.value, _text(one.count, one.of_opened)) for one in figures.funnel)]
    return funnel_chart("funnel-chart", _("Way through the stages"), _("A bar for each stage, as long as the number of pathways that have come to it. The table tells each number."), stages)


def _text(count: Count, part: float | None) -> str:
    if count.value is None:
        return _("hidden, because it is small")
    number = number_format(count.value, 0, force_grouping=True)
    return _("%(count)s (%(share)s)") % {"count": number, "share": percent(part)} if part is not None else number


def _days(figures: PathwayFigures) -> SafeString:
    bars = [_bar(one.label, one.days.middle) for one in figures.stages if one.days]
    return bar_chart("days-chart", _("Days in which half of the periods were over"), _("A bar for each stage. The table tells each number."), bars) if bars else SafeString()


def _waiting(figures: PathwayFigures) -> SafeString:
    bars = [_bar(_("%(source)s → %(target)s") % {"source": _short(one.source), "target": _short(one.target)}, one.days.middle) for one in figures.transitions if one.days][:MOST_DRAWN]
    return bar_chart("waiting-chart", _("Days in which half were met"), _("A bar for each pair of organisations, the longest wait first. The table tells each number."), bars) if bars else SafeString()


def _short(name: str) -> str:
    """Two of them and a number of days stand on one line."""
    return Truncator(name).chars(LONGEST_NAME)


def _bar(label: str, days: int | None) -> Bar:
    return Bar(label, Decimal(days) if days is not None else None, days_words(days))


def _flow(figures: PathwayFigures) -> SafeString:
    rows = sorted(figures.transitions, key=lambda one: -(one.sent.value or 0))[:MOST_DRAWN]
    bands = [Band(one.source, one.target, one.sent.value) for one in rows if one.sent.value]
    return flow_chart("flow-chart", _("Hand-offs between organisations"), _("Senders on the left, receivers on the right; the wider the band, the more hand-offs were sent. The table tells each number."), bands)


def _endings(figures: PathwayFigures) -> SafeString:
    bars = [Bar(one.label, Decimal(one.count.value), _text(one.count, one.of_opened)) for one in figures.endings if one.count.value is not None]
    return bar_chart("outcomes-chart", _("How pathways ended"), _("A bar for each outcome, and one for those still open. The table tells each number."), bars)


def _months(figures: PathwayFigures) -> SafeString:
    """A month without anything is nought, not a gap; a hidden one is a gap."""
    groups = {month_number(*map(int, one.key.split("-")[:2])): one for one in figures.groups}
    months = range(min(groups), max(groups) + 1) if groups else ()
    drawn = []
    for label, name in LINES:
        counts = {month: getattr(groups[month], name) if month in groups else Count(0) for month in months}
        drawn.append(Line(str(label), {month: Decimal(count.value) for month, count in counts.items() if count.value is not None}))
    return line_chart("groups-chart", _("By month"), _("A line for each figure. The table tells each number."), drawn, MONTHS)


def _groups(figures: PathwayFigures) -> SafeString:
    rows = sorted((one for one in figures.groups if one.opened.value), key=lambda one: -(one.opened.value or 0))[:MOST_DRAWN]
    bars = [Bar(one.label, Decimal(one.opened.value or 0), _text(one.opened, None)) for one in rows]
    return bar_chart("groups-chart", _("Pathways opened, side by side"), _("A bar for each group. The table tells each number."), bars) if bars else SafeString()
