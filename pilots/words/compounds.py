"""Compounds: what a long word is put together from, when each part is a word that the dictionary knows.

A part that is found makes "sali" find "liikuntasali" and "gymnasium" find "gymnasieutbildning". Names are never taken
apart: "Kotka" is no part of "Kotkatlahti".
"""
from collections.abc import Callable
from dataclasses import dataclass

# Shorter pieces are words by accident too often; the few short ones that matter in this field are named.
SHORTEST_PART = 4
_SHORT_FIRST = frozenset({"työ", "etä", "osa", "esi", "tie"})
_SHORT_LAST = frozenset({"työ", "osa", "sal", "rum"})

# Swedish endings and prefixes that are also words: "erkännande" is no "ande", "tillgång" has no "till" to be found by.
_NO_LAST = frozenset({"ande", "ende"})
_NO_FIRST = frozenset({"till", "över", "under", "efter", "från", "utan", "inom", "inter", "före"})

# Gives the lemma of a common noun in one language, or None.
Lookup = Callable[[str], str | None]


@dataclass(frozen=True)
class Compound:
    """Its base form, and the base forms of what it is put together from."""

    lemma: str
    parts: frozenset[str]


def split(word: str, language: str, lemma_of: Lookup, *, is_lemma: bool = False) -> Compound | None:
    """The split with the longest last part, for that is the part that is inflected and says what the thing is.

    Of a base form (`is_lemma`) the last part must be one too: "osaaminen" is not "osa" and a form of "amin".
    """
    first_part = _finnish_first if language == "fi" else _swedish_first
    for place in range(3, len(word) - 2):
        head, tail = word[:place], word[place:]
        if place < SHORTEST_PART and head not in _SHORT_FIRST:
            continue
        tail_lemma = lemma_of(tail)
        if tail_lemma is None or tail in _NO_LAST or head in _NO_FIRST:
            continue
        if min(len(tail), len(tail_lemma)) < SHORTEST_PART and tail_lemma not in _SHORT_LAST:
            continue
        if is_lemma and tail_lemma != tail:
            continue
        head_lemma = first_part(head, lemma_of)
        head_parts: frozenset[str] = frozenset()
        if head_lemma is None:
            inner = split(head, language, lemma_of) if len(head) >= 2 * SHORTEST_PART else None
            if inner is None:
                continue
            head_lemma, head_parts = inner.lemma, inner.parts
        inner_tail = split(tail_lemma, language, lemma_of, is_lemma=True) if len(tail_lemma) >= 2 * SHORTEST_PART else None
        tail_parts = inner_tail.parts if inner_tail else frozenset()
        return Compound(head + tail_lemma, frozenset({head_lemma, tail_lemma}) | head_parts | tail_parts)
    return None


def _finnish_first(head: str, lemma_of: Lookup) -> str | None:
    """In base form (liikunta-), genitive (kaupungin-), or as aikuis- of aikuinen."""
    if head in _SHORT_FIRST:
        return head
    lemma = lemma_of(head)
    if lemma == head or (lemma and head.endswith("n")):
        return lemma
    if head.endswith("s") and lemma_of(head[:-1] + "nen") == head[:-1] + "nen":
        return head[:-1] + "nen"
    return None


def _swedish_first(head: str, lemma_of: Lookup) -> str | None:
    """In base form (vuxen-), with the joining s (yrkes-), or with the joining vowel (läro- of lära, gymnasie- of -um)."""
    joined = (head, head.removesuffix("s"), head.removesuffix("es") + "e")
    for form in (*joined, head[:-1] + "a", head[:-1] + "um", head + "a", head + "e"):
        if len(form) >= SHORTEST_PART and lemma_of(form) == form:
            return form
    return None
