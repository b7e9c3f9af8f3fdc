"""Word forms for search: what a query finds among real names, in Python and through the database."""
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from pilots.models import Municipality
from pilots.words import index_words, matches, matching, query_words
from pilots.words.dictionaries import LANGUAGES, cache_folder
from pilots.words.forms import WordForms, word_forms
from pilots.words.indexed import holding
from pilots.words.search import QUERY_WORDS
from pilots.words.tokens import WORD_LENGTH, unfolded, words_of
from tests.pilots.search_pairs import CORPUS, FOUND, MISSED, NOT_FOUND, OTHER_NAMES

NASTY = [
    "\x00", "Kauhajoki\x00", "a" * 100_000, "kunta " * 5_000, "-" * 1_000, "a-" * 1_000, "å" * 300, "ao" * 100, "%", "100%", "_", "\\", "'", '"', "';--",
    "🙂", "\ud800", "\u200b", "\u00ad", "İ", "ß", "S:t", ":", "s:", "¹", "ａｂ", "ʼn", "\u0308", "قوص", "K\u0308", "~a", "*kunta", "^kauha", " ~ ",
]


@pytest.fixture(scope="module")
def stored() -> dict[str, str]:
    return {key: index_words(*texts) for key, texts in CORPUS.items()}


@pytest.fixture
def rows(db: None, stored: dict[str, str]) -> None:
    Municipality.objects.bulk_create(
        Municipality(code=f"{number:03}", name_fi=key, search_words=words, sort_key_fi="", sort_key_sv="", source="test")
        for number, (key, words) in enumerate(stored.items())
    )


def found_in_database(text: str) -> set[str]:
    return set(Municipality.objects.filter(matching(text)).values_list("name_fi", flat=True))


@pytest.mark.parametrize("text, expected", FOUND, ids=[text for text, _ in FOUND])
def test_query_finds_exactly_these_names(stored: dict[str, str], text: str, expected: list[str]) -> None:
    found = [key for key, words in stored.items() if matches(words, text)]

    assert found == expected


@pytest.mark.parametrize("text, unwanted", NOT_FOUND)
def test_query_does_not_find_a_near_miss(stored: dict[str, str], text: str, unwanted: str) -> None:
    assert not matches(stored[unwanted], text)
    assert matches(stored[unwanted], CORPUS[unwanted][0])


@pytest.mark.parametrize("name, asked", OTHER_NAMES)
def test_inflected_name_and_base_form_find_each_other(name: str, asked: str) -> None:
    assert matches(index_words(name), asked)
    assert matches(index_words(asked.capitalize()), name) or asked.isascii()


@pytest.mark.parametrize("text, wanted, reason", MISSED)
def test_query_misses_what_it_should_find(stored: dict[str, str], text: str, wanted: str, reason: str) -> None:
    """Each line is a fault that is known; one that is mended belongs in FOUND."""
    assert not matches(stored[wanted], text), f"Found now, move it to FOUND. It was missed because: {reason}"


def test_database_finds_what_python_finds(rows: None, stored: dict[str, str]) -> None:
    texts = [text for text, _ in FOUND] + [text for text, _ in NOT_FOUND]

    differing = [
        text for text in texts
        if found_in_database(text) != {key for key, words in stored.items() if matches(words, text)}
    ]

    assert differing == []
    assert found_in_database("kauhajoella") == {"Kauhajoki", "service:welding"}


def test_matching_with_blank_text_restricts_nothing(rows: None) -> None:
    assert found_in_database("") == found_in_database(" \t ") == set(CORPUS)
    assert matches(" x ", " ")


@pytest.mark.parametrize("text", ["!!!", "\x00", "%", "_", "--", "🙂"])
def test_matching_without_a_word_finds_nothing(rows: None, text: str) -> None:
    assert query_words(text) == []
    assert found_in_database(text) == set()
    assert not matches(" x ", text)


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_nasty_text_is_stored_and_asked_without_error(rows: None, text: str) -> None:
    words = index_words(text)

    Municipality.objects.filter(code="000").update(search_words=words)
    found = found_in_database(text)

    assert len(query_words(text)) <= QUERY_WORDS
    assert bool(found) == (bool(words) and matches(words, text))


