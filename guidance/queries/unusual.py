"""Reading that a data protection officer may want to look at: rules over what one person opened in one day.

A hit proves nothing: the reader may have had a reason, and a common surname is no relative.
"""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import ExtractHour, TruncDate
from django.utils import timezone

from accounts.models import User
from guidance.choices import OPENINGS, USUAL_THRESHOLDS, ReadingRule
from guidance.models import AccessLog, AccessLogSubject, Pathway, ReadingThreshold
from guidance.models.client import fold_name
from pilots.models import Membership

LOOKED_BACK = timedelta(days=30)
MOST_HITS = 50
NIGHT_FROM, NIGHT_UNTIL = 22, 6


@dataclass(frozen=True)
class Hit:
    """One person and day. `number` is of clients for `MANY_CLIENTS`, of openings for the others."""

    user_id: int
    day: date
    number: int


@dataclass(frozen=True)
class Found:
    rule: ReadingRule
    threshold: int
    hits: list[Hit]


def thresholds_of(organisation_id: int) -> dict[ReadingRule, int]:
    own = dict(ReadingThreshold.objects.filter(organisation_id=organisation_id).values_list("rule", "threshold"))
    return {rule: own.get(rule, usual) for rule, usual in USUAL_THRESHOLDS.items()}


def unusual_reading(acting: Membership, now: datetime) -> list[Found]:
    """For each rule the latest days first, at most `MOST_HITS`. As many queries whatever the log holds."""
    thresholds = thresholds_of(acting.organisation_id)
    return [Found(rule, thresholds[rule], _hits(look(acting, now), thresholds[rule], distinct=rule == ReadingRule.MANY_CLIENTS)) for rule, look in RULES.items()]


def _hits(rows: QuerySet, threshold: int, *, distinct: bool) -> list[Hit]:
    counted = rows.values("user", "day").annotate(number=Count("pseudonym", distinct=distinct)).filter(number__gte=threshold)
    return [Hit(row["user"], row["day"], row["number"]) for row in counted.order_by("-day", "-number", "user")[:MOST_HITS]]


def _openings(acting: Membership, now: datetime) -> QuerySet[AccessLogSubject]:
    logs = AccessLog.objects.filter(organisation_id=acting.organisation_id, at__gte=now - LOOKED_BACK, action__in=OPENINGS)
    of_log = AccessLog.objects.filter(pk=OuterRef("log_id"))
    rows = AccessLogSubject.objects.filter(log_id__in=logs.values("pk")).annotate(user=Subquery(of_log.values("user_id")), opened_at=Subquery(of_log.values("at")))
    return rows.annotate(day=TruncDate("opened_at", tzinfo=timezone.get_default_timezone())).order_by()


def _at_night(acting: Membership, now: datetime) -> QuerySet[AccessLogSubject]:
    rows = _openings(acting, now).annotate(hour=ExtractHour("opened_at", tzinfo=timezone.get_default_timezone()))
    return rows.filter(Q(hour__gte=NIGHT_FROM) | Q(hour__lt=NIGHT_UNTIL))


def _of_own_name(acting: Membership, now: datetime) -> QuerySet[AccessLogSubject]:
    """The whole name, whichever part of it comes first."""
    return _named(acting, now, lambda given, family: Q(name__in=[f"{family} {given}", f"{given} {family}"]))


def _of_same_surname(acting: Membership, now: datetime) -> QuerySet[AccessLogSubject]:
    """Also where it is one part of a double surname; the reader's own file is the other rule's."""
    return _named(acting, now, lambda given, family: (Q(name__startswith=f"{family} ") | Q(name__contains=f" {family} ")) & ~Q(name=f"{family} {given}"))


def _named(acting: Membership, now: datetime, alike: Callable[[str, str], Q]) -> QuerySet[AccessLogSubject]:
    """`alike(given names, surname)`: what the folded name of a client ("surname given") must be."""
    name = Pathway.objects.filter(pseudonym=OuterRef("pseudonym")).values("client__search_name")
    people = User.objects.filter(memberships__organisation=acting.organisation_id).distinct().values_list("pk", "name")
    parted = [(pk, *whole.strip().rpartition(" ")[::2]) for pk, whole in people]
    matches = [Q(user=pk) & alike(fold_name(given), fold_name(family)) for pk, given, family in parted if given and family]
    return _openings(acting, now).annotate(name=Subquery(name)).filter(reduce(or_, matches, Q(pk__in=[])))


RULES = {ReadingRule.MANY_CLIENTS: _openings, ReadingRule.NIGHT: _at_night, ReadingRule.OWN_NAME: _of_own_name, ReadingRule.SAME_SURNAME: _of_same_surname}
