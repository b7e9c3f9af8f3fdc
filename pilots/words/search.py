"""What is stored of a text so that it can be found, and the condition that finds it.

Stored, in one column: the text's distinct tokens between spaces. A plain token is a word as written, its base form or
a part of a compound; `~` stands before one written without its marks, `^` before a proper name (without marks), `*`
before a stem. Everything is lower-case and a token is matched from space to space, so that LIKE means the same on
SQLite and PostgreSQL.
"""
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from pilots.words.forms import Forms, WordForms, word_forms
from pilots.words.tokens import fold, has_dots, unfolded, words_of

# A longer query is cut: nobody types one, and each word costs a condition.
QUERY_LENGTH, QUERY_WORDS = 200, 8
SHORTEST_BEGINNING = 3
# A shorter stem is shared by words that have nothing to do with each other ("lap" of Lappi and of lapa).
SHORTEST_STEM = 5
SHORTEST_TEXT_WORD = 4

# Words that a query may hold and the text it means need not.
_PASSED_OVER = frozenset({"ja", "sekä", "tai", "och", "samt", "eller", "i", "på", "för", "av", "and", "or", "of", "the", "in", "for"})
# "S:t Michel" is also written "St Michel" and said "Sankt Michel".
_SAINT = ("s:t", "st", "sankt")
# First parts that tell one region from another: with them a hyphenated name is matched whole, never part by part.
_RELATIVE = frozenset({
    "ylä", "ala", "etelä", "pohjois", "itä", "länsi", "keski", "kanta", "päijät", "uusi", "vanha", "iso", "pikku",
    "norra", "södra", "östra", "västra", "mellersta",
})


@dataclass(frozen=True)
class Alternatives:
    """One word of a query: the row must hold one of `tokens`, or a token that begins with one of `beginnings`.

    `all_of`: or all of these words, for a hyphenated word that the text may write apart.
    """

    word: str
    tokens: tuple[str, ...]
    beginnings: tuple[str, ...] = ()
    all_of: tuple["Alternatives", ...] = ()

    @cached_property
    def needles(self) -> tuple[str, ...]:
        return (*(f" {token} " for token in self.tokens if not token.startswith(self.beginnings)), *(f" {beginning}" for beginning in self.beginnings))

    def matches(self, stored: str) -> bool:
        for needle in self.needles:
            if needle in stored:
                return True
        return bool(self.all_of) and all(word.matches(stored) for word in self.all_of)

    def condition(self, field: str) -> Q:
        condition = Q()
        for needle in self.needles:
            condition |= Q(**{f"{field}__contains": needle})
        if self.all_of:
            together = Q()
            for word in self.all_of:
                together &= word.condition(field)
            condition |= together
        return condition


def index_words(*texts: str) -> str:
    """The stored tokens of all texts together; "" when they hold no word. Raises ImproperlyConfigured before set-up."""
    forms = word_forms()
    tokens: dict[str, None] = {}
    for text in texts:
        for written in words_of(text or ""):
            tokens.update(dict.fromkeys(_stored(written, forms)))
    return f" {' '.join(tokens)} " if tokens else ""


def query_words(text: str) -> list[Alternatives]:
    """One entry for each word that must be found; empty when the text holds no word.

    The last word may be unfinished: then any word that begins with it matches. It is taken as finished when it is a
    known name in base form ("Kotka" is not "Kotkatlahti"); as the beginning of names only when it is another known
    word in base form ("kauha" finds Kauhajoki, but "tila" does not find "tilasto").
    """
    forms = word_forms()
    words = [word.casefold() for word in words_of(text[:QUERY_LENGTH])]
    words = ([word for word in words if word not in _PASSED_OVER] or words)[:QUERY_WORDS]
    return [_alternatives(word, forms, unfinished=number == len(words)) for number, word in enumerate(words, start=1)]


def text_words(text: str, most: int) -> list[Alternatives]:
    """The first `most` different words of a text that nobody typed as a query: each is finished, short ones are left out."""
    forms = word_forms()
    words = dict.fromkeys(word.casefold() for word in words_of(text))
    longer = [word for word in words if len(word) >= SHORTEST_TEXT_WORD and word not in _PASSED_OVER][:most]
    return [_alternatives(word, forms, unfinished=False) for word in longer]


def matches(stored: str, text: str) -> bool:
    """What `matching` says, for one row's stored tokens."""
    return not text.strip() or (bool(words := query_words(text)) and all(word.matches(stored) for word in words))


