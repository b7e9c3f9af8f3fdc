"""The duplicate guard on made pairs: at least 95 % of those who are one person are found, at most 2 % of those who are two."""
from datetime import date, timedelta

import pytest
from django.utils import timezone

from guidance.models.client import fold_name
from guidance.queries.duplicates import is_likely, likely_same, slips_of_date, slips_of_name, slips_of_word
from tests.guidance.factories import accept, make_client, make_counsellor, make_handoff, make_organisation, make_partnership, make_pathway, meet, new_client

PAIRS = 300
FAMILY = [
    "Virtanen", "Korhonen", "Mäkinen", "Nieminen", "Mäkelä", "Hämäläinen", "Laine", "Heikkinen", "Koskinen", "Järvinen", "Lehtonen", "Lehtinen", "Saarinen", "Salminen", "Heinonen",
    "Niemi", "Heikkilä", "Kinnunen", "Salonen", "Turunen", "Salo", "Laitinen", "Rantanen", "Tuominen", "Karjalainen", "Jokinen", "Mattila", "Savolainen", "Lahtinen", "Ahonen", "Öhman",
    "Åström", "Söderström", "Lindqvist", "Björklund", "Nyström", "Häggblom", "Sjöberg", "Nguyen", "Mohamed", "Petrov",
]
GIVEN = [
    "Matti", "Timo", "Juha", "Kari", "Mikko", "Antti", "Jari", "Jukka", "Mika", "Markku", "Anne", "Päivi", "Anna", "Ritva", "Leena", "Pirjo", "Sari", "Minna", "Marja", "Tiina", "Jörgen",
    "Åsa", "Märta", "Elisabeth", "Hanna", "Katariina", "Johannes", "Olavi", "Annikki", "Tuulikki", "Yusuf", "Amina", "Olga", "Linh",
]
VARIANTS = ("swapped", "folded", "spelt_out", "double", "double_hyphen", "letter_changed", "letter_missing", "letters_swapped", "day_off", "month_off", "year_digit", "day_month_swapped", "second_name", "capitals")


def birth_date(rng) -> date:
    return date(1955, 1, 1) + timedelta(days=rng.randrange(50 * 365))


def person(rng) -> dict:
    return {"family_name": rng.choice(FAMILY), "given_names": rng.choice(GIVEN), "birth_date": birth_date(rng)}


def same_person(rng, one: dict, variant: str) -> dict:
    other = dict(one)
    family, given, born = one["family_name"], one["given_names"], one["birth_date"]
    longest = "family_name" if len(family) >= len(given) else "given_names"
    word = one[longest]
    place = rng.randrange(1, len(word) - 1)
    if variant == "swapped":
        other |= {"family_name": given, "given_names": family}
    elif variant == "folded":
        other |= {"family_name": fold_name(family).title(), "given_names": fold_name(given).title()}
    elif variant == "spelt_out":
        for letter, written in (("ä", "ae"), ("ö", "oe"), ("å", "aa"), ("Å", "Aa"), ("Ö", "Oe")):
            other["family_name"] = other["family_name"].replace(letter, written)
    elif variant == "double":
        other["family_name"] = f"{rng.choice(FAMILY)} {family}"
    elif variant == "double_hyphen":
        other["family_name"] = f"{family}-{rng.choice(FAMILY)}"
    elif variant == "letter_changed":
        other[longest] = word[:place] + rng.choice("bdghjkmprtv") + word[place + 1:]
    elif variant == "letter_missing":
        other[longest] = word[:place] + word[place + 1:]
    elif variant == "letters_swapped":
        other[longest] = word[:place] + word[place + 1] + word[place] + word[place + 2:]
    elif variant == "day_off":
        other["birth_date"] = born.replace(day=born.day % 28 + 1)
    elif variant == "month_off":
        other["birth_date"] = born.replace(day=min(born.day, 28), month=born.month % 12 + 1)
        one["birth_date"] = born.replace(day=min(born.day, 28))
    elif variant == "year_digit":
        other["birth_date"] = born.replace(day=min(born.day, 28), year=born.year + rng.choice([-1, 1]) if born.year % 10 not in (0, 9) else born.year + 10)
        one["birth_date"] = born.replace(day=min(born.day, 28))
    elif variant == "day_month_swapped":
        one["birth_date"] = born.replace(day=min(born.day, 12))
        other["birth_date"] = one["birth_date"].replace(day=one["birth_date"].month, month=one["birth_date"].day)
    elif variant == "second_name":
        other["given_names"] = f"{given} {rng.choice(GIVEN)}"
    elif variant == "capitals":
        other |= {"family_name": family.upper(), "given_names": given.lower()}
    return other


