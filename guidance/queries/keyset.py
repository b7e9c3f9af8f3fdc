"""A page of a list by the key of its first or last row: as fast at the end as at the beginning, never an OFFSET."""
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet, Subquery

from guidance.queries.rows import RowCount

LARGEST_ID = 2**63 - 1
# Beyond this a list says "more than": counting on would read everything for a number that nobody uses.
MOST_COUNTED = 1000


@dataclass(frozen=True)
class KeysetPage:
    """`count` stops one after `most`; `before` and `after` are the ids that lead to the pages beside this one."""

    rows: list[Model]
    count: int
    before: int | None
    after: int | None
    most: int = MOST_COUNTED


def keyset_page(rows: QuerySet, key: str, *, known: QuerySet, size: int, after: str = "", before: str = "", most: int | None = None, bare: QuerySet | None = None, whole: QuerySet | None = None) -> KeysetPage:
    """The page of `rows`, in the order of `key` and id, after or before the row with that id.

    `bare`: the same rows without what is shown of them, for counting. `most`: where the counting stops, when earlier than at MOST_COUNTED. `known`: the rows whose key may be looked up; an id outside them, or one that is no number, gives the first page.
    `whole`: how the rows of the page are read once they are chosen, where no index gives `rows` in this order and all that are found are sorted.
    """
    backwards = _id(before) is not None
    cursor = _id(before) if backwards else _id(after)
    most = most or MOST_COUNTED
    count = RowCount(rows if bare is None else bare, most + 1)
    found = _read(rows, whole, count, key, known, size, cursor, backwards)
    if not found and cursor is not None:
        backwards, cursor = False, None
        found = _read(rows, whole, count, key, known, size, None, False)
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    has_before, has_after = (more, True) if backwards else (cursor is not None, more)
    return KeysetPage(
        rows=shown,
        count=shown[0].row_count if shown else 0,
        before=shown[0].pk if shown and has_before else None,
        after=shown[-1].pk if shown and has_after else None,
        most=most,
    )


def _read(rows: QuerySet, whole: QuerySet | None, count: RowCount, key: str, known: QuerySet, size: int, cursor: int | None, backwards: bool) -> list[Model]:
    if cursor is not None:
        value = Subquery(known.filter(pk=cursor).order_by().values(key)[:1])
        way = "lt" if backwards else "gt"
        # The first condition is what the index of the key can walk; the second passes over the rows of the same key.
        rows = rows.filter(**{f"{key}__{way}e": value}).filter(Q(**{f"{key}__{way}": value}) | Q(**{f"pk__{way}": cursor}))
    order = (f"-{key}", "-pk") if backwards else (key, "pk")
    rows = rows.order_by(*order)
    if whole is None:
        return list(rows.annotate(row_count=count)[: size + 1])
    return list(whole.filter(pk__in=rows.values("pk")[: size + 1]).annotate(row_count=count).order_by(*order))


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID else None
