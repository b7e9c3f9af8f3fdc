"""Which words of a text answer a query, and the piece of the text around them."""
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pilots.words.search import Alternatives, index_words
from pilots.words.tokens import WORD

# Words as they are written: the ones that texts of a field share are looked up once.
MOST_REMEMBERED = 16_384
BEFORE, LONGEST = 60, 200
ELLIPSIS = "…"


class Piece(NamedTuple):
    text: str
    is_hit: bool


class _Hit(NamedTuple):
    start: int
    end: int
    words: frozenset[int]


@lru_cache(maxsize=MOST_REMEMBERED)
def stored_words(written: str) -> str:
    return index_words(written)


def holds(written: str, asked: Sequence[Alternatives]) -> bool:
    """Whether a short text, such as a name, holds every word asked for; none is held by none."""
    stored = stored_words(written)
    return bool(asked) and all(word.matches(stored) for word in asked)


def marked(text: str, asked: Sequence[Alternatives]) -> list[Piece]:
    """The whole text, in pieces."""
    text = unicodedata.normalize("NFC", text)
    return _pieces(text, _hits(text, asked), 0, len(text))


def passage(text: str, asked: Sequence[Alternatives]) -> list[Piece]:
    """The piece of a long text that holds the most of the words, on one line; empty when it holds none."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    hits = _hits(text, asked)
    if not hits:
        return []
    first = max(hits, key=lambda hit: (len(_words_from(hit, hits)), -hit.start))
    start = 0 if first.start <= BEFORE else text.find(" ", first.start - BEFORE) + 1
    end = len(text) if len(text) - start <= LONGEST else max(text.rfind(" ", start, start + LONGEST), first.end)
    pieces = _pieces(text, hits, start, end)
    return [*([Piece(f"{ELLIPSIS} ", False)] if start else []), *pieces, *([Piece(f" {ELLIPSIS}", False)] if end < len(text) else [])]


def fullest(parts: Iterable[str], asked: Sequence[Alternatives]) -> str:
    """The first of the parts of a text that holds the most of the words; "" when none holds any."""
    best, most = "", 0
    for part in parts:
        found = frozenset().union(*(hit.words for hit in _hits(part, asked)))
        if len(found) > most:
            best, most = part, len(found)
            if most == len(asked):
                break
    return best


def _words_from(first: _Hit, hits: Sequence[_Hit]) -> frozenset[int]:
    """What a passage that begins with the hit would show."""
    return frozenset().union(*(hit.words for hit in hits if first.start <= hit.start < first.start + LONGEST - BEFORE))


def _hits(text: str, asked: Sequence[Alternatives]) -> list[_Hit]:
    known: dict[str, frozenset[int]] = {}
    found = []
    for match in WORD.finditer(text):
        written = match[0]
        if written not in known:
            stored = stored_words(written)
            known[written] = frozenset(number for number, word in enumerate(asked) if word.matches(stored) or any(part.matches(stored) for part in word.all_of))
        if known[written]:
            found.append(_Hit(*match.span(), known[written]))
    return found


def _pieces(text: str, hits: Sequence[_Hit], start: int, end: int) -> list[Piece]:
    pieces, here = [], start
    for hit in hits:
        if start <= hit.start and hit.end <= end:
            pieces += [Piece(text[here : hit.start], False), Piece(text[hit.start : hit.end], True)]
            here = hit.end
    return [piece for piece in (*pieces, Piece(text[here:end], False)) if piece.text]
