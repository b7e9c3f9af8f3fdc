"""Yearly figures of municipalities as series: observed and projected apart, mergers and borders respected.

A municipality of today includes what became part of it. A figure counted in the borders of a year before the merger is put
together with the figures of the others by the measure's rule; one counted in later borders has them in it already. Where one of
the parts is missing, the year is missing: half a sum is never shown.
"""
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from pilots.choices import AreaRule, OrganisationKind, Theme
from pilots.models import AreaMembership, IndicatorValue, Measure, Municipality
from pilots.models.indicator import OBSERVED
from pilots.queries.network import shown_as_members

POPULATION = "population"
OF_VALUE = ("municipality_id", "measure_id", "vintage", "year", "value", "borders_year", "source", "retrieved_on")


@dataclass(frozen=True)
class Origin:
    source: str
    retrieved_on: date | None


class Figure(NamedTuple):
    value: Decimal
    borders_year: int
    origin: Origin


@dataclass
class Series:
    """A measure of a place by year. Years between the first and the last that are in neither dictionary are missing."""

    measure: Measure
    observed: dict[int, Decimal] = field(default_factory=dict)
    projected: dict[int, Decimal] = field(default_factory=dict)
    # In which year the projection was made.
    vintage: int = OBSERVED
    origins: list[Origin] = field(default_factory=list)
    # What became part of the place, and the last year in which its figures were put together with the others'.
    merged: dict[Municipality, int] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        known = {*self.observed, *self.projected}
        return list(range(min(known), max(known) + 1)) if known else []

    @property
    def latest(self) -> tuple[int, Decimal] | None:
        return max(self.observed.items()) if self.observed else None


class Figures:
    """What has been loaded of some measures for some municipalities and what became part of them; two queries."""

    def __init__(self, municipalities: Iterable[Municipality], measures: Iterable[Measure]) -> None:
        self.joined = _joined()
        self.known = {one.pk: one for one in municipalities}
        waiting = list(self.known.values())
        while waiting:
            found = [one for one in self.joined.get(waiting.pop().pk, []) if one.pk not in self.known]
            self.known |= {one.pk: one for one in found}
            waiting += found
        codes = {code for one in measures for code in (one.pk, one.weight_id) if code}
        # (measure, vintage) -> year -> municipality -> figure.
        self.figures: dict[tuple[str, int], dict[int, dict[int, Figure]]] = defaultdict(lambda: defaultdict(dict))
        origins: dict[tuple[str, date | None], Origin] = {}
        rows = IndicatorValue.objects.filter(municipality__in=list(self.known), measure__in=codes, part="").order_by()
        for municipality, measure, vintage, year, value, borders, source, retrieved in rows.values_list(*OF_VALUE):
            origin = origins.setdefault((source, retrieved), Origin(source, retrieved))
            self.figures[measure, vintage][year][municipality] = Figure(value, borders, origin)

    def series(self, measure: Measure, municipalities: Sequence[Municipality]) -> Series:
        """Of a municipality of today, or of several together. Of projections the latest is shown."""
        mine = self._with_joined(municipalities)
        vintages = [vintage for code, vintage in self.figures if code == measure.pk and any(not mine.isdisjoint(row) for row in self.figures[code, vintage].values())]
        series = Series(measure, vintage=max(vintages, default=OBSERVED))
        origins: dict[Origin, None] = {}
        places = {one.pk for one in municipalities}
        # The one that nothing has become part of: most are, and a page may ask a thousand of their figures.
        alone = next(iter(mine)) if len(mine) == 1 else None
        for vintage, values in ((OBSERVED, series.observed), (series.vintage, series.projected)):
            if vintage == OBSERVED and values is series.projected:
                continue
            for year, row in self.figures.get((measure.pk, vintage), {}).items():
                if alone and (own := row.get(alone)):
                    values[year] = own.value
                    origins[own.origin] = None
                    continue
                parts = None if alone else self._parts_of(municipalities, row)
                if parts is None:
                    continue
                value = self._together(measure, vintage, year, parts, row)
                if value is None:
                    continue
                values[year] = value
                origins |= dict.fromkeys(row[pk].origin for pk in parts)
                for pk in set(parts) - places:
                    series.merged[self.known[pk]] = max(year, series.merged.get(self.known[pk], 0))
        series.origins = list(origins)
        return series

    def _with_joined(self, municipalities: Sequence[Municipality]) -> set[int]:
        found, waiting = set(), [one.pk for one in municipalities]
        while waiting:
            pk = waiting.pop()
            if pk not in found:
                found.add(pk)
                waiting += [one.pk for one in self.joined.get(pk, [])]
        return found

    def _parts_of(self, municipalities: Sequence[Municipality], row: dict[int, Figure]) -> list[int] | None:
        """Whose figures make up those of the municipalities in the year of the row; None when one of them is missing."""
        parts: list[int] = []
        for one in municipalities:
            own, joined = row.get(one.pk), self.joined.get(one.pk, [])
            if own and not joined:
                parts.append(one.pk)
                continue
            # One that began with the merger has no figure of its own before it.
            began_so = any(one.valid_from and one.valid_from == other.valid_to for other in joined)
            if own is None and not began_so:
                return None
            parts += [one.pk] if own else []
            later = [other for other in joined if own is None or own.borders_year < other.valid_to.year]
            if later:
                more = self._parts_of(later, row)
                if more is None:
                    return None
                parts += more
        return parts

    def _together(self, measure: Measure, vintage: int, year: int, parts: list[int], row: dict[int, Figure]) -> Decimal | None:
        if len(parts) == 1:
            return row[parts[0]].value
        if measure.area_rule == AreaRule.SUM:
            return sum((row[pk].value for pk in parts), Decimal(0))
        if measure.area_rule == AreaRule.NONE:
            return None
        weights = self.figures.get((measure.weight_id or "", vintage), {}).get(year, {})
        if any(pk not in weights for pk in parts) or not (whole := sum(weights[pk].value for pk in parts)):
            return None
        return sum((row[pk].value * weights[pk].value for pk in parts), Decimal(0)) / whole


