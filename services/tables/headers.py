"""Which column of a list a header most likely names, in Finnish, Swedish or English."""
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation

MOST_KEPT = 300


def folded(text: str) -> str:
    """Small letters without accents and signs: “Synt.aika” and “synt aika” are one header."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("ø", "o").replace("æ", "a"))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def words_of(choices: Iterable[tuple[str, object]]) -> dict[str, str]:
    """What may stand for a code: the code itself and its name in each language of the portal."""
    choices = list(choices)
    words = {folded(code): code for code, _label in choices}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words |= {folded(str(label)): code for code, label in choices}
    return words


@lru_cache
def known_headers(columns: type[TextChoices]) -> dict[str, str]:
    """Header -> column, the names on this portal's own pages among them, so that its template leads back to itself.

    A class of columns tells in `also_called` what else offices write, folded, for each: "first|second".
    """
    known = {name: column.value for column, names in columns.also_called().items() for name in names.split("|")}  # type: ignore[attr-defined]
    return known | words_of((column.value, column.label) for column in columns)


def suggested(columns: type[TextChoices], header: list[str], kept: Mapping[str, str]) -> dict[str, int]:
    """Column -> place in the file: as the organisation's last list had it, else as the header reads; each once, the first."""
    found: dict[str, int] = {}
    for names in (kept, known_headers(columns)):
        for place, text in enumerate(header):
            column = names.get(folded(text))
            if column in columns.values and column not in found and place not in found.values():
                found[column] = place
    return found


def to_keep(header: list[str], columns: Mapping[str, int], kept: Mapping[str, str]) -> dict[str, str]:
    """What is remembered for the organisation's next list: header -> column, of this list and of earlier ones."""
    here = {folded(text) for text in header}
    older = {name: column for name, column in kept.items() if name not in here}
    mine = {folded(header[place]): column for column, place in columns.items() if folded(header[place])}
    return dict(list((older | mine).items())[-MOST_KEPT:])
