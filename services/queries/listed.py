"""A page of the catalogue: what its filters offer, who may use what, and the rows, each in one query that is prepared or narrow."""
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.utils import timezone
from django.utils.translation import get_language

from pilots.models import Municipality, Organisation
from pilots.models.base import sort_field
from pilots.permissions import Acting
from pilots.queries.keyset import KeysetPage, RowCount, page_of, rows_beside
from pilots.queries.network import areas_in_order, education_forms
from pilots.queries.prepared import Given, Prepared
from pilots.words import matching
from services.choices import Audience, Publication
from services.models import Favourite, SharedService
from services.queries.catalogue import as_rows, chosen_keys, open_to, with_usable

AREA, FORM, MUNICIPALITY, CHOSEN = 1, 2, 3, 4
ON_PAGE = 25
# What is not among so many is found by narrowing the list: to count on costs as much as the page.
MOST = 300
ORGANISATION, TODAY = Given("organisation", BigIntegerField()), Given("today", DateField())
# One row more than the page tells that it goes on.
PLACES = [f"row_{number}" for number in range(ON_PAGE + 1)]


class Choice(NamedTuple):
    """An area, a form of education or a municipality that a filter offers."""

    kind: int
    pk: int
    code: str
    name_fi: str
    name_sv: str
    name_en: str
    latitude: float | None
    longitude: float | None
    position: int
    sort_key_fi: str
    sort_key_sv: str

    @property
    def name(self) -> str:
        language = (get_language() or "fi")[:2]
        return {"sv": self.name_sv, "en": self.name_en}.get(language) or self.name_fi


@dataclass(frozen=True)
class Offered:
    """What the filters of the catalogue offer, each in its order; `chosen`: keys of services in whose lists the reader's organisation is."""

    areas: list[Choice]
    forms: list[Choice]
    municipalities: list[Choice]
    chosen: list[int]


def read_offered(acting: Acting) -> Offered:
    """One query."""
    given = {"organisation": acting.organisation_id} if acting else {}
    rows = [Choice(*row) for row in _offered(acting is not None).ask(today=timezone.localdate(), **given)]
    areas, forms, municipalities, chosen = ([row for row in rows if row.kind == kind] for kind in (AREA, FORM, MUNICIPALITY, CHOSEN))
    by_name = sort_field()
    return Offered(sorted(areas, key=_position), sorted(forms, key=_position), sorted(municipalities, key=lambda row: getattr(row, by_name)), [row.pk for row in chosen])


def _position(row: Choice) -> int:
    return row.position


@cache
def _offered(has_organisation: bool) -> Prepared:
    nowhere, empty, none = Value(None, FloatField()), Value("", CharField()), Value(0, IntegerField())

    def rows(queryset: QuerySet, kind: int, *columns: str | Value) -> QuerySet:
        return queryset.order_by().values_list(Value(kind, IntegerField()), *(F(column) if isinstance(column, str) else column for column in columns))

    municipalities = Municipality.objects.filter(Q(valid_from=None) | Q(valid_from__lte=TODAY), Q(valid_to=None) | Q(valid_to__gt=TODAY))
    others = [
        rows(areas_in_order(), AREA, "pk", "slug", "name_fi", "name_sv", empty, nowhere, nowhere, "number", empty, empty),
        rows(education_forms(), FORM, "pk", "code", "name_fi", "name_sv", "name_en", nowhere, nowhere, "position", empty, empty),
    ]
    if has_organisation:
        others += [rows(keys, CHOSEN, "sharedservice", empty, empty, empty, empty, nowhere, nowhere, none, empty, empty) for keys in chosen_keys(ORGANISATION, today=TODAY)]
    # The municipalities first: by them PostgreSQL knows the kind of what the others have not.
    first = rows(municipalities, MUNICIPALITY, "pk", "code", "name_fi", "name_sv", empty, "latitude", "longitude", none, "sort_key_fi", "sort_key_sv")
    return Prepared(first.union(*others, all=True))


def listed_services(acting: Acting, chosen: Iterable[int]) -> QuerySet[SharedService]:
    """The public ones for a list that is narrowed in many ways: each way asks who may use a service, which is therefore read beforehand."""
    usable = Q(organisation=acting.organisation_id) | Q(audience=Audience.NETWORK) | Q(audience=Audience.CHOSEN, pk__in=chosen) if acting else None
    return with_usable(acting, usable).filter(Q(usable=True) | Q(shown_outside=True), state=Publication.PUBLIC)


def holding(text: str) -> Q:
    """Those of `listed_services` that hold the words: of one that the reader may not use only its name and who offers it are searched.

    The organisations that hold them are read here: then each part of the condition is of the service alone, and an index can answer it.
    """
    text = text.strip()
    known = Q(name_fi__icontains=text) | Q(name_sv__icontains=text)
    offering = list(Organisation.objects.filter(matching(text)).order_by().values_list("pk", flat=True))
    return Q(usable=True) & matching(text) | known | Q(organisation__in=offering)


def listed_page(found: QuerySet[SharedService], acting: Acting, *, known: QuerySet[SharedService], after: str = "", before: str = "") -> KeysetPage:
    """By name. The first query reads keys alone, as many as are counted: joined to what a row shows, all that is found was sorted. The second reads the rows of the page."""
    key = sort_field()

    def read(cursor: int | None, backwards: bool) -> list[Any]:
        rows = rows_beside(found, key, known=known, cursor=cursor, backwards=backwards)
        if cursor is None:
            keys = list(rows.values_list("pk", flat=True)[: MOST + 1])
            return _rows(keys[: ON_PAGE + 1], acting, len(keys))
        pairs = list(rows.annotate(row_count=RowCount(found, MOST + 1)).values_list("pk", "row_count")[: ON_PAGE + 1])
        return _rows([pk for pk, _count in pairs], acting, pairs[0][1]) if pairs else []

    return page_of(read, size=ON_PAGE, after=after, before=before, most=MOST)


def _rows(keys: list[int], acting: Acting, count: int) -> list[SharedService]:
    """In the order of their keys."""
    if not keys:
        return []
    reader = {"organisation": acting.organisation_id, "user": acting.user_id, "today": timezone.localdate()} if acting else {}
    found = {row.pk: row for row in _asked_rows(acting is not None).ask(**reader, **dict(zip(PLACES, keys + keys[-1:] * (len(PLACES) - len(keys)), strict=True)))}
    rows = [found[pk] for pk in keys if pk in found]
    for row in rows:
        row.row_count = count
    return rows


@cache
def _asked_rows(has_organisation: bool) -> Prepared:
    usable: Any = Value(False, BooleanField())
    marked: Any = usable
    if has_organisation:
        usable = ExpressionWrapper(open_to(ORGANISATION, today=TODAY), BooleanField())
        marked = Exists(Favourite.objects.filter(user=Given("user", BigIntegerField()), service=OuterRef("pk")))
    on_page = reduce(or_, (Q(pk=Given(name, BigIntegerField())) for name in PLACES))
    return Prepared(as_rows(SharedService.objects.filter(on_page)).annotate(usable=usable, is_favourite=marked).order_by())
