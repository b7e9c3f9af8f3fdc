"""Finnish alphabetical order, in Python and by whatever collation a database sorts with."""
import random
import re
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from pilots.sorting import SORT_KEY_LENGTH, natural_key, sort_key

IN_ORDER = [
    "1. kunta", "2021", "A", "Aho", "Alajärvi", "Askola", "Borgå", "Evijärvi", "Hausjärvi", "Honkajoki", "Hämeenkyrö", "Hämeenlinna", "Iisalmi",
    "Ikaalinen", "Isojoki", "Joroinen", "Joutsa", "Jämsä", "Kankaanpää", "Kotka", "Lapinjärvi", "Lapinlahti", "Lappajärvi", "Laukaa", "Leppävirta",
    "Loppi", "Loviisa", "Mikkeli", "Muurame", "Müller", "Myllymäki", "Myllärinen", "Mänttä-Vilppula", "Mäntyharju", "Pello", "Pieksämäki",
    "Savon ammattiopisto", "Savon koulutuskuntayhtymä", "Savonia-ammattikorkeakoulu", "Savonlinna", "Sipoo", "Sonkajärvi", "S:t Michel", "Storå", "Suupohja",
    "Söderkulla", "Tavastehus", "Teuva", "Toijala", "Uusikaupunki", "Vaasa", "Walden", "Valkeakoski", "Varkaus", "Werner", "Vieremä", "Vimpeli",
    "Ylistaro", "Ylitornio", "Ylä-Savo", "Ylämaa", "Yläne", "Zeta", "Åbo", "Åland", "Ähtäri", "Äänekoski", "Ørsted", "Österbotten", "Övertorneå", "Ωμέγα",
]
# The same letters: what comes first is settled, but only after every letter has been compared.
TIES = ["kotka", "Kotka", "KOTKA", "kótka"]


@pytest.mark.parametrize("before, after", [*pairwise(IN_ORDER)])
def test_names_stand_in_finnish_order(before: str, after: str) -> None:
    assert sort_key(before) < sort_key(after)


@pytest.mark.parametrize("before, after", [
    ("va", "wa"), ("wa", "vb"), ("y", "ü"), ("üa", "yb"), ("ä", "æ"), ("äb", "æc"), ("ö", "ø"), ("ö", "õ"), ("õa", "öb"), ("da", "ða"), ("đa", "db"),
    ("th", "þ"), ("þa", "thb"), ("ss", "ß"), ("e", "é"), ("éa", "eb"), ("z", "å"), ("å", "ä"), ("ä", "ö"), ("ö", "ж"), ("9", "a"), ("Ylä-Savo", "Yläne"),
    ("Ylä Savo", "Yläne"), ("Ylä Savo", "Ylä-Savo"), ("Ylä-Savo", "Yläsavo"), ("St Michel", "S:t Michel"), ("S:t Michel", "Suupohja"), ("Kemi", "Kemi-Tornio"),
    *pairwise(TIES),
])
def test_letters_marks_and_breaks_stand_in_finnish_order(before: str, after: str) -> None:
    assert sort_key(before) < sort_key(after)


@pytest.mark.parametrize("one, other", [
    ("Närpiö", "Na\u0308rpio\u0308"), (" Kotka ", "Kotka"), ("Opetus- ja", "Opetus-  ja"), ("", ""), ("ﬁ", "fi"),
])
def test_writings_of_the_same_name_share_a_key(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


@given(st.text(max_size=300))
def test_sort_key_is_short_and_of_digits_only(text: str) -> None:
    assert re.fullmatch(r"[0-9]*", sort_key(text))
    assert len(sort_key(text)) <= SORT_KEY_LENGTH


@given(st.text(alphabet="abvwyzåäöüé", max_size=6), st.text(alphabet="abvwyzåäöüé", max_size=6), st.sampled_from("abvyzåäö"))
def test_a_longer_name_stands_after_its_beginning(start: str, rest: str, letter: str) -> None:
    assert sort_key(start) < sort_key(start + letter + rest)


@pytest.mark.django_db
def test_every_collation_of_the_database_gives_the_same_order(rng: random.Random) -> None:
    names = IN_ORDER + [name for name in TIES if name != "Kotka"]
    expected = sorted(sort_key(name) for name in names)
    shuffled = rng.sample(expected, len(expected))

    for collation in collations():
        assert ordered_by_database(shuffled, collation) == expected, collation


@pytest.mark.engine("postgresql")  # its ICU collations
@pytest.mark.django_db
def test_order_agrees_with_the_unicode_order_for_finnish() -> None:
    """ICU's Finnish order is made by others; it differs from ours only where noted, in names without those signs it may not."""
    # ICU's own default keeps w apart from v and sorts punctuation such as the colon before letters.
    names = [name for name in IN_ORDER if "w" not in name.lower() and ":" not in name]

    assert ordered_by_database(names[::-1], "fi-x-icu") == names


def collations() -> list[str]:
    """The default, and every other way of sorting that the server could be set up with; those with odd rules first of all."""
    if connection.vendor != "postgresql":
        return ["BINARY", "NOCASE", "RTRIM"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT collname FROM pg_collation WHERE collencoding IN (-1, 6) ORDER BY collname")
        known = {name for (name,) in cursor.fetchall()}
    odd = ["default", "C", "POSIX", "C.UTF-8", "ucs_basic", "und-x-icu", "en-US-x-icu", "fi-x-icu", "sv-x-icu", "da-x-icu", "cs-x-icu", "es-x-icu", "et-x-icu", "hu-x-icu"]
    return [name for name in odd if name in known]


def ordered_by_database(texts: list[str], collation: str) -> list[str]:
    rows = " UNION ALL ".join(["SELECT %s AS word"] * len(texts))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT word FROM ({rows}) AS words ORDER BY word COLLATE "{collation}"', texts)
        return [word for (word,) in cursor.fetchall()]


def test_natural_key_counts_numbers_and_knows_finnish_letters():
    names = ["Öhman", "Zeta", "Aino 10", "Äijö", "Werner", "Aino 2", "Åke"]

    assert sorted(names, key=natural_key) == ["Aino 2", "Aino 10", "Werner", "Zeta", "Åke", "Äijö", "Öhman"]
