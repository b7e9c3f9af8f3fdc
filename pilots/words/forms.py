"""The forms of one word, in Finnish and Swedish at once: a stored text does not say which language it is in."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

import snowballstemmer

from pilots.words.compounds import split
from pilots.words.dictionaries import Dictionary, cache_folder, load
from pilots.words.endings import PLACE_ENDINGS, base_forms
from pilots.words.tokens import fold

# Bodies of this network whose own names the dictionary takes for forms of other words (Lappi, otava, jamit).
OWN_NAMES = frozenset({"lappia", "otavia", "jami"})
# Bound on what is remembered between words; a page asks for the same few.
_REMEMBERED = 4096
# Only Swedish: of Finnish words that no dictionary has, the endings say more than a stem, which made Savonia one with Savon.
_STEMMERS = ("swedish",)


@dataclass
class Forms:
    """All lower-case. `names`: the lemmas that are proper names. `listed`: in a dictionary as it is; `known`: or put together
    from words that are. `guesses`: base forms by the endings alone, of a word that is not known.
    """

    word: str
    listed: bool = False
    known: bool = False
    lemmas: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    guesses: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)


class WordForms:
    """Finds the forms of words by the dictionaries given to it; the answers depend on nothing else."""

    def __init__(self, dictionaries: Mapping[str, Dictionary]) -> None:
        self._dictionaries = dictionaries
        self._found: dict[str, Forms] = {}

    def of(self, word: str) -> Forms:
        """For a lower-case word without hyphens."""
        forms = self._found.get(word)
        if forms is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            forms = self._found[word] = self._analysed(word)
        return forms

    def knows(self, word: str) -> bool:
        return any(self._lemma(language, form) for language in self._dictionaries for form in (word, _capitalised(word)))

    def _analysed(self, word: str) -> Forms:
        forms = Forms(word, stems=_stems(word))
        if word in OWN_NAMES:
            return forms
        for language in self._dictionaries:
            name = self._lemma(language, _capitalised(word))
            common = self._lemma(language, word)
            if name:
                forms.names.add(name.lower())
            forms.lemmas.update(lemma.lower() for lemma in (name, common) if lemma)
            if language == "fi" and common and common != word:
                forms.lemmas |= self._other_readings(word)
        forms.known = forms.listed = bool(forms.lemmas)
        compounds: set[str] = set()
        for language in self._dictionaries:
            for form in sorted(forms.lemmas or {word}) if not forms.names else ():
                compound = split(form, language, partial(self._noun, language), is_lemma=forms.known)
                if compound:
                    forms.parts |= compound.parts
                    if not forms.known:
                        compounds.add(compound.lemma)
        forms.lemmas |= compounds
        if not forms.lemmas:
            forms.lemmas |= self._place_names(word)
            forms.names |= forms.lemmas
        forms.known = bool(forms.lemmas)
        if not forms.known:
            forms.guesses = base_forms(word)
        return forms

    def _other_readings(self, word: str) -> set[str]:
        """The dictionary has one lemma a form: the verb for "tilaa" and "ammatillista". The nouns are found by their endings.

        A noun whose base form ends in e doubles it, so "vuoden" is no form of "vuode".
        """
        readings = base_forms(word)
        if word[-1] in "aä":
            readings |= {word[:-1], word[:-1].removesuffix("e") + "i"}
        return {
            form for form in readings
            if self._lemma("fi", form) == form and (not form.endswith("e") or word.startswith(form + "e"))
        }

    def _noun(self, language: str, form: str) -> str | None:
        """The lemma as a part of a compound: in "Nummikosken" it is koski, and not koskea (to touch)."""
        lemma = self._lemma(language, form)
        if language != "fi" or lemma is None or lemma == form:
            return lemma
        return min(self._other_readings(form), default=lemma)

    def _place_names(self, word: str) -> set[str]:
        """"Vuohijoella": what stands before a known last part of place names need not be a known word."""
        for place in range(2, len(word) - 2):
            ending = self._noun("fi", word[place:])
            if ending in PLACE_ENDINGS:
                return {word[:place] + ending}
        return set()

    def _lemma(self, language: str, form: str) -> str | None:
        """Only a lemma that begins as its form does: the dictionary also has "sinä" for "työ", "aktiebolag" for "ab".

        A form with such a lemma is still a word, and then its own.
        """
        found = self._dictionaries[language].get(form)
        if not found:
            return None
        lemma = found[0].decode()
        alike = 1 if len(form) > 2 else 2
        return lemma if lemma.isalpha() and fold(lemma[:alike].lower()) == fold(form[:alike].lower()) else form


def word_forms() -> WordForms:
    """One for each process. Raises ImproperlyConfigured when set-up has not built the dictionaries."""
    return _word_forms(cache_folder())


@lru_cache(maxsize=1)
def _word_forms(folder: Path) -> WordForms:
    return WordForms(load(folder))


def _stems(word: str) -> set[str]:
    """A stemmer keeps its word inside while it works, so that threads must not share one; a new one costs nothing."""
    return {snowballstemmer.stemmer(language).stemWord(word) for language in _STEMMERS}


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]
