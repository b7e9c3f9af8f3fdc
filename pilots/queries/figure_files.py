"""A file of figures judged as it would be stored now: which figures it gives, and where it cannot be right."""
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from pilots.models import IndicatorImport, Measure, Municipality, ReplacedValue
from pilots.models.indicator import OBSERVED
from pilots.tables.dataset import Category, Dataset, Dimension
from pilots.tables.json_stat import read_json_stat
from pilots.tables.mapping import NEXT_YEAR, SAME_YEAR, Mapping
from pilots.tables.pxweb import IN_HEADINGS_TEXT, IN_HEADINGS_YEAR, read_pxweb

MOST_FAULTS = 200
MOST_REPLACED = 100
MISSING = {"", ".", "..", "..."}
# Municipality, measure, part, year: the key of a figure, beside the vintage that the whole file has.
Key = tuple[int, str, str, int]
LARGEST_VALUE = Decimal(10) ** 12
CENT = Decimal("0.01")
CODED = re.compile(r"(?:KU)?(\d{3})(?:\s+\S.*)?")
YEAR = re.compile(r"(\d{4})\*?")
PLACE_NAMES = {"alue", "kunta", "område", "kommun", "area", "region", "municipality"}
YEAR_NAMES = {"vuosi", "år", "year"}
CONTENTS_NAMES = {"tiedot", "uppgifter", "information", "contents", "contentscode"}


@dataclass(frozen=True)
class Fault:
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


