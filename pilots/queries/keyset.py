"""A page of a list by the key of its first or last row: as fast at the end as at the beginning, never an OFFSET."""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Expression, IntegerField, Q, QuerySet, Subquery

LARGEST_ID = 2**63 - 1
# Beyond this a list says "more than": counting on would read everything for a number that nobody uses.
MOST_COUNTED = 1000


class RowCount(Subquery):
    """How many rows a queryset has, inside another query; `most` stops the counting."""

    output_field = IntegerField()
    template = '(SELECT COUNT(*) FROM (%(subquery)s) "counted")'

    def __init__(self, rows: QuerySet, most: int | None = None) -> None:
        super().__init__(rows.order_by().values("pk")[:most])


@dataclass(frozen=True)
class KeysetPage:
    """`count` stops one after `most`; `before` and `after` are the ids that lead to the pages beside this one."""

    rows: list[Any]
    count: int
    before: int | None
    after: int | None
    most: int = MOST_COUNTED

    @property
    def object_list(self) -> list[Any]:
        """As a Paginator's page has it."""
        return self.rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


def keyset_page(rows: QuerySet, key: str, *, known: QuerySet, size: int, after: str = "", before: str = "") -> KeysetPage:
    """The page of `rows`, in the order of `key` and id, after or before the row with that id.

    `known`: the rows whose key may be looked up; an id outside them, or one that is no number, gives the first page.
    """
    most = MOST_COUNTED

    def read(cursor: int | None, backwards: bool) -> list[Any]:
        counted = rows.annotate(row_count=RowCount(rows, most + 1))
        return list(rows_beside(counted, key, known=known, cursor=cursor, backwards=backwards)[: size + 1])

    return page_of(read, size=size, after=after, before=before, most=most)


def page_of(read: Callable[[int | None, bool], list[Any]], *, size: int, after: str, before: str, most: int) -> KeysetPage:
    """`read(cursor, backwards)` gives one row more than the page, each with its `pk` and the `row_count` of the whole list, as far as one after `most`.

    Where the counting stops with the page, the first page is its own count, and its rows need none.
    """
    backwards = _id(before) is not None
    cursor = _id(before) if backwards else _id(after)
    found = read(cursor, backwards)
    if not found and cursor is not None:
        backwards, cursor = False, None
        found = read(None, False)
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    has_before, has_after = (more, True) if backwards else (cursor is not None, more)
    return KeysetPage(
        rows=shown,
        count=_count(found, cursor, size, most),
        before=shown[0].pk if shown and has_before else None,
        after=shown[-1].pk if shown and has_after else None,
        most=most,
    )


def _count(found: list[Any], cursor: int | None, size: int, most: int) -> int:
    if not found or (cursor is None and most == size):
        return len(found)
    return min(found[0].row_count, most + 1)


def rows_beside(rows: QuerySet, key: str, *, known: QuerySet, cursor: int | Expression | None, backwards: bool) -> QuerySet:
    """`rows` from the row with that id on, in the order of the list or against it; all of them without one."""
    if cursor is not None:
        value = Subquery(known.filter(pk=cursor).order_by().values(key)[:1])
        way = "lt" if backwards else "gt"
        # The first condition is what the index of the key can walk; the second passes over the rows of the same key.
        rows = rows.filter(**{f"{key}__{way}e": value}).filter(Q(**{f"{key}__{way}": value}) | Q(**{f"pk__{way}": cursor}))
    return rows.order_by(*((f"-{key}", "-pk") if backwards else (key, "pk")))


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID else None
