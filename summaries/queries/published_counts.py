"""Counts for the declared tables of a month, by partnership. What was not to be known when the month ended is not looked at, so that
an earlier month of which the dates are there can be counted too. Whose data may only be kept (restricted) is not counted."""
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Case, F, IntegerField, Max, Q, QuerySet, Value, When
from django.utils import timezone

from guidance.choices import HandoffState
from guidance.models import Handoff, Partnership, Pathway
from summaries.choices import FactKind
from summaries.queries.pathway_facts import derived_facts
from summaries.queries.published_tables import (
    BANDS,
    BY_CODE,
    EVERY,
    FOLLOWED,
    FOLLOWED_DAYS,
    HANDOFFS,
    LOOKED_AT_DAYS,
    NO_GROUP,
    OPENED,
    QUARTERS,
    STILL_OPEN,
    WAY,
)

# (table, column, the partnership's slug)
Counted = Counter[tuple[str, str, str]]
PLACE = {stage: number for number, stage in enumerate(WAY)}


@dataclass
class MonthCounts:
    """`few`: cells of five or more hand-offs that are of fewer than five people. `furthest`: those whose furthest stage it is."""

    partnerships: list[str]
    counts: Counted = field(default_factory=Counter)
    furthest: Counted = field(default_factory=Counter)
    people: dict[tuple[str, str, str], set[int]] = field(default_factory=dict)

    def add(self, table: str, column: str, partnership: str) -> None:
        self.counts[table, column, partnership] += 1


def count_month(month: date) -> MonthCounts:
    """The number of queries follows from nothing but the month's tables: two of each month, three more at the end of a quarter."""
    made = MonthCounts(list(Partnership.objects.exclude(opened_at=None).order_by("slug").values_list("slug", flat=True)))
    _count_opened(made, month)
    _count_handoffs(made, month)
    if BY_CODE["age"].is_frozen_with(month):
        _count_traits(made, month)
        _count_followed(made, month)
    return made


def count_opened(month: date) -> Counted:
    """Of the tables that share people with later months, what is counted today."""
    made = MonthCounts([])
    _count_opened(made, month)
    if BY_CODE["age"].is_frozen_with(month):
        _count_traits(made, month)
    return made.counts


def _opened(table: str, month: date) -> QuerySet[Pathway]:
    first, until = BY_CODE[table].period(month)
    return Pathway.objects.filter(restricted_at=None, opened_at__gte=_midnight(first), opened_at__lt=_midnight(until)).order_by()


def _count_opened(made: MonthCounts, month: date) -> None:
    for slug in _opened(OPENED, month).values_list("partnership__slug", flat=True):
        made.add(OPENED, EVERY, slug)


def _count_traits(made: MonthCounts, month: date) -> None:
    facts = derived_facts(_opened("age", month), FactKind.OPENED).order_by()
    for slug, age, background, target, seeks in facts.values_list("partnership__slug", "age_group", "education_background", "target_group", "pathway__seeks_competence"):
        made.add(QUARTERS, EVERY, slug)
        made.add("age", age, slug)
        made.add("background", background, slug)
        made.add("target", target or NO_GROUP, slug)
        made.add("seeking", "yes" if seeks else "no", slug)


def _count_followed(made: MonthCounts, month: date) -> None:
    """Each pathway by the furthest stage that it came to in its year, and by how it had ended by then."""
    ends = F("opened_at") + timedelta(days=FOLLOWED_DAYS)
    place = Case(*(When(stage_periods__stage=stage, then=Value(number)) for stage, number in PLACE.items()), default=Value(0), output_field=IntegerField())
    rows = _opened(FOLLOWED, month).annotate(furthest=Max(place, filter=Q(stage_periods__started_at__lt=ends)), until=ends).values_list("partnership__slug", "furthest", "closed_at", "outcome", "until")
    for slug, furthest, closed_at, outcome, until in rows:
        furthest = furthest or 0
        made.add(FOLLOWED, EVERY, slug)
        for stage in WAY[1 : furthest + 1]:
            made.add(FOLLOWED, stage, slug)
        made.furthest[FOLLOWED, WAY[furthest], slug] += 1
        made.add("outcome", outcome if closed_at and closed_at < until else STILL_OPEN, slug)


def _count_handoffs(made: MonthCounts, month: date) -> None:
    first, until = BY_CODE[HANDOFFS].period(month)
    sent = Handoff.objects.filter(pathway__restricted_at=None, sent_at__gte=_midnight(first), sent_at__lt=_midnight(until)).exclude(to_organisation=F("from_organisation")).order_by()
    for slug, pathway, state, sent_at, answered_at, met_at, withdrawn_at in sent.values_list("pathway__partnership__slug", "pathway", "state", "sent_at", "answered_at", "met_at", "withdrawn_at"):
        stood = state_after(LOOKED_AT_DAYS, state, sent_at, answered_at, met_at, withdrawn_at)
        cells = [(HANDOFFS, EVERY, slug), (HANDOFFS, stood, slug)]
        if met_at and stood == HandoffState.MET:
            days = days_between(sent_at, met_at)
            cells.append(("days", next(code for code, (last, _label) in BANDS.items() if days <= last), slug))
        for cell in cells:
            made.add(*cell)
            made.people.setdefault(cell, set()).add(pathway)


def state_after(days: int, state: str, sent_at: datetime, answered_at: datetime | None, met_at: datetime | None, withdrawn_at: datetime | None) -> str:
    """How a hand-off stood so many days after it was sent, whatever has become of it since."""

    def by_then(at: datetime | None) -> bool:
        return at is not None and days_between(sent_at, at) <= days

    if by_then(met_at):
        return HandoffState.MET.value
    if by_then(withdrawn_at):
        return HandoffState.WITHDRAWN.value
    if by_then(answered_at):
        return HandoffState.DECLINED.value if state == HandoffState.DECLINED else HandoffState.ACCEPTED.value
    return HandoffState.SENT.value


def days_between(one: datetime, other: datetime) -> int:
    return (timezone.localdate(other) - timezone.localdate(one)).days


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
