"""What waits for a reader: the number in the frame of every page and the list on the home page, from the same rows (`registries.waiting_kinds`)."""
from datetime import datetime
from datetime import time as clock
from functools import cache, reduce
from operator import add

from django.db.models import BigIntegerField, Count, DateField, DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from pilots.choices import Permission
from pilots.models import JoinRequest, Membership, Organisation
from pilots.models.base import sort_field
from pilots.models.contact import STALE_AFTER
from pilots.permissions import Acting, may
from pilots.queries.keyset import RowCount
from pilots.queries.people import MOST_FOUND
from pilots.queries.prepared import Given, Prepared
from pilots.queries.roles import roles_with
from pilots.registries import Waited, Waiting, WaitingKind, WaitingTerms, waiting_kinds


def kinds_for(acting: Acting) -> tuple[WaitingKind, ...]:
    """What can wait for `acting`."""
    return tuple(kind for kind in waiting_kinds if acting is not None and kind.waits_for(acting))


def count_waiting(acting: Acting) -> int | None:
    """How many things wait for `acting`, in one query; None, without a query, for those to whom nothing can."""
    kinds = kinds_for(acting)
    return _count_query(acting.role, kinds).ask(**_values(acting))[0] if acting is not None and kinds else None


def waiting_for(acting: Acting) -> list[Waiting]:
    """The same things in words, the oldest first, in one query; none for those to whom nothing can wait."""
    kinds = kinds_for(acting)
    if acting is None or not kinds:
        return []
    row = _list_query(acting.role, kinds).ask(**_values(acting))[0]
    found = [(kind, Waited(row[f"{kind.code}_count"], row.get(f"{kind.code}_since"), row.get(f"{kind.code}_late", 0))) for kind in kinds]
    return sorted((kind.told(acting, waited) for kind, waited in found if waited.count), key=_age)


def _age(thing: Waiting) -> datetime:
    """A day began at midnight; what has no day of its own comes first."""
    if isinstance(thing.since, datetime):
        return thing.since
    return timezone.make_aware(datetime.combine(thing.since, clock.min) if thing.since else datetime(1, 1, 2))


@cache
def _count_query(role: str, kinds: tuple[WaitingKind, ...]) -> Prepared:
    """One number; every page of those for whom something can wait asks for it."""
    terms = _terms(role)
    counts = [RowCount(rows) for kind in kinds for rows in kind.rows(terms)]
    return Prepared(Membership.objects.filter(pk=terms.acting.pk).order_by().values_list(reduce(add, counts), flat=True))


@cache
def _list_query(role: str, kinds: tuple[WaitingKind, ...]) -> Prepared:
    terms = _terms(role)
    asked: dict = {}
    for kind in kinds:
        parts = kind.rows(terms)
        asked[f"{kind.code}_count"] = reduce(add, [RowCount(rows) for rows in parts])
        if kind.since:
            asked[f"{kind.code}_since"] = Subquery(parts[0].order_by(kind.since).values(kind.since)[:1])
        if kind.late:
            asked[f"{kind.code}_late"] = RowCount(parts[0].filter(kind.late(terms)))
    return Prepared(Membership.objects.filter(pk=terms.acting.pk).order_by().values(**asked))


def _terms(role: str) -> WaitingTerms:
    """A membership with places for its keys: the conditions are written once, for a person as for the query of all who have the role."""
    person, organisation, area = (Given(name, BigIntegerField()) for name in ("person", "organisation", "area"))
    acting = Membership(pk=person, role=role, organisation_id=organisation, area_id=area)
    return WaitingTerms(acting, Given("today", DateField()), Given("now", DateTimeField()), Given("year_ago", DateField()))


def _values(acting: Membership) -> dict:
    now = timezone.now()
    today = timezone.localdate(now)
    return {"person": acting.pk, "organisation": acting.organisation_id, "area": acting.area_id, "today": today, "now": now, "year_ago": today - STALE_AFTER}


def requests_to_decide(acting: Acting) -> QuerySet[JoinRequest]:
    """Open requests that wait for `acting`: those to the own organisation, and for the portal's administrator those that nobody else can decide."""
    if not may(acting, Permission.MANAGE_PEOPLE):
        return JoinRequest.objects.none()
    mine = Q(organisation_id=acting.organisation_id)
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        roles = roles_with(Permission.MANAGE_PEOPLE)
        administrators = Membership.objects.active().filter(organisation=OuterRef("organisation"), role__in=roles, user__is_active=True)
        mine |= ~Q(Exists(administrators))
    return JoinRequest.objects.open().filter(mine)


def organisations_waiting(acting: Acting) -> list[Organisation]:
    """Other organisations with requests that only `acting` can decide, with `count`."""
    rows = Organisation.objects.filter(join_requests__in=requests_to_decide(acting)).exclude(pk=acting.organisation_id)
    return list(rows.annotate(count=Count("join_requests")).order_by(sort_field())[:MOST_FOUND])