def another_person(rng, one: dict) -> dict:
    """Near, and yet somebody else: twins, a namesake, a relative, a neighbour in the list."""
    kind = rng.randrange(5)
    if kind == 0:  # twin or sibling
        given = rng.choice([name for name in GIVEN if slips_of_word(fold_name(name), fold_name(one["given_names"])) is None])
        return one | {"given_names": given}
    if kind == 1:  # the same name, another birth date
        born = one["birth_date"]
        return one | {"birth_date": born.replace(day=born.day % 28 + 1, month=born.month % 12 + 1)}
    if kind == 2:  # spouse: the family name, the same year
        return one | {"given_names": rng.choice([name for name in GIVEN if name != one["given_names"]]), "birth_date": one["birth_date"] + timedelta(days=rng.randrange(40, 300))}
    if kind == 3:  # the same day, another family
        return one | {"family_name": rng.choice([name for name in FAMILY if slips_of_word(fold_name(name), fold_name(one["family_name"])) is None])}
    return person(rng)


def likely(one: dict, other: dict) -> bool:
    names = [fold_name(f"{who['family_name']} {who['given_names']}") for who in (one, other)]
    return is_likely(slips_of_name(*names), slips_of_date(one["birth_date"], other["birth_date"]))


def test_made_pairs(rng):
    missed, false = [], []
    for number in range(PAIRS):
        one = person(rng)
        other = same_person(rng, one, VARIANTS[number % len(VARIANTS)])
        if not (likely(one, other) and likely(other, one)):
            missed.append((VARIANTS[number % len(VARIANTS)], one, other))
        one = person(rng)
        stranger = another_person(rng, one)
        if likely(one, stranger):
            false.append((one, stranger))

    print(f"\nfound {100 - 100 * len(missed) / PAIRS:.1f} %, false {100 * len(false) / PAIRS:.1f} %")
    assert len(missed) <= 0.05 * PAIRS, missed[:5]
    assert len(false) <= 0.02 * PAIRS, false[:5]


@pytest.mark.django_db
def test_made_pairs_through_the_database(rng):
    """The same through the query, which must not pass over what the comparison would find."""
    made = make_partnership()
    expected, found = [], []
    for number in range(56):
        one = person(rng)
        other = same_person(rng, one, VARIANTS[number % len(VARIANTS)])
        pathway = make_pathway(made, client=new_client(**one))
        expected.append(likely(one, other))
        found.append(pathway in [row.pathway for row in likely_same(acting=made.anna, **other)])

    assert found == expected
    assert sum(found) >= 0.95 * len(found)


@pytest.fixture
def known(made):
    return make_pathway(made, client=new_client(family_name="Korhonen", given_names="Päivi", birth_date=date(1990, 5, 6)))


SAME = {"family_name": "Korhonen", "given_names": "Päivi", "birth_date": date(1990, 5, 6)}


def test_found_by_a_colleague(made, known):
    [row] = likely_same(acting=made.city_people[1], **SAME)

    assert (row.pathway, row.name_slips, row.date_slips) == (known, 0, 0)


def test_never_hints_at_whom_the_user_may_not_see(made, known):
    """Nothing differs between a stranger's client and no client: neither the answer nor the number of queries."""
    outsider = make_counsellor(make_organisation())

    assert likely_same(acting=made.ossi, **SAME) == []
    assert likely_same(acting=outsider, **SAME) == []
    make_handoff(made, known)
    assert likely_same(acting=made.ossi, **SAME) == []


def test_seen_after_taking_part_and_no_longer_after_leaving(made, known):
    meet(accept(make_handoff(made, known), made.ossi), made.ossi)
    assert len(likely_same(acting=made.ossi, **SAME)) == 1

    known.participations.filter(organisation=made.college).update(ends_at=timezone.now() + timedelta(seconds=1))

    assert likely_same(acting=made.ossi, **SAME) == []


def test_not_its_own_duplicate(made, known):
    assert likely_same(acting=made.anna, besides=known, **SAME) == []


def test_queries_do_not_grow(made, known, django_assert_num_queries):
    with django_assert_num_queries(2):
        likely_same(acting=made.anna, **SAME)
    for _turn in range(7):
        make_pathway(made, client=make_client(**SAME))
    with django_assert_num_queries(2):
        assert len(likely_same(acting=made.anna, **SAME)) == 5


@pytest.mark.parametrize("born", [date(2000, 2, 29), date(1999, 12, 31), date(1901, 1, 1)])
def test_dates_at_the_edges(made, born):
    pathway = make_pathway(made, client=new_client(family_name="Korhonen", given_names="Päivi", birth_date=born))

    assert [row.pathway for row in likely_same(acting=made.anna, family_name="Korhonen", given_names="Päivi", birth_date=born)] == [pathway]
