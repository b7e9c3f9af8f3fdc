"""The figures of a summary as a table: one row for each area or for the place, a column for each figure, and what they mean."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import short_date
from services.tables.workbooks import Sheet, workbook
from summaries.choices import Part
from summaries.outline import Document, Paragraph, Section, Table
from summaries.queries.figures import Figure, Scope
from summaries.queries.summary import Summary, definitions_of

# So many columns beside the name fit on paper.
MOST_ON_PAPER = 7


@dataclass(frozen=True)
class SummaryFile:
    """`rows`: (name, scope); `asked_by` is "" where nobody has signed in."""

    title: str
    file_name: str
    summary: Summary
    rows: Sequence[tuple[str, Scope]]
    kind: str
    asked_by: str
    asked_on: date

    @property
    def figures(self) -> list[Figure]:
        return [figure for figure in self.summary.figures if figure.is_of(self.kind)]

    def header(self) -> list[str]:
        names = [_("Name")]
        for figure in self.figures:
            label = _("%(part)s: %(figure)s") % {"part": figure.part.label, "figure": figure.label}
            names += [label, _("%(figure)s, share") % {"figure": label}] if figure.share_of else [label]
        return names

    def lines(self) -> list[list[Any]]:
        found = []
        for name, scope in self.rows:
            line: list[Any] = [name]
            for figure in self.figures:
                line.append(self.summary.value(figure, scope))
                if figure.share_of:
                    share = self.summary.share(figure, scope)
                    line.append(None if share is None else Decimal(share).quantize(Decimal("0.0001")))
            found.append(line)
        return found

    def about(self) -> list[list[Any]]:
        """Of which day, who asked, and for which period use was counted."""
        first, until = self.summary.period
        return [
            [self.title],
            [_("Month"), f"{self.summary.month:%Y-%m}" if self.summary.month else _("as it is today")],
            [_("Counted on"), self.summary.counted_on],
            [_("Use: began on this day or later"), first],
            [_("Use: began before this day"), until],
            [_("Asked for on"), self.asked_on],
            [_("Asked for by"), self.asked_by or _("a visitor who has not signed in")],
        ]

    def meanings(self) -> list[list[str]]:
        when = {False: _("As things were on the day of counting."), True: _("The twelve whole months of the period.")}
        return [[_("Figure"), _("What is counted"), _("What is not counted"), _("Of which day")], *([str(one.title), str(one.counted), str(one.not_counted), when[one.is_of_use]] for one in definitions_of(self.figures))]


def as_workbook(file: SummaryFile) -> bytes:
    sheets = [Sheet(_("Figures"), [file.header(), *file.lines()]), Sheet(_("What the figures mean"), file.meanings()), Sheet(pgettext("file", "About"), file.about())]
    return workbook(sheets)


def as_document(file: SummaryFile) -> Document:
    """For paper: a table for each part, with what its figures mean below it."""
    counted = _("Counted on %(day)s.") % {"day": short_date(file.summary.counted_on)}
    document = Document(about=file.title, title=file.title, subtitle=counted, made_on=file.asked_on, file_name=file.file_name)
    for part in Part:
        figures = file.summary.of_part(part, file.kind) if part != Part.OVERVIEW else []
        if not figures:
            continue
        section = Section(part.value, str(part.label))
        for begin in range(0, len(figures), MOST_ON_PAPER):
            shown = figures[begin : begin + MOST_ON_PAPER]
            rows = [[name, *(_with_share(file.summary, figure, scope) for figure in shown)] for name, scope in file.rows]
            section.blocks.append(Table(str(part.label), [_("Name"), *(figure.label for figure in shown)], rows, frozenset(range(1, len(shown) + 1))))
        section.blocks += [Paragraph(_("%(title)s. Counted: %(counted)s Not counted: %(left_out)s") % {"title": one.title, "counted": one.counted, "left_out": one.not_counted}, is_soft=True) for one in definitions_of(figures)]
        document.sections.append(section)
    document.sections.append(Section("about", pgettext("file", "About"), [Paragraph(" ".join(f"{label}: {short_date(value) if isinstance(value, date) else value}." for label, value in file.about()[1:]), is_soft=True)]))
    return document


def _with_share(summary: Summary, figure: Figure, scope: Scope) -> str:
    value, share = summary.value(figure, scope), summary.share(figure, scope)
    return _("%(count)s (%(share)s %%)") % {"count": value, "share": round(share * 100)} if share is not None else f"{value}"
