"""Likely the same person, for a whole list at once: among the clients whom the organisation sees, and inside the file.

The rule is that of `duplicates.likely_same`; only the way is another. Its dates are asked row by row through an index; here the
list lies in buckets of dates, and each client who is seen passes by once. A bucket that is large (a day that stands for
"not known") is divided once more by the words of the names, so that nothing grows with the square of the list.
"""
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from guidance.queries.duplicates import SHOWN, SPELLINGS, is_likely, slips_of_date, slips_of_name, visible_pathways
from pilots.models import Membership

LARGE_BUCKET = 64
# No list of people has more with the same day and the same words; beyond it a line is not looked at for ever.
MOST_COMPARED = 1_000


@dataclass(frozen=True)
class Person:
    """`name` folded as Client.search_name."""

    line: int
    name: str
    birth_date: date


@dataclass
class Bucket:
    people: list[Person] = field(default_factory=list)
    by_word: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    indexed: int = 0

    def near(self, name: str) -> Iterable[Person]:
        if len(self.people) <= LARGE_BUCKET:
            return self.people
        for person in self.people[self.indexed:]:
            for part in _parts(person.name):
                self.by_word[part].append(person)
        self.indexed = len(self.people)
        # Two words at least have to agree, so the commonest one need not be asked for.
        found = sorted((_unique(self.by_word.get(part, ()) for part in _slips(word)) for word in set(name.split())), key=len)
        return _unique(found[:-1] or found)[:MOST_COMPARED]


class PeopleByDate:
    """The people of a list, found again by a birth date that is the same or one component off."""

    def __init__(self) -> None:
        self.buckets: dict[tuple, Bucket] = defaultdict(Bucket)

    def add(self, person: Person) -> None:
        born = person.birth_date
        for key in {("month", born.year, born.month), ("day", born.year, born.day), ("year", born.month, born.day)}:
            self.buckets[key].people.append(person)

    def like(self, name: str, born: date) -> Iterator[tuple[Person, int, int]]:
        """Each person once with the slips of name and date."""
        seen: set[int] = set()
        swapped = ("month", born.year, born.day)
        for key in (("month", born.year, born.month), ("day", born.year, born.day), ("year", born.month, born.day), swapped):
            bucket = self.buckets.get(key)
            for person in bucket.near(name) if bucket else ():
                if person.line in seen:
                    continue
                date_slips = slips_of_date(born, person.birth_date)
                if date_slips is None:
                    continue
                seen.add(person.line)
                name_slips = slips_of_name(name, person.name)
                if is_likely(name_slips, date_slips):
                    yield person, name_slips, date_slips


def likely_of_many(acting: Membership, people: Iterable[Person]) -> dict[int, list[int]]:
    """Line -> ids of the pathways that are likely the same person's, the likeliest first, at most five."""
    listed = PeopleByDate()
    for person in people:
        listed.add(person)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if listed.buckets:
        for pk, name, born in visible_pathways(acting).order_by().values_list("pk", "client__search_name", "client__birth_date").iterator():
            for person, name_slips, date_slips in listed.like(name, born):
                found[person.line].append((name_slips + date_slips, pk))
    return {line: [pk for _rank, pk in sorted(ranked)[:SHOWN]] for line, ranked in found.items()}


def twins_of(people: Iterable[Person]) -> dict[int, int]:
    """Line -> the first earlier line with likely the same person; `people` in the order of their lines."""
    earlier = PeopleByDate()
    twins = {}
    for person in people:
        found = [other.line for other, _name, _date in earlier.like(person.name, person.birth_date)]
        if found:
            twins[person.line] = min(found)
        earlier.add(person)
    return twins


def _parts(name: str) -> set[str]:
    return {part for word in name.split() for part in _slips(word)}


def _slips(word: str) -> set[str]:
    """The word and what is left of it without one letter: words that are one slip apart share one of these."""
    for written, read in SPELLINGS:
        word = word.replace(written, read)
    return {word, *(word[:place] + word[place + 1:] for place in range(len(word)))}


def _unique(groups: Iterable[Iterable[Person]]) -> list[Person]:
    return list({person.line: person for group in groups for person in group}.values())
