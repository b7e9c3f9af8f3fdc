"""The search by name and birth date among the clients whom one may see."""
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, DateField, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Cast

from guidance.models import Participation, Pathway
from guidance.models.client import fold_name
from guidance.queries.client_list import CURSOR, NAME_KEY, ORGANISATION
from guidance.queries.rows import JSONRows, to_moment
from pilots.queries.keyset import KeysetPage, RowCount, page_of, rows_beside
from pilots.queries.prepared import Given, Prepared

SHORTEST_PART = 3
# Further pages of what was found count it anew.
MOST_COUNTED = 100
# Names of one to some words, with a birth date or without, on their first page, further on and back.
MOST_QUERIES = 64


@dataclass(frozen=True)
class FoundRow:
    pseudonym: str
    name: str
    born_on: date
    stage: str
    ended_at: datetime | None


def _seen() -> QuerySet[Participation]:
    """Where the organisation takes part now, and the ended pathways that stay with it because it owned the process: one
    row for each pathway of `visible_pathways`, for the owner takes part to the end."""
    owned = Pathway.objects.filter(pk=OuterRef("pathway"), process_owner=ORGANISATION).order_by()
    # A subquery and no join: it is asked of what has ended only.
    ended = Q(ends_at=Subquery(owned.values("closed_at")[:1]))
    # The index of parts of names takes the type of its column and no other.
    return Participation.objects.filter(Q(ends_at=None) | ended, organisation=Cast(ORGANISATION, BigIntegerField()))


def search_page(organisation: int, *, name: str = "", birth_date: date | None = None, size: int, after: str = "", before: str = "") -> KeysetPage:
    """By a part of the name, in any spelling of accents and in any order of its words, and by birth date; by name."""
    words = fold_name(name).split()
    values: dict[str, Any] = {f"word_{place}": word for place, word in enumerate(words)} | {"organisation": organisation, "born_on": birth_date}

    def read(cursor: int | None, backwards: bool) -> list[Any]:
        return found_query(len(words), birth_date is not None, cursor is not None, backwards, size).ask(cursor=cursor, **values)

    return page_of(read, size=size, after=after, before=before, most=MOST_COUNTED)


@lru_cache(maxsize=MOST_QUERIES)
def found_query(words: int, by_birth_date: bool, is_beside: bool, backwards: bool, size: int) -> Prepared:
    known = _seen()
    rows = known.filter(*(Q(search_name__contains=Given(f"word_{place}", CharField())) for place in range(words)))
    if by_birth_date:
        # The client's and not what is repeated of it, for it has an index.
        rows = rows.filter(pathway__client__birth_date=Given("born_on", DateField()))
    # No index gives what is found in the order of names. All of it is read to be sorted, and is counted on the way.
    count = RowCount(rows, MOST_COUNTED + 1) if is_beside else Window(Count("*"))
    # Not joined: PostgreSQL reads a subquery after sorting, for the rows of the page only.
    pathway = Pathway.objects.filter(pk=OuterRef("pathway"))
    client = {name: F(f"client__{name}") for name in ("family_name", "given_names")}
    shown = rows.annotate(row_count=count, pathway_row=JSONRows(pathway, pseudonym=F("pseudonym"), stage=F("stage"), closed_at=F("closed_at"), **client))
    beside = rows_beside(shown, NAME_KEY, known=known, cursor=CURSOR if is_beside else None, backwards=backwards)
    return Prepared(beside.values_list("pk", "birth_date", "pathway_row", "row_count", named=True)[: size + 1])


def found_row(row: Any) -> FoundRow:
    (pathway,) = row.pathway_row
    return FoundRow(pathway["pseudonym"], f"{pathway['family_name']} {pathway['given_names']}", row.birth_date, pathway["stage"], to_moment(pathway["closed_at"]))
