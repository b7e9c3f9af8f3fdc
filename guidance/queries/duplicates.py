"""Likely the same person: asked before a client is stored, and only among the clients whom the asking organisation sees.

Two files are likely one person's when the birth date is the same, or one component (or one digit) of it is off, and
each word of the shorter name has its own counterpart in the longer one: in any order (swapped names), as part of
a double name, with accents and å ä ö folded, and with slips of a letter, of which a birth date that is off allows fewer.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from guidance.models import Participation, Pathway
from guidance.models.client import fold_name
from pilots.models import Membership

SHOWN = 5
OLDEST = 110
LONG_WORD = 4
# Ways in which one sound is written: folded after the accents. "Mäki" is also written "Maeki", "Åström" "Aastroem".
SPELLINGS = (("aa", "a"), ("ae", "a"), ("oe", "o"), ("ph", "f"), ("w", "v"), ("ck", "k"), ("c", "k"), ("z", "s"), ("x", "ks"), ("y", "u"))


@dataclass(frozen=True)
class Likely:
    pathway: Pathway
    name_slips: int
    date_slips: int


def visible_pathways(acting: Membership) -> QuerySet[Pathway]:
    """Where the organisation takes part now; ended ones stay with the one that owned the process."""
    # Asked row by row through an index: a list of every pathway of a large organisation would be gone through for each of them.
    here = Participation.objects.filter(pathway=OuterRef("pk"), organisation=acting.organisation_id, ends_at=None)
    return Pathway.objects.filter(Exists(here) | Q(closed_at__isnull=False, process_owner=acting.organisation_id))


def likely_same(*, acting: Membership, family_name: str, given_names: str, birth_date: date, besides: Pathway | None = None) -> list[Likely]:
    """The likeliest first, at most five; `besides`: a pathway that is not its own duplicate, nor are its client's others."""
    rows = visible_pathways(acting).filter(near_dates(birth_date))
    if besides:
        rows = rows.exclude(client=besides.client_id)
    found = []
    for pk, search_name, born in rows.values_list("pk", "client__search_name", "client__birth_date"):
        date_slips = slips_of_date(birth_date, born)
        name_slips = slips_of_name(fold_name(f"{family_name} {given_names}"), search_name)
        if name_slips is not None and date_slips is not None and is_likely(name_slips, date_slips):
            found.append((name_slips + date_slips, pk, name_slips, date_slips))
    found = sorted(found)[:SHOWN]
    pathways = Pathway.objects.select_related("client").in_bulk([pk for _rank, pk, _name, _date in found])
    return [Likely(pathways[pk], name_slips, date_slips) for _rank, pk, name_slips, date_slips in found]


def is_likely(name_slips: int | None, date_slips: int | None) -> bool:
    """Two slips in all: two letters, or a letter and a part of the date."""
    return name_slips is not None and date_slips is not None and name_slips + date_slips <= 2 and date_slips <= 1


def near_dates(birth_date: date) -> Q:
    """The same date, one component off, or day and month swapped; each way by the index of birth dates."""
    dates = {birth_date, *_same_day_of_other_years(birth_date), *_other_months(birth_date)}
    if swapped := _date(birth_date.year, birth_date.day, birth_date.month):
        dates.add(swapped)
    days = [day for number in range(1, 32) if (day := _date(birth_date.year, birth_date.month, number))]
    return Q(client__birth_date__in=sorted(dates.union(days)))


def _same_day_of_other_years(birth_date: date) -> Iterable[date]:
    this_year = timezone.localdate().year
    return [day for year in range(this_year - OLDEST, this_year + 1) if (day := _date(year, birth_date.month, birth_date.day))]


def _other_months(birth_date: date) -> Iterable[date]:
    return [day for month in range(1, 13) if (day := _date(birth_date.year, month, birth_date.day))]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def slips_of_date(one: date, other: date) -> int | None:
    """0 the same, 1 one component off or day and month swapped, None another date.

    A year that is off counts only by one digit: a person of the same name born forty-three years apart is another.
    """
    if one == other:
        return 0
    if one.year == other.year and (one.month == other.month or one.day == other.day or (one.month, one.day) == (other.day, other.month)):
        return 1
    if (one.month, one.day) == (other.month, other.day) and _digits_off(one.year, other.year) == 1:
        return 1
    return None


def _digits_off(one: int, other: int) -> int:
    return sum(a != b for a, b in zip(f"{one:04d}", f"{other:04d}", strict=True))


def slips_of_name(one: str, other: str) -> int | None:
    """How many letters are off in the best pairing of the words of two folded names; None when they are two names.

    Every word of the shorter name has a counterpart, and at least two words have (a family and a given name).
    """
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    if min(len(shorter), len(longer)) < 2:
        return None
    return _best_pairing(shorter, longer)


def _words(name: str) -> list[str]:
    words = []
    for word in name.split():
        for written, read in SPELLINGS:
            word = word.replace(written, read)
        words.append(word)
    return words


def _best_pairing(shorter: list[str], longer: list[str]) -> int | None:
    if not shorter:
        return 0
    best = None
    for place, word in enumerate(longer):
        slips = slips_of_word(shorter[0], word)
        if slips is None:
            continue
        rest = _best_pairing(shorter[1:], [*longer[:place], *longer[place + 1:]])
        if rest is not None and (best is None or slips + rest < best):
            best = slips + rest
    return best


def slips_of_word(one: str, other: str) -> int | None:
    """0 the same, 1 one letter changed, missing, added or two swapped in a word that is not short; otherwise None."""
    if one == other:
        return 0
    if min(len(one), len(other)) < LONG_WORD or abs(len(one) - len(other)) > 1:
        return None
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if a[1:] == b[1:] or a == b[1:] or a[1:] == b or (len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]):
        return 1
    return None