def _joined() -> dict[int, list[Municipality]]:
    """What became part of each municipality."""
    found: dict[int, list[Municipality]] = defaultdict(list)
    for one in Municipality.objects.filter(successor__isnull=False).only("code", "name_fi", "name_sv", "valid_from", "valid_to", "successor"):
        if one.successor_id:
            found[one.successor_id].append(one)
    return found


def measures_of(theme: str = "") -> list[Measure]:
    rows = Measure.objects.select_related("weight").defer("loaded", "weight__loaded")
    return list(rows.filter(theme=theme) if theme in Theme.values else rows)


def measure(code: str) -> Measure | None:
    return Measure.objects.filter(pk=code).defer("loaded").first()


def municipalities_of_area(slug: str) -> list[Municipality]:
    """Today's municipalities of the area's members: one that has ended is in the one that it became part of."""
    rows = AreaMembership.objects.filter(shown_as_members(), area__slug=slug, organisation__kind=OrganisationKind.MUNICIPALITY)
    ids = set(rows.values_list("organisation__municipality", flat=True))
    found = Municipality.objects.filter(pk__in=ids).select_related("successor").order_by("sort_key_fi")
    today: dict[int, Municipality] = {}
    for one in found:
        place = one
        while place.successor:
            place = place.successor
        today.setdefault(place.pk, place)
    return list(today.values())


def parts_of(municipality: Municipality) -> list[IndicatorValue]:
    """The latest figures of the parts of a municipality; projections are left out."""
    rows = IndicatorValue.objects.filter(~Q(part=""), municipality=municipality, vintage=OBSERVED).select_related("measure").order_by("part", "measure__position", "-year")
    latest: dict[tuple[str, str], IndicatorValue] = {}
    for row in rows:
        latest.setdefault((row.part, row.measure_id), row)
    return list(latest.values())