def test_matching_of_the_longest_query_stays_bounded() -> None:
    text = " ".join(f"{letter * 20}-alajarvella" for letter in "abcdefghijkl")

    conditions = sum(len(word.needles) + sum(len(part.needles) for part in word.all_of) for word in query_words(text))

    assert conditions <= 400


@given(st.lists(st.text(alphabet="abdeghijklmnoprstuvyåäöÅÄÖABéü-:0", min_size=1, max_size=14), min_size=1, max_size=5))
def test_every_word_of_a_text_finds_the_text(parts: list[str]) -> None:
    text = " ".join(parts)
    words = index_words(text)

    missed = [word for word in words_of(text) if not matches(words, word)]

    assert missed == []


@given(st.text(max_size=80))
def test_stored_tokens_are_lower_case_and_between_single_spaces(text: str) -> None:
    words = index_words(text)

    assert words == "" or re.fullmatch(r" (?:\S+ )+", words)
    assert words == words.casefold() or any(token.startswith(("*", "^", "~")) for token in words.split())
    tokens = words.split(" ")[1:-1]
    assert len(tokens) == len(set(tokens))
    assert max(map(len, tokens), default=0) <= 4 * WORD_LENGTH


def test_words_of_text_keep_hyphens_and_drop_invisible_characters() -> None:
    text = "Mänttä-Vilppula, S:t\u00a0Michel (SAKKY:n) kou\u00adlu\u200b – Ma\u0308ntsa\u0308la\u0308 Savo-"

    assert words_of(text) == ["Mänttä-Vilppula", "S:t", "Michel", "SAKKY:n", "koulu", "Mäntsälä", "Savo"]


def test_unfolded_reaches_compounds_and_stays_short() -> None:
    assert {"närpiön", "mänttä", "hämeenkyrössä", "alajärven", "kankaanpää", "övertorneå", "ylä"} <= {
        variant
        for word in ("narpion", "mantta", "hameenkyrossa", "alajarven", "kankaanpaa", "overtornea", "yla")
        for variant in unfolded(word)
    }
    assert len(unfolded("ao" * 30)) < 600


def test_forms_from_many_threads_are_those_from_one(request: pytest.FixtureRequest) -> None:
    """Stemmers keep state while they work."""
    usual = sys.getswitchinterval()
    request.addfinalizer(lambda: sys.setswitchinterval(usual))
    sys.setswitchinterval(1e-6)
    words = ["koulutuskuntayhtymän", "liikuntasaleissa", "suupohjassa", "yrkesläroanstalterna", "sofukin", "xyzzylaisessa"] * 200
    serial = WordForms(word_forms()._dictionaries)
    expected = [serial.of(word) for word in words]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda word: WordForms(serial._dictionaries).of(word), words))

    assert found == expected


def test_words_without_dictionaries_name_the_command_and_build_nothing(settings, tmp_path: Path) -> None:
    settings.WORD_FORMS_CACHE = str(tmp_path)

    for use in (lambda: index_words("kunta"), lambda: query_words("kunta"), lambda: matching("kunta")):
        with pytest.raises(ImproperlyConfigured, match=r"manage\.py build_word_forms"):
            use()

    assert list(tmp_path.rglob("*")) == []


def test_build_word_forms_leaves_finished_files_alone() -> None:
    files = [cache_folder() / f"{language}.dic" for language in LANGUAGES]
    before = [path.stat().st_mtime_ns for path in files]
    out = StringIO()

    call_command("build_word_forms", stdout=out)

    assert [path.stat().st_mtime_ns for path in files] == before
    assert str(cache_folder()) in out.getvalue()


@pytest.mark.engine("postgresql")
def test_index_of_tokens_finds_what_matching_finds(rows: None) -> None:
    asked = [*(pair[0] for pair in (*FOUND, *NOT_FOUND)), "kunn", "yla-savon", "o'hara \\ :* & | !", "Etelä-Pohjanmaa kunta", *(text for text in NASTY if "\x00" not in text and text != "\ud800")]

    different = [text for text in asked if {*Municipality.objects.filter(holding(text)).values_list("code")} != {*Municipality.objects.filter(matching(text)).values_list("code")}]

    assert different == []
    assert Municipality.objects.filter(holding(FOUND[0][0])).exists()
