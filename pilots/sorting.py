"""Finnish alphabetical order as a stored key, the same on every database and under every collation.

Source: the Finnish standard of alphabetical order, SFS 4600, from memory, with one choice of ours where usage varies
(see `_BREAKS`). Letters run a … z å ä ö; w counts as v and ü as y. Swedish in Finland shares this order.
"""
import re
import unicodedata
from functools import lru_cache

# Longest stored key; what a longer text would add cannot change the order of names that differ sooner.
SORT_KEY_LENGTH = 480

# Two decimal digits a letter. Digits are never ignored, never contracted (as "aa" and "ch" are in Danish and Czech)
# and stand in one order in every collation; lower-case letters or hex are not safe in that way.
_END, _BREAK, _OTHER = "00", "01", "90"
_CODES = {
    **{digit: f"{10 + place}" for place, digit in enumerate("0123456789")},
    **{letter: f"{20 + place}" for place, letter in enumerate("abcdefghijklmnopqrstuvxyzåäö")},
}
# A letter written with a mark that makes it another letter: base letter and combining mark, then how it sorts.
_MARKED = {
    "a\u030a": "å", "a\u0308": "ä", "o\u0308": "ö", "o\u0303": "ö", "o\u030b": "ö", "u\u0308": "y", "u\u030b": "y",
}
_LETTERS = {
    "w": "v", "æ": "ä", "ø": "ö", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ŋ": "n", "ŧ": "t", "ħ": "h",
    "ı": "i", "ʒ": "z", "ß": "ss", "ẞ": "ss",
}
# Word by word: a space, hyphen, dash or slash ends a word, so that "Ylä-Savo" stands before "Yläne" and
# "Savon ammattiopisto" before "Savonia". Other punctuation is passed over: "S:t Michel" sorts as "St Michel".
_BREAKS = frozenset("-/_")
_BREAK_CATEGORIES = frozenset({"Pd", "Zs", "Zl", "Zp", "Cc"})


def sort_key(text: str) -> str:
    """Decimal digits only. Letters decide first; marks, then small before capital, then punctuation break ties."""
    letters: list[str] = []
    marks: list[str] = []
    capitals: list[str] = []
    punctuation: list[str] = []
    for cluster in _clusters(text):
        if _is_break(cluster):
            if letters and letters[-1] != _BREAK:
                letters.append(_BREAK)
                marks.append("0")
                capitals.append("0")
                punctuation.append("0")
            if not cluster.isspace() and punctuation:
                punctuation[-1] = "1"
            continue
        codes, mark = _letter_codes(cluster)
        if not codes:
            if punctuation:
                punctuation[-1] = "2"
            continue
        letters.extend(codes)
        marks.extend([mark, *"0" * (len(codes) - 1)])
        capitals.extend(["1" if cluster[0].isupper() else "0", *"0" * (len(codes) - 1)])
        punctuation.extend("0" * len(codes))
    if letters and letters[-1] == _BREAK:
        letters.pop()
    ties = [_packed(row) for row in (marks, capitals, punctuation)]
    return _END.join(["".join(letters), *ties])[:SORT_KEY_LENGTH]


@lru_cache(maxsize=4096)
def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """For a list that is sorted in Python, of people who work: a number inside a name counts as a number, so that 2 comes before 10.

    Kept, for the same few hundred names stand in the filter of every list.
    """
    return tuple((int(part), "") if part.isdecimal() else (0, sort_key(part)) for part in re.split(r"(\d+)", name) if part)


def _clusters(text: str) -> list[str]:
    """Base characters, each with the combining marks that follow it."""
    clusters: list[str] = []
    for character in unicodedata.normalize("NFKD", text):
        if unicodedata.combining(character) and clusters:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _is_break(cluster: str) -> bool:
    return cluster[0] in _BREAKS or unicodedata.category(cluster[0]) in _BREAK_CATEGORIES


def _letter_codes(cluster: str) -> tuple[list[str], str]:
    """The codes of one letter, and the digit that tells it from the plain letter it sorts as."""
    base = cluster[0].lower()
    plain = _MARKED.get(base + cluster[1:2])
    mark = 0
    if plain:
        # ä, å and ö are letters of their own; ü, õ and the Hungarian ones only sort as another.
        mark = 0 if base + cluster[1] in ("a\u030a", "a\u0308", "o\u0308") else 2
        mark += 1 if len(cluster) > 2 else 0
    else:
        plain = _LETTERS.get(base, base)
        mark = (2 if base in _LETTERS else 0) + (1 if len(cluster) > 1 else 0)
    if all(letter in _CODES for letter in plain):
        return [_CODES[letter] for letter in plain], str(mark)
    if base.isalnum():
        # A letter of another alphabet: after ö, by code point in a fixed width.
        return [_OTHER, *(f"{ord(base):08d}"[place:place + 2] for place in range(0, 8, 2))], str(mark)
    return [], "0"


def _packed(ties: list[str]) -> str:
    """One digit a letter, each raised by one so that an earlier level's end sorts before all of them; no trailing zeros."""
    return "".join(str(int(digit) + 1) for digit in ties).rstrip("1")
