"""The figures of pathways as tables: the page, the workbook, the CSV and the paper are all written from these."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import content_in, page_language, short_date
from summaries.queries.pathway_figures import Baseline, Count, Meaning, PathwayFigures, Quartiles, Transition, meaning

LONGEST = 26


@dataclass(frozen=True)
class Cell:
    """`value` is typed for a workbook, `text` is as it is read, `url` the list behind it."""

    value: str | int | Decimal | None
    text: str
    url: str = ""


@dataclass(frozen=True)
class PathwayTable:
    """`numbers`: how many of the first columns are words; all others are numbers. The last of `rows` is a total where `has_total`."""

    meaning: Meaning
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: int = 1
    has_total: bool = False

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """Each with whether a column of numbers stands below it."""
        return [(column, place >= self.words) for place, column in enumerate(self.columns)]

    def name_of(self, row: Sequence[Cell]) -> str:
        """What a row is of, for whoever meets a number of it alone."""
        return " → ".join(cell.text for cell in row[: self.words] if cell.text)

    def _drawn(self, rows: Sequence[Sequence[Cell]]) -> list[tuple[str, list[tuple[str, Cell, bool]]]]:
        """Each row as its name and its cells: (heading of the column, cell, is a number)."""
        return [(self.name_of(row), [(column, cell, place >= self.words) for place, (column, cell) in enumerate(zip(self.columns, row, strict=True))]) for row in rows]

    @property
    def body(self) -> list[tuple[str, list[tuple[str, Cell, bool]]]]:
        return self._drawn(self.rows[:-1] if self.has_total else self.rows)

    @property
    def foot(self) -> list[tuple[str, list[tuple[str, Cell, bool]]]]:
        return self._drawn(self.rows[-1:]) if self.has_total else []

    @property
    def is_long(self) -> bool:
        """Months of several years: on a page the table opens beside its drawing."""
        return len(self.rows) > LONGEST


def said(thing: object, name: str) -> str:
    """A text of what is written in several languages; "" where there is none."""
    return content_in(thing, name, page_language())[0]


def word(text: str) -> Cell:
    return Cell(text, text)


def count_cell(count: Count) -> Cell:
    """A hidden count says so: it is not zero."""
    if count.value is None:
        return word(pgettext("figure", "hidden"))
    return Cell(count.value, number_format(count.value, force_grouping=True), count.url)


def share_cell(part: float | None) -> Cell:
    if part is None:
        return Cell(None, "–")
    return Cell(Decimal(part).quantize(Decimal("0.0001")), percent(part))


def percent(part: float) -> str:
    return _("%(share)s %%") % {"share": number_format(round(part * 100))}


def days_cells(days: Quartiles | None) -> list[Cell]:
    """Three, for a quarter, a half and three quarters."""
    if days is None:
        return [Cell(None, "–")] * 3
    return [Cell(one, number_format(one, force_grouping=True)) if one is not None else word(_("not reached yet")) for one in (days.first, days.middle, days.third)]


def days_words(number: int | None) -> str:
    return _("%(days)s days") % {"days": number_format(number, force_grouping=True)} if number is not None else _("not reached yet")


def tables_of(figures: PathwayFigures, grouped_by: str, baseline: Iterable[Baseline] = ()) -> list[PathwayTable]:
    """In the order of the page. `grouped_by`: the name of what the last one stands side by side by."""
    quarters = [_("A quarter in days"), _("Half in days"), _("Three quarters in days")]
    quoted = [
        [word(said(one.quoted, "name")), word(one.quoted.shown), word(short_date(one.quoted.began_on)), count_cell(one.measured), share_cell(one.share)]
        for one in baseline
    ]
    found = [PathwayTable(meaning("baseline"), _("The source’s figures and ours"), [_("Figure"), _("The source says"), _("The source’s day"), _("Counted here"), _("Share of the opened")], quoted, 3)] if quoted else []
    return [
        *found,
        PathwayTable(meaning("funnel"), _("Way through the stages"), [_("Stage"), _("Have come to it"), _("Share of the opened")], [
            [word(_("Opened")), count_cell(figures.opened), share_cell(1.0 if figures.opened.value else None)],
            *([word(one.label), count_cell(one.count), share_cell(one.of_opened)] for one in figures.funnel),
        ]),
        PathwayTable(meaning("days"), _("Days in each stage"), [_("Stage"), _("Periods that began"), _("Moved on"), _("Pathway ended"), _("Go on"), _("Share that ended here"), *quarters], [
            [word(one.label), count_cell(one.began), count_cell(one.moved), count_cell(one.ended), count_cell(one.goes_on), share_cell(one.dropped), *days_cells(one.days)] for one in figures.stages
        ]),
        PathwayTable(meaning("waiting"), _("From sent to met"), [pgettext("hand-off", "From"), pgettext("hand-off", "To"), _("Had their time"), _("Met of them"), _("Share met"), *quarters], _with_total(figures, _waiting), 2, has_total=True),
        PathwayTable(meaning("transitions"), _("Hand-offs between organisations"), [pgettext("hand-off", "From"), pgettext("hand-off", "To"), _("Sent"), _("Met"), _("Accepted, not met yet"), _("Unanswered"), _("Declined"), _("Withdrawn")], _with_total(figures, _states), 2, has_total=True),
        PathwayTable(meaning("outcomes"), _("How pathways ended"), [_("Outcome"), _("Pathways"), _("Share of the opened")], [[word(one.label), count_cell(one.count), share_cell(one.of_opened)] for one in figures.endings]),
        PathwayTable(meaning("groups"), _("Side by side"), [grouped_by, _("Opened"), _("Have come to studies"), _("Share of the opened"), _("Ended"), _("Hand-offs sent"), _("Had their time"), _("Met of them"), _("Share met")], [
            [word(one.label), count_cell(one.opened), count_cell(one.studying), share_cell(one.studying_share), count_cell(one.ended), count_cell(one.sent), count_cell(one.due), count_cell(one.met_of_due), share_cell(one.met_share)]
            for one in figures.groups
        ]),
    ]


def _with_total(figures: PathwayFigures, cells) -> list[list[Cell]]:
    """Nothing at all where nothing was sent."""
    if not figures.transitions:
        return []
    return [[word(one.source), word(one.target), *cells(one)] for one in (*figures.transitions, figures.all_handoffs)]


def _waiting(one: Transition) -> list[Cell]:
    return [count_cell(one.due), count_cell(one.met_of_due), share_cell(one.met_share), *days_cells(one.days)]


def _states(one: Transition) -> list[Cell]:
    return [count_cell(count) for count in (one.sent, one.met, one.accepted, one.unanswered, one.declined, one.withdrawn)]
