"""What the search over everything finds in the network: one source for all kinds of thing that the portal shows to everyone.

Two queries for all kinds together: the first counts and picks, by keys alone, and the second reads what a row shows. Each
kind fills the columns of `Row`, whatever its own fields are called. `pilots/queries/searched.py` names the kinds.
On PostgreSQL both are prepared: to write and plan them anew took longer than their rows.
"""
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from itertools import groupby
from operator import and_, itemgetter, or_
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, CharField, DateField, Expression, F, Field, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language

from accounts.addresses import address
from pilots.markdown import plain
from pilots.models.base import sort_field
from pilots.queries.prepared import Given, Prepared
from pilots.registries import Asked, Passage, SearchGroup, SearchHit
from pilots.words import Piece, fullest, holds, marked, matching, passage
from pilots.words.indexed import HoldsTokens, TokenQuery, token_query

# Of each kind; the way to all of them stands below, and so many are counted.
SHOWN, MOST = 6, 1000
LONGEST_QUERY = 200
PARAGRAPHS = re.compile(r"\n\s*\n")

TEXTS = ("key", "name_fi", "name_sv", "name_en", "short", "fact", "owner_fi", "owner_sv", "text_fi", "text_sv")


class Several(Field):
    """PostgreSQL's array of keys or of texts, as a list."""

    def __init__(self, type_name: str) -> None:
        super().__init__()
        self.type_name = type_name

    def db_type(self, connection: Any) -> str:
        return f"{self.type_name}[]"


class IsOneOf(Func):
    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", BooleanField()


class IsLikeEach(Func):
    template, arg_joiner, output_field = "UPPER(%(expressions)s)", ") LIKE ALL(", BooleanField()


class IsLike(Func):
    template, arg_joiner, output_field = "UPPER(%(expressions)s", ") LIKE ", BooleanField()


WORDS, TEXT, NAMED, PATTERNS = Given("words", TokenQuery()), Given("text", CharField()), Given("named", CharField()), Given("patterns", Several("text"))