@dataclass
class Judged:
    """`figures`: key -> value and the year of its borders. `missing` counts cells without a value, `left_out` those passed over."""

    figures: dict[Key, tuple[Decimal, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    missing: int = 0
    left_out: int = 0

    def fault(self, place: str, text: str) -> None:
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(place, text))


def replaced_by(batch: IndicatorImport) -> list[ReplacedValue]:
    """The first figures that the file put others in the place of, as they were before. One query."""
    rows = ReplacedValue.objects.filter(batch=batch).select_related("indicator__municipality", "indicator__measure")
    return list(rows.order_by("indicator__municipality__sort_key_fi", "indicator__measure__position", "-indicator__year", "pk")[:MOST_REPLACED])


def read_dataset(content: bytes) -> Dataset:
    """By its content: JSON begins with a brace. Raises Unreadable with the place."""
    bare = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return read_json_stat(bare.decode("utf-8", "replace")) if bare[:1] in (b"{", b"[") else read_pxweb(content)


def suggested(dataset: Dataset, mapping: Mapping) -> Mapping:
    """What the mapping leaves open, as the file itself tells it: by the roles of JSON-stat, else by the usual names."""

    def named(role: str, names: set[str], heading: str) -> str:
        by_role = next((one.code for one in dataset.dimensions if one.role == role and len(one.categories) > 0 and one.code != IN_HEADINGS_YEAR), "")
        by_name = next((one.code for one in dataset.dimensions if one.label.casefold() in names), "")
        in_heading = next((one.code for one in dataset.dimensions if one.code == heading and any(category.code for category in one.categories)), "")
        return by_role or by_name or in_heading

    mapping.municipality = mapping.municipality or named("geo", PLACE_NAMES, "")
    mapping.year = mapping.year or named("time", YEAR_NAMES, IN_HEADINGS_YEAR)
    if not mapping.measure and not mapping.contents:
        mapping.contents = named("metric", CONTENTS_NAMES, IN_HEADINGS_TEXT)
    return mapping


def judge(dataset: Dataset, mapping: Mapping) -> Judged:
    """Every cell against what is known; a place or a content that is unknown is one fault, wherever it stands."""
    judged = Judged()
    used: list[int] = []

    def dimension(name: str, what: str, *, needed: bool = True) -> int | None:
        place = dataset.dimension(name) if name else None
        if place is None and (name or needed):
            judged.fault("", _("The file has no dimension “%(name)s” for %(what)s.") % {"name": name, "what": what})
        elif place is not None:
            used.append(place)
        return place

    at_place, at_year = dimension(mapping.municipality, _("the municipality")), dimension(mapping.year, _("the year"))
    at_contents = dimension(mapping.contents, _("the contents"), needed=False)
    at_part = dimension(mapping.part, _("the part of the municipality"), needed=False)
    wanted = _selected(dataset, mapping, used, judged)
    if judged.faults or at_place is None or at_year is None:
        return judged
    places = _places(dataset.dimensions[at_place], mapping, judged)
    years = [_year(one, judged) for one in dataset.dimensions[at_year].categories]
    known = {one.pk: one for one in Measure.objects.all()}
    if at_contents is None:
        if mapping.measure not in known:
            judged.fault("", _("There is no measure “%(name)s”.") % {"name": mapping.measure})
        measures: list[Measure | None] = [known.get(mapping.measure)]
    else:
        measures = [_measure(one, mapping, known, judged) for one in dataset.dimensions[at_contents].categories]
    parts = [one.label[:100] for one in dataset.dimensions[at_part].categories] if at_part is not None else [""]
    nought, this_year = set(mapping.nought), timezone.localdate().year
    # Told once for each place and year: a file has hundreds of figures of both.
    problems: dict[tuple[int, int], str] = {}
    for indices, raw, key in dataset.cells():
        if wanted and any(indices[at] != chosen for at, chosen in wanted):
            judged.left_out += 1
            continue
        place, year = places[indices[at_place]], years[indices[at_year]]
        measure = measures[indices[at_contents] if at_contents is not None else 0]
        if place is None or year is None or measure is None:
            judged.left_out += 1
            continue
        if raw is None or (isinstance(raw, str) and raw in MISSING):
            judged.missing += 1
            continue
        value = _number(raw, nought)
        if value is None:
            judged.fault(dataset.place_of(key), _("“%(text)s” is not a number.") % {"text": str(raw)[:40]})
            continue
        borders = year if mapping.borders == SAME_YEAR else year + 1 if mapping.borders == NEXT_YEAR else int(mapping.borders)
        if mapping.vintage and mapping.borders in (SAME_YEAR, NEXT_YEAR):
            # Nobody knows the borders of a year to come: a projection is in those of the year when it was made.
            borders = mapping.vintage
        if (problem := problems.get((place.pk, year))) is None:
            problem = problems[place.pk, year] = _problem(place, year, borders, mapping.vintage, this_year)
        if problem:
            judged.fault(dataset.place_of(key), problem)
            continue
        name = (place.pk, measure.pk, parts[indices[at_part] if at_part is not None else 0], year)
        if name in judged.figures:
            judged.fault(dataset.place_of(key), _("the file has this figure twice: %(place)s, %(measure)s, %(year)s.") % {"place": place.name_fi, "measure": measure.name, "year": year})
            continue
        judged.figures[name] = (value, borders)
    return judged


def _selected(dataset: Dataset, mapping: Mapping, used: list[int], judged: Judged) -> list[tuple[int, int]]:
    """(dimension, category) of those that are fixed; every dimension that is nothing else has to be, unless it has one category only."""
    wanted = []
    for place, one in enumerate(dataset.dimensions):
        if place in used:
            continue
        name = mapping.select.get(one.code, mapping.select.get(one.label))
        chosen = next((at for at, category in enumerate(one.categories) if name in (category.code, category.label)), None)
        if chosen is not None:
            wanted.append((place, chosen))
        elif name is not None or len(one.categories) > 1:
            judged.fault(one.categories[0].place if one.categories else "", _("Choose one category of “%(name)s”.") % {"name": one.label or one.code})
    return wanted


def _places(dimension: Dimension, mapping: Mapping, judged: Judged) -> list[Municipality | None]:
    by_code: dict[str, Municipality] = {}
    by_name: dict[str, Municipality] = {}
    for one in Municipality.objects.only("code", "name_fi", "name_sv", "valid_from", "valid_to", "successor").order_by("valid_to"):
        by_code[one.code] = one
        for name in filter(None, (one.name_fi, one.name_sv)):
            by_name.setdefault(name.casefold(), one)
    found: list[Municipality | None] = []
    for category in dimension.categories:
        if category.code in mapping.leave_out or category.label in mapping.leave_out:
            found.append(None)
            continue
        coded = CODED.fullmatch(category.code) or CODED.fullmatch(category.label)
        place = by_code.get(coded[1]) if coded else by_name.get(category.label.casefold()) or by_name.get(category.code.casefold())
        if place is None:
            judged.fault(category.place, _("“%(name)s” is no municipality that is known here. Leave it out, or load the municipality first.") % {"name": category.label})
        found.append(place)
    return found


def _year(category: Category, judged: Judged) -> int | None:
    match = YEAR.fullmatch(category.code) or YEAR.fullmatch(category.label)
    if match and 1900 <= int(match[1]) <= 2150:
        return int(match[1])
    judged.fault(category.place, _("“%(name)s” is not a year.") % {"name": category.label or category.code})
    return None


def _measure(category: Category, mapping: Mapping, known: dict[str, Measure], judged: Judged) -> Measure | None:
    name = mapping.measures.get(category.code, mapping.measures.get(category.label, mapping.measure or None))
    if name == "":
        return None
    if name is None:
        judged.fault(category.place, _("Say which measure “%(name)s” is, or that it is passed over.") % {"name": category.label})
    elif name not in known:
        judged.fault(category.place, _("There is no measure “%(name)s”.") % {"name": name})
    return known.get(name or "")


def _number(raw: object, nought: set[str]) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        if raw in nought:
            return Decimal(0)
        raw = "".join(raw.split()).replace(",", ".").replace("\u2212", "-")
    elif not isinstance(raw, int | float):
        return None
    try:
        value = Decimal(str(raw))
        return value.quantize(CENT) if value.is_finite() and abs(value) < LARGEST_VALUE else None
    except InvalidOperation:
        return None


def _problem(place: Municipality, year: int, borders: int, vintage: int, this_year: int) -> str:
    if vintage != OBSERVED and year < vintage:
        return _("the projection made in %(vintage)s has a figure of %(year)s, which was observed.") % {"vintage": vintage, "year": year}
    if vintage == OBSERVED and year > this_year:
        return _("%(year)s is still to come: say in which year the projection was made.") % {"year": year}
    if place.valid_to and borders >= place.valid_to.year:
        return _("%(name)s was no municipality any more in the borders of %(year)s.") % {"name": place.name_fi, "year": borders}
    return ""