def matching(text: str, field: str = "search_words") -> Q:
    """Rows that hold every word of the text. A blank text restricts nothing; one without a word matches nothing."""
    condition = Q()
    if not text.strip():
        return condition
    words = query_words(text)
    if not words:
        return Q(pk__in=[])
    for word in words:
        condition &= word.condition(field)
    return condition


def _stored(written: str, forms: WordForms) -> Iterable[str]:
    word = written.casefold()
    plain, names, stems = [word], [], []
    if word in _SAINT:
        plain += _SAINT
    pieces = _pieces(word)
    for piece in pieces:
        found = forms.of(piece)
        plain += [piece, *sorted(found.lemmas | found.parts | found.guesses)]
        stems += [] if found.known else sorted(found.stems)
        if written[:1].isupper():
            names += sorted(found.names)
            names += [piece] if found.names or not found.known else []
    if len(pieces) > 1:
        whole = sorted(_joined(pieces, forms))
        plain += whole
        names += whole if names else []
    yield from plain
    yield from (f"~{folded}" for token in plain if (folded := fold(token)) != token)
    yield from (f"^{fold(name)}" for name in names)
    yield from (f"*{stem}" for stem in stems if len(stem) >= SHORTEST_STEM)


def _alternatives(word: str, forms: WordForms, *, unfinished: bool) -> Alternatives:
    if word in _SAINT:
        return Alternatives(word, _SAINT)
    pieces = _pieces(word)
    if len(pieces) > 1:
        return _hyphenated(word, pieces, forms, unfinished=unfinished)
    word = pieces[0]
    found = forms.of(word)
    tokens = [word, *sorted(found.lemmas | found.guesses)]
    if not has_dots(word):
        tokens += [f"~{token}" for token in tokens]
        tokens += _meant_with_dots(word, forms)
    if not found.known:
        tokens += [f"*{stem}" for stem in sorted(found.stems) if len(stem) >= SHORTEST_STEM]
    return Alternatives(word, tuple(dict.fromkeys(tokens)), _beginnings(word, found) if unfinished else ())


def _hyphenated(word: str, pieces: list[str], forms: WordForms, *, unfinished: bool) -> Alternatives:
    tokens = sorted(_joined(pieces, forms))
    if not has_dots(word):
        tokens += [f"~{fold(token)}" for token in tokens]
    beginnings = [word] if unfinished else []
    if unfinished and not has_dots(word):
        beginnings.append(f"~{word}")
    apart = not {pieces[0]} & _RELATIVE and not {pieces[0]} & {fold(first) for first in _RELATIVE}
    all_of = tuple(_alternatives(piece, forms, unfinished=False) for piece in pieces) if apart else ()
    return Alternatives(word, tuple(dict.fromkeys(tokens)), tuple(beginnings), all_of)


def _joined(pieces: list[str], forms: WordForms) -> set[str]:
    """The whole of a hyphenated word in its base forms, with its hyphens and without."""
    found = forms.of(pieces[-1])
    lasts = {pieces[-1]} | found.lemmas | found.guesses
    if not has_dots(pieces[-1]):
        lasts.update(_meant_with_dots(pieces[-1], forms))
    return {hyphen.join([*pieces[:-1], last]) for last in lasts for hyphen in ("-", "")}


def _beginnings(word: str, found: Forms) -> tuple[str, ...]:
    if len(word) < SHORTEST_BEGINNING or word in found.names:
        return ()
    if found.listed:
        return (f"^{fold(word)}",)
    return (word,) if has_dots(word) else (word, f"~{word}")


def _meant_with_dots(word: str, forms: WordForms) -> list[str]:
    """Base forms of the known words that a word typed without dots may stand for; none when it is a word as it is."""
    if forms.of(word).known or word.isdigit():
        return []
    meant: dict[str, None] = {}
    for variant in unfolded(word):
        if forms.knows(variant):
            meant.update(dict.fromkeys([variant, *sorted(forms.of(variant).lemmas)]))
        if len(meant) >= 6:
            break
    return list(meant)


def _pieces(word: str) -> list[str]:
    """At hyphens; what follows a colon or an apostrophe is a case ending or the Swedish s ("SAKKY:n", "Åsa's")."""
    pieces = [re.split("[:'’]", piece)[0] or piece for piece in word.split("-")]
    return [piece for piece in pieces if piece]
