"""What the search over everything finds in the network: one source for all kinds of thing that the portal shows to everyone.

Two queries for all kinds together: the first counts and picks, by keys alone, and the second reads what a row shows. Each
kind fills the columns of `Row`, whatever its own fields are called. `pilots/queries/searched.py` names the kinds.
"""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, Count, DateField, Expression, F, IntegerField, Q, QuerySet, TextField, Value, When, Window
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language

from accounts.addresses import address
from pilots.markdown import plain
from pilots.models.base import sort_field
from pilots.registries import Asked, Passage, SearchGroup, SearchHit
from pilots.words import holds, marked, matching, passage

# Of each kind; the way to all of them stands below.
SHOWN = 6
LONGEST_QUERY = 200

TEXTS = ("key", "name_fi", "name_sv", "name_en", "short", "fact", "owner_fi", "owner_sv", "text_fi", "text_sv")


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


@dataclass(frozen=True)
class Kind:
    """A kind of thing that is searched. `columns` gives those of `TEXTS` that its fields are not named after; the rest stay empty.

    `condition`: what finds a row, where that is not its search words. `also`: what else does, such as a code.
    """

    code: str
    place: int
    heading: str | Promise
    rows: Callable[[], QuerySet]
    page: str
    columns: dict[str, Any] = field(default_factory=dict)
    facts: Callable[[Row, str], list[str]] = lambda row, language: []
    condition: Callable[[Asked], Q] = lambda asked: matching(asked.text)
    also: Callable[[Asked], Q] = lambda asked: Q()
    order: Callable[[], str] = sort_field
    list_page: str = ""
    list_label: str | Promise = ""
    url: Callable[[Row], str] | None = None

    def found(self, asked: Asked) -> QuerySet:
        condition, also = self.condition(asked), self.also(asked)
        return self.rows().filter(condition | also if also else condition)


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
        list_url = f"{address(kind.list_page)}?{urlencode({'q': asked.text})}" if kind.list_page else ""
        groups.append(SearchGroup(kind.code, kind.place, kind.heading, hits, found[0][1], list_url=list_url, list_label=kind.list_label))
    return groups


def _keys(asked: Asked, kinds: Sequence[Kind]) -> dict[int, list[tuple[int, int]]]:
    """The first of each kind, those first whose name holds the text as it was written: (key, how many there are in all)."""
    parts = []
    for number, kind in enumerate(kinds):
        rows = kind.found(asked)
        named = [kind.columns.get(name, name) for name in ("name_fi", "name_sv") if _is_field(kind, name)]
        first = Case(*(When(Q(**{f"{name}__icontains": asked.text}), then=Value(0)) for name in named), default=Value(1), output_field=IntegerField())
        counted = rows.order_by().annotate(in_order=Window(RowNumber(), order_by=[first.asc(), F(kind.order()).asc(), F("pk").asc()]), of_all=Window(Count("pk")))
        parts.append(counted.filter(in_order__lte=SHOWN).values_list(Value(number, IntegerField()), "pk", "in_order", "of_all"))
    found: dict[int, list[tuple[int, int]]] = {}
    for number, pk, _place, count in sorted(_union(parts), key=lambda row: (row[0], row[2])):
        found.setdefault(number, []).append((pk, count))
    return found


def _is_field(kind: Kind, name: str) -> bool:
    column = kind.columns.get(name, name)
    return isinstance(column, str) and column.split("__")[0] in {one.name for one in kind.rows().model._meta.get_fields()}


def _rows(keys: dict[int, list[int]], kinds: Sequence[Kind]) -> dict[tuple[int, int], Row]:
    parts = []
    for number, pks in keys.items():
        kind = kinds[number]
        columns = [_column(kind, name) for name in TEXTS]
        until = kind.columns.get("until")
        ended = F(until) if until else Value(None, DateField())
        parts.append(kind.rows().filter(pk__in=pks).order_by().values_list(Value(number, IntegerField()), "pk", ended, *columns))
    return {(row.kind, row.pk): row for row in (Row(*values) for values in _union(parts))}


def _column(kind: Kind, name: str) -> Expression:
    given = kind.columns.get(name, name if name.startswith("name_") and _is_field(kind, name) else "")
    if not given:
        return Value("", TextField())
    return Coalesce(Cast(F(given) if isinstance(given, str) else given, TextField()), Value("", TextField()))


def _union(parts: list[QuerySet]) -> Iterable[tuple]:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _hit(row: Row, kind: Kind, asked: Asked, language: str) -> SearchHit:
    shown, code = row.name(language)
    url = kind.url(row) if kind.url else address(kind.page, row.key)
    others = [] if holds(shown, asked.words) else [found for text, found_in, is_long in _other_texts(row, shown) if (found := Passage(passage(plain(text) if is_long else text, asked.words), found_in)).pieces]
    return SearchHit(url, Passage(marked(shown, asked.words), code), kind.facts(row, language), others)


def _other_texts(row: Row, shown: str) -> list[tuple[str, str, bool]]:
    """Each with its language and whether it may be written in Markdown."""
    texts = [(row.name_fi, "fi", False), (row.name_sv, "sv", False), (row.name_en, "en", False), (row.short, "", False), (row.text_fi, "fi", True), (row.text_sv, "sv", True)]
    return [one for one in texts if one[0] and one[0] != shown]
