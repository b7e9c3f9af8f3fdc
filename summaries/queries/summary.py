"""The figures of a page: counted now, or as they were frozen for a month; and where an area stands among the others."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone

from pilots.models import Municipality, PilotArea
from summaries.choices import Part, ScopeKind
from summaries.models import SummarySnapshot
from summaries.queries.counting import Counts, Vocabulary, count_figures, vocabulary
from summaries.queries.figures import DEFINITIONS, Definition, Figure, Scope, all_figures, next_month, period_of_use
from summaries.queries.kept import kept

# Two years and the month that begins a third.
MOST_MONTHS = 25


@dataclass(frozen=True)
class Standing:
    """Where a value stands among those of the areas: its place (equal values share one), how many they are, and the value in the middle."""

    place: int
    of: int
    middle: float


@dataclass(frozen=True)
class Summary:
    """`month`: the frozen month, or None for today's numbers. `counted_on`: the day on which things were counted; `counted_at` when they
    were counted ahead."""

    words: Vocabulary
    counts: Counts
    month: date | None
    counted_on: date
    counted_at: datetime | None = None

    @cached_property
    def figures(self) -> list[Figure]:
        return all_figures(self.words.goals, self.words.forms)

    def of_part(self, part: str, kind: str = ScopeKind.NETWORK) -> list[Figure]:
        """The columns of a part. Kinds of member that no area has are left out: there are fifteen of them."""
        chosen = [figure for figure in self.figures if (figure.is_main if part == Part.OVERVIEW else figure.part == part) and figure.is_of(kind)]
        known = {code for (code, _scope), value in self.counts.items() if value}
        return [figure for figure in chosen if figure.definition != "members-kind" or figure.code in known]

    def value(self, figure: Figure, scope: Scope) -> int:
        return self.counts[figure.code, scope]

    def share(self, figure: Figure, scope: Scope) -> float | None:
        """Of the figure that this one is a part of; None where that is none."""
        whole = self.counts[figure.share_of, scope] if figure.share_of else 0
        return self.counts[figure.code, scope] / whole if whole else None

    def standing(self, figure: Figure, area: PilotArea) -> Standing:
        values = sorted((self.value(figure, of_area(one)) for one in self.words.areas), reverse=True)
        own, half = self.value(figure, of_area(area)), len(values) // 2
        middle = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
        return Standing(values.index(own) + 1, len(values), middle)

    @property
    def period(self) -> tuple[date, date]:
        """Of the figures of use: the first day, and the day after the last."""
        return period_of_use(next_month(self.month) if self.month else self.counted_on)


def of_area(area: PilotArea) -> Scope:
    return Scope(ScopeKind.AREA, area.slug)


def of_municipality(municipality: Municipality) -> Scope:
    return Scope(ScopeKind.MUNICIPALITY, municipality.code)


def read_summary(parts: Iterable[Part], month: date | None, *, place: Municipality | None = None) -> Summary:
    """Of a frozen month in two queries; of today in two where it has been counted ahead, else in one more and those of the parts.

    What is counted ahead may be some minutes old; a municipality is counted for its reader.
    """
    words, today = vocabulary(), timezone.localdate()
    if month:
        rows = SummarySnapshot.objects.filter(month=month).order_by()
        # Of the municipalities only the one that is asked for.
        rows = rows.filter(kind=ScopeKind.MUNICIPALITY, code=place.code) if place else rows.exclude(kind=ScopeKind.MUNICIPALITY)
        found = list(rows.values_list("figure", "kind", "code", "value", "frozen_on"))
        counts = Counts({(figure, Scope(kind, code)): value for figure, kind, code, value, _day in found})
        return Summary(words, counts, month, found[0][4] if found else month)
    if place is None and (ahead := kept()):
        return Summary(words, ahead[0], None, today, ahead[1])
    places = Municipality.objects.filter(pk=place.pk) if place else None
    return Summary(words, count_figures(parts, today, places=places), None, today)


def frozen_months() -> list[date]:
    """The latest first. One query."""
    return list(SummarySnapshot.objects.filter(kind=ScopeKind.NETWORK, figure="members").order_by("-month").values_list("month", flat=True))


def chosen_month(asked: str, months: Sequence[date]) -> date | None:
    """`asked` as 2026-10; None where it is not among the frozen months."""
    return next((month for month in months if f"{month:%Y-%m}" == asked), None)


def trend_of(figure: Figure, scope: Scope) -> dict[date, int]:
    """By month, the earliest first. One query."""
    rows = SummarySnapshot.objects.filter(figure=figure.code, kind=scope.kind, code=scope.code).order_by("-month").values_list("month", "value")[:MOST_MONTHS]
    return dict(reversed(rows))


def definitions_of(figures: Iterable[Figure]) -> list[Definition]:
    codes = {figure.definition for figure in figures}
    return [one for one in DEFINITIONS if one.code in codes]
