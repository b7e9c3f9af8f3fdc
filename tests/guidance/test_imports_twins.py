"""Likely the same, for a whole list at once: the same answer as one by one, and no growth with the square of the list."""
import random
from datetime import date

import pytest

from guidance.models.client import fold_name
from guidance.queries.duplicates import is_likely, likely_same, slips_of_date, slips_of_name
from guidance.queries.import_twins import LARGE_BUCKET, PeopleByDate, Person, likely_of_many, twins_of
from tests.guidance.factories import make_partnership, make_pathway, new_client

FAMILIES = ("Esimerkki", "Ölander-Koe", "Mäki")
GIVENS = ("Aino", "Aino Maria", "Eino", "Wilma")


def slipped(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text) - 1)
    return rng.choice([text, text, text, text[:place] + text[place + 1:], text[:place] + "x" + text[place:], text[:place] + text[place + 1] + text[place] + text[place + 2:]])


def drawn(rng: random.Random, line: int) -> Person:
    name = f"{slipped(rng, rng.choice(FAMILIES))} {slipped(rng, rng.choice(GIVENS))}"
    return Person(line, fold_name(name), date(rng.choice([1985, 1986, 1990]), rng.choice([1, 2]), rng.choice([1, 2, 3])))


def looks_like(one: Person, other: Person) -> bool:
    return is_likely(slips_of_name(one.name, other.name), slips_of_date(one.birth_date, other.birth_date))


def test_clients_are_found_as_one_by_one(made, rng):
    for person in [Person(0, "esimerkki aino", date(1990, 1, 1)), *(drawn(rng, 0) for _turn in range(25))]:
        family, _space, given = person.name.partition(" ")
        make_pathway(made, client=new_client(family_name=family, given_names=given, birth_date=person.birth_date))
    make_pathway(make_partnership(), client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 1, 1)))
    people = [Person(1, "esimerkki aino", date(1990, 1, 1)), *(drawn(rng, line) for line in range(2, 40))]

    found = likely_of_many(made.anna, people)

    expected = {}
    for person in people:
        family, _space, given = person.name.partition(" ")
        if likely := likely_same(acting=made.anna, family_name=family, given_names=given, birth_date=person.birth_date):
            expected[person.line] = [one.pathway.pk for one in likely]
    assert expected
    assert found == expected


def test_twins_are_found_as_each_against_each(rng):
    people = [drawn(rng, line) for line in range(2, 6 * LARGE_BUCKET)]

    expected = {}
    for number, person in enumerate(people):
        if earlier := next((other.line for other in people[:number] if looks_like(other, person)), None):
            expected[person.line] = earlier
    assert len(expected) > LARGE_BUCKET
    assert twins_of(people) == expected


@pytest.mark.parametrize("count", [1_000, 4_000])
def test_one_day_for_everybody_costs_no_square(count):
    """A list that says 1.1.1990 for whoever has no birth date in it: nobody is compared with more than a few."""
    rng = random.Random(7)
    people = [Person(line, f"{''.join(rng.choices('aeioukplstrmnhjvyd', k=9))} {''.join(rng.choices('aeioukplstrmnhjvyd', k=6))}", date(1990, 1, 1)) for line in range(count)]
    listed = PeopleByDate()
    for person in people:
        listed.add(person)
    bucket = listed.buckets["month", 1990, 1]

    compared = sum(len(list(bucket.near(person.name))) for person in people)

    assert count <= compared < 5 * count