class Row(NamedTuple):
    """`key` is what the address takes, `fact` a code, `short` a name in no language, `until` the day on which a thing ended."""

    kind: int
    pk: int
    until: Any
    key: str
    name_fi: str
    name_sv: str
    name_en: str
    short: str
    fact: str
    owner_fi: str
    owner_sv: str
    text_fi: str
    text_sv: str

    def name(self, language: str) -> tuple[str, str]:
        """As `content_in` chooses it."""
        return next(((text, code) for code, text in self._names(language) if text), (self.short, ""))

    def _names(self, language: str) -> Iterable[tuple[str, str]]:
        own = {"fi": self.name_fi, "sv": self.name_sv, "en": self.name_en}
        return [(language, own.get(language, "")), *own.items()]

    def owner(self, language: str) -> str:
        return (self.owner_sv if language == "sv" else "") or self.owner_fi


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of thing that is searched. `columns` gives those of `TEXTS` that its fields are not named after; the rest stay empty.

    `inside`: the fields that hold each word somewhere, of a kind without search words. `code`: what else finds a row, written whole.
    """

    code: str
    place: int
    heading: str | Promise
    rows: Callable[[], QuerySet]
    page: str
    columns: dict[str, Any] = field(default_factory=dict)
    facts: Callable[[Row, str], list[str]] = lambda row, language: []
    inside: tuple[str, ...] = ()
    also: str = ""
    order: Callable[[], str] = sort_field
    list_page: str = ""
    list_label: str | Promise = ""
    url: Callable[[Row], str] | None = None

    def holding(self, asked: Asked) -> Q:
        if not self.inside:
            return matching(asked.text)
        return reduce(and_, (Q(*((f"{name}__icontains", word.word) for name in self.inside), _connector=Q.OR) for word in asked.words))

    def told(self) -> Q:
        """The same with places for the words."""
        if not self.inside:
            return Q(HoldsTokens(WORDS))
        texts = Concat(*(part for name in self.inside for part in (F(name), Value(" "))), output_field=TextField())
        return Q(IsLikeEach(texts, PATTERNS))

    def found(self, condition: Q, text: str | Given) -> QuerySet:
        return self.rows().filter(condition | Q(**{self.also: text}) if self.also else condition).order_by()


def search(asked: Asked, kinds: Sequence[Kind]) -> list[SearchGroup]:
    keys = _keys(asked, kinds)
    if not keys:
        return []
    rows = _rows({number: [pk for pk, _count in found] for number, found in keys.items()}, kinds)
    language = (get_language() or "fi")[:2]
    groups = []
    for number, found in keys.items():
        kind = kinds[number]
        hits = [_hit(rows[number, pk], kind, asked, language) for pk, _count in found if (number, pk) in rows]
        count = found[0][1]
        list_url = f"{address(kind.list_page)}?{urlencode({'q': asked.text})}" if kind.list_page else ""
        groups.append(SearchGroup(kind.code, kind.place, kind.heading, hits, min(count, MOST), count > MOST, list_url, kind.list_label))
    return groups


def _keys(asked: Asked, kinds: Sequence[Kind]) -> dict[int, list[tuple[int, int]]]:
    """The first of each kind, those first whose name holds the text as it was written: (key, how many there are in all). Beyond MOST hits they are the first of MOST + 1 taken in no order."""
    if connection.vendor == "postgresql":
        patterns = [_pattern(word.word) for word in asked.words]
        rows = _told_keys(tuple(kinds), sort_field()).ask(words=token_query(asked.words), text=asked.text, named=_pattern(asked.text), patterns=patterns)
    else:
        rows = list(_picked(kinds, [kind.holding(asked) for kind in kinds], asked.text, lambda name: Q(**{f"{name}__icontains": asked.text})))
    return {number: _first(list(found)) for number, found in groupby(sorted(rows), key=itemgetter(0))}


def _first(found: list[tuple[int, int, str, int]]) -> list[tuple[int, int]]:
    return [(pk, len(found)) for _number, _is_other, _place, pk in found[:SHOWN]]


def _pattern(text: str) -> str:
    """As "icontains" writes it, once: told as a text, it is written for each row anew."""
    return f"%{connection.ops.prep_for_like_query(text).upper()}%"


@cache
def _told_keys(kinds: tuple[Kind, ...], order: str) -> Prepared:
    return Prepared(_picked(kinds, [kind.told() for kind in kinds], TEXT, lambda name: Q(IsLike(F(name), NAMED))))


def _picked(kinds: Sequence[Kind], conditions: Sequence[Q], text: str | Given, holds_text: Callable[[str], Q]) -> QuerySet:
    """Of each kind so many as are counted: (kind, 0 when the name holds the text and 1 otherwise, sort key, key).

    Ordered by us: to have the database count them, look at the names of all, or find the same rows again in order, took longer."""
    parts = []
    for number, (kind, condition) in enumerate(zip(kinds, conditions, strict=True)):
        found = kind.found(condition, text)
        # SQLite joins no parts that are limited.
        few = found[: MOST + 1] if connection.features.supports_slicing_ordering_in_compound else kind.rows().filter(pk__in=found.values("pk")[: MOST + 1]).order_by()
        named = [holds_text(kind.columns.get(name, name)) for name in ("name_fi", "name_sv") if _is_field(kind, name)]
        is_other = Case(When(reduce(or_, named), then=0), default=1, output_field=IntegerField()) if named else Value(1, IntegerField())
        parts.append(few.values_list(Value(number, IntegerField()), is_other, Cast(F(kind.order()), TextField()), "pk"))
    return _union(parts)


def _is_field(kind: Kind, name: str) -> bool:
    column = kind.columns.get(name, name)
    return isinstance(column, str) and column.split("__")[0] in {one.name for one in kind.rows().model._meta.get_fields()}


def _rows(keys: dict[int, list[int]], kinds: Sequence[Kind]) -> dict[tuple[int, int], Row]:
    if connection.vendor == "postgresql":
        rows: Iterable = _told_rows(tuple(kinds)).ask(**{f"of_{number}": keys.get(number, []) for number in range(len(kinds))})
    else:
        rows = _union([_written(kinds[number], number, Q(pk__in=pks)) for number, pks in keys.items()])
    return {(row.kind, row.pk): row for row in (Row(*values) for values in rows)}


@cache
def _told_rows(kinds: tuple[Kind, ...]) -> Prepared:
    return Prepared(_union([_written(kind, number, Q(IsOneOf(F("pk"), Given(f"of_{number}", Several("bigint"))))) for number, kind in enumerate(kinds)]))


def _written(kind: Kind, number: int, condition: Q) -> QuerySet:
    until = kind.columns.get("until")
    ended = F(until) if until else Value(None, DateField())
    return kind.rows().filter(condition).order_by().values_list(Value(number, IntegerField()), "pk", ended, *(_column(kind, name) for name in TEXTS))


def _column(kind: Kind, name: str) -> Expression:
    given = kind.columns.get(name, name if name.startswith("name_") and _is_field(kind, name) else "")
    if not given:
        return Value("", TextField())
    return Coalesce(Cast(F(given) if isinstance(given, str) else given, TextField()), Value("", TextField()))


def _union(parts: list[QuerySet]) -> QuerySet:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _hit(row: Row, kind: Kind, asked: Asked, language: str) -> SearchHit:
    shown, code = row.name(language)
    url = kind.url(row) if kind.url else address(kind.page, row.key)
    others = [] if holds(shown, asked.words) else [found for text, found_in, is_long in _other_texts(row, shown) if (found := Passage(_of_written(text, asked) if is_long else passage(text, asked.words), found_in)).pieces]
    return SearchHit(url, Passage(marked(shown, asked.words), code), kind.facts(row, language), others)


def _of_written(text: str, asked: Asked) -> list[Piece]:
    """From the paragraph that holds the most: to read whole texts as Markdown took longer than all else that a page does with them."""
    found = passage(plain(fullest(PARAGRAPHS.split(text), asked.words)), asked.words)
    # A word may stand in the address of a link alone, where nobody reads it.
    return found or passage(plain(text), asked.words)


def _other_texts(row: Row, shown: str) -> list[tuple[str, str, bool]]:
    """Each with its language and whether it may be written in Markdown."""
    texts = [(row.name_fi, "fi", False), (row.name_sv, "sv", False), (row.name_en, "en", False), (row.short, "", False), (row.text_fi, "fi", True), (row.text_sv, "sv", True)]
    return [one for one in texts if one[0] and one[0] != shown]
