"""The clients of one's organisation, narrowed by coded values."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from guidance.models import EducationOption, Event, Participation, Pathway
from guidance.queries.own import OPTION_ALIVE, pathways_of_people
from guidance.queries.waiting_desk import Desk, Terms
from pilots.models import Membership
from pilots.queries import keyset
from pilots.queries.keyset import RowCount
from pilots.queries.prepared import Given, Prepared

ON_PAGE = 25
NAME_KEY = "sort_key"
YOUNG = 30
# Ways of narrowing the list, each on its first page, further on and back.
MOST_QUERIES = 128
# No partnership has so many days to a stale pathway: what is stale where no partnership says it.
NOWHERE_STALE = -1
SHOWN = (
    "pk", "responsible", "pathway__pseudonym", "pathway__stage", "pathway__next_due_on", "pathway__last_event_at", "pathway__waits_since", "pathway__partnership_id", "pathway__process_person_id",
    "pathway__guidance_lead_id", "pathway__study_counsellor_id", "pathway__client__family_name", "pathway__client__given_names", "pathway__client__is_protected", "person_name", "last_read_at", "row_count",
)

ORGANISATION, PERSON, CURSOR = (Given(name, BigIntegerField()) for name in ("organisation", "person", "cursor"))
# The fields that hold a duty, by the code that stands in an address.
ROLES = {"process": "pathway__process_person", "lead": "pathway__guidance_lead", "study": "pathway__study_counsellor", "part": "responsible"}
OF_PATHWAY: dict[str, Callable[[Terms], Q]] = {
    "overdue": lambda terms: Q(next_due_on__lt=terms.today),
    "stale": lambda terms: terms.is_stale,
    "waits": lambda terms: Q(waits_since__isnull=False),
    "stage": lambda terms: Q(stage=Given("asked_stage", CharField())),
    "group": lambda terms: Q(target_group=Given("asked_group", CharField())),
}


def participations_now(organisation: int | Given) -> QuerySet[Participation]:
    """One row for each open pathway in which the organisation takes part now; in an ended one nobody does."""
    return Participation.objects.filter(organisation=organisation, ends_at=None)


def list_page(desk: Desk, asked: Mapping[str, Any], *, size: int, after: str = "", before: str = "") -> keyset.KeysetPage:
    """By name. `asked`: the value of each filter that is on (`guidance.filters`)."""
    stale = desk.terms.stale or [(NOWHERE_STALE, desk.now)] if "stale" in asked else []
    values: dict[str, Any] = {"organisation": desk.acting.organisation_id, "person": desk.acting.pk, "today": desk.today, "born_after": years_before(desk.today, YOUNG)}
    values |= {f"asked_{name}": value for name, value in asked.items()}
    for place, (days, since) in enumerate(stale):
        values |= {f"days_{place}": days, f"since_{place}": since}
    # What a filter leaves is counted row by row: to go on where the page ends costs twice the page again.
    most = size if asked else keyset.MOST_COUNTED

    def read(cursor: int | None, backwards: bool) -> list[Any]:
        query = _list_query(frozenset(asked), asked.get("role", ""), len(stale), cursor is not None, backwards, size, most)
        return query.ask(cursor=cursor, **values)

    return keyset.page_of(read, size=size, after=after, before=before, most=most)


@lru_cache(maxsize=MOST_QUERIES)
def _list_query(asked: frozenset[str], role: str, stale: int, is_beside: bool, backwards: bool, size: int, most: int) -> Prepared:
    known = participations_now(ORGANISATION)
    rows = _narrowed(known, asked, role, stale)
    count = RowCount(rows, most + 1) if is_beside or most != size else Value(None, IntegerField())
    beside = keyset.rows_beside(_with_shown(rows, count), NAME_KEY, known=known, cursor=CURSOR if is_beside else None, backwards=backwards)
    return Prepared(beside[: size + 1])


def _narrowed(rows: QuerySet[Participation], asked: frozenset[str], role: str, stale: int) -> QuerySet[Participation]:
    places = [(Given(f"days_{place}", IntegerField()), Given(f"since_{place}", DateTimeField())) for place in range(stale)]
    terms = Terms(PERSON, ORGANISATION, [PERSON], Given("today", DateField()), Given("today", DateField()), places)
    if "mine" in asked:
        rows = rows.filter(pathway__in=pathways_of_people(terms.people, terms.organisation).order_by().values("pk"))
    if role:
        rows = rows.filter(**{ROLES[role]: terms.person})
    if "person" in asked:
        rows = rows.filter(responsible=Given("asked_person", BigIntegerField()))
    if "under_30" in asked:
        rows = rows.filter(birth_date__gt=Given("born_after", DateField()))
    if conditions := [OF_PATHWAY[name](terms) for name in OF_PATHWAY if name in asked]:
        rows = _asked_of_each(rows, Pathway.objects.filter(*conditions, pk=OuterRef("pathway")).values("pk"))
    if "option" in asked:
        rows = _asked_of_each(rows, EducationOption.objects.filter(pathway=OuterRef("pathway"), kind=Given("asked_option", CharField()), state__in=OPTION_ALIVE).values("pathway"))
    return rows


def _asked_of_each(rows: QuerySet[Participation], found: QuerySet) -> QuerySet[Participation]:
    """Asked of one row after the other in the order of the list, until the page is full: joined, PostgreSQL would read
    every pathway of the country and sort what is left. It takes "is not null" to be true of nearly all, and so it walks."""
    return rows.filter(IsNull(Subquery(found.order_by()[:1]), False))


def _with_shown(rows: QuerySet[Participation], count: RowCount | Value) -> QuerySet:
    """`last_read_at`: the last event that the organisation may read; another's private note moves it not."""
    events = Event.objects.filter(pathway=OuterRef("pathway")).counted().visible_to(ORGANISATION).order_by("-at", "-id")
    # A subquery and no join: a small table would be joined by reading it whole for each row passed over.
    person = Membership.objects.filter(pk=OuterRef("responsible")).values("user__name")
    counted = rows.annotate(person_name=Subquery(person[:1]), last_read_at=Subquery(events.values("at")[:1]), row_count=count)
    return counted.values_list(*SHOWN, named=True)


def years_before(day: date, years: int) -> date:
    """Born after this day: younger than so many years. Who was born on 29.2. comes of age on 1.3."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, month=2, day=28)


@dataclass(frozen=True)
class ClientRow:
    pseudonym: str
    name: str
    stage: str
    due_on: date | None
    last_event_at: datetime | None
    person: str
    is_late: bool
    is_stale: bool
    is_waiting: bool
    is_protected: bool
    is_mine: bool


def client_row(row: Any, desk: Desk) -> ClientRow:
    stale_days = desk.stale_after.get(row.pathway__partnership_id)
    due_on = row.pathway__next_due_on
    return ClientRow(
        pseudonym=row.pathway__pseudonym,
        name=f"{row.pathway__client__family_name} {row.pathway__client__given_names}",
        stage=row.pathway__stage,
        due_on=due_on,
        last_event_at=row.last_read_at,
        person=row.person_name,
        is_late=due_on is not None and due_on < desk.today,
        is_stale=stale_days is not None and (desk.now - row.pathway__last_event_at).total_seconds() > stale_days * 86400,
        is_waiting=row.pathway__waits_since is not None,
        is_protected=row.pathway__client__is_protected,
        is_mine=desk.acting.pk in (row.pathway__process_person_id, row.pathway__guidance_lead_id, row.pathway__study_counsellor_id, row.responsible),
    )
