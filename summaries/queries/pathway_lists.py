"""What is behind each number of the pathway summary: one rule for each figure, for the number and for its list.

Only pathways that the organisation may open are counted here, so a reader may narrow them as they like: behind every number are
people whom they may look up one by one.
"""
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from guidance.choices import EducationBackground, HandoffState
from guidance.models import StagePeriod
from guidance.queries.own import pathways_to_open
from pilots.queries.keyset import KeysetPage, page_of
from summaries.choices import AgeGroup, FactKind, PathwayList
from summaries.models import PathwayFact
from summaries.queries.pathway_facts import facts_of
from summaries.queries.pathway_figures import DUE, ENDED, GOES_ON, MET_OF_DUE, MOVED, OUTSIDE, STATES

WITHOUT_QUALIFICATION = (EducationBackground.BASIC, EducationBackground.BASIC_UNFINISHED)
AGES_UNDER_30 = (AgeGroup.UNDER_20, AgeGroup.FROM_20, AgeGroup.FROM_25)
KINDS: dict[str, str] = {PathwayList.CLOSED: FactKind.CLOSED, PathwayList.PERIOD: FactKind.STAGE, PathwayList.HANDOFF: FactKind.HANDOFF}
PERIODS = {MOVED: ~Q(state__in=["", FactKind.CLOSED]), ENDED: Q(state=FactKind.CLOSED), GOES_ON: Q(state="")}
OF_OPENED: dict[str, Q] = {
    PathwayList.OPEN: Q(pathway__closed_at=None),
    PathwayList.SEEKING: Q(pathway__seeks_competence=True),
    PathwayList.UNQUALIFIED: Q(education_background__in=WITHOUT_QUALIFICATION),
    PathwayList.YOUNG: Q(age_group__in=AGES_UNDER_30),
}


@dataclass(frozen=True)
class Narrowed:
    """How a reader narrows the pathways. `traits`: conditions that every fact of a pathway is asked; `first` and `last`: months, both counted."""

    traits: dict[str, Any] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None

    @property
    def conditions(self) -> dict[str, Any]:
        months = {"month__gte": self.first, "month__lte": self.last}
        return self.traits | {name: month for name, month in months.items() if month}


@dataclass(frozen=True)
class Behind:
    """Which number a list is of: the list, and what it is narrowed to by coded values; "" of what it is not."""

    figure: str = PathwayList.OPENED
    stage: str = ""
    state: str = ""
    source: str = ""
    target: str = ""


def facts_to_open(organisation_id: int, narrowed: Narrowed, kind: str) -> QuerySet[PathwayFact]:
    return facts_of(pathways_to_open(organisation_id)).filter(kind=kind, **narrowed.conditions)


def list_behind(organisation_id: int, narrowed: Narrowed, behind: Behind, today: date) -> QuerySet[PathwayFact]:
    """One row for each that the number counts."""
    rows = facts_to_open(organisation_id, narrowed, KINDS.get(behind.figure, FactKind.OPENED))
    if behind.figure == PathwayList.REACHED:
        return rows.filter(reached(behind.stage))
    if behind.figure == PathwayList.PERIOD:
        rows = rows.filter(stage=behind.stage) if behind.stage else rows
        return rows.filter(PERIODS[behind.state]) if behind.state in PERIODS else rows
    if behind.figure == PathwayList.CLOSED:
        return rows.filter(state=behind.state) if behind.state else rows
    if behind.figure == PathwayList.HANDOFF:
        return _handoffs(rows, behind, today)
    return rows.filter(OF_OPENED[behind.figure]) if behind.figure in OF_OPENED else rows


def reached(stage: str) -> Exists:
    """Pathways that have come to the stage, asked of each `pathway`."""
    return Exists(StagePeriod.objects.filter(pathway=OuterRef("pathway"), stage=stage).order_by())


def is_due(today: date) -> Q:
    """Sent so long ago that it could have been met; whoever withdrew it asks for no answer."""
    return Q(judged_on__lte=today) & ~Q(state=HandoffState.WITHDRAWN)


def _handoffs(rows: QuerySet[PathwayFact], behind: Behind, today: date) -> QuerySet[PathwayFact]:
    if behind.source:
        rows = rows.filter(from_organisation=behind.source)
    if behind.target:
        rows = rows.filter(to_organisation=None) if behind.target == OUTSIDE else rows.filter(to_organisation=behind.target)
    if behind.state in (DUE, MET_OF_DUE):
        rows = rows.filter(is_due(today))
        return rows.filter(state=HandoffState.MET) if behind.state == MET_OF_DUE else rows
    return rows.filter(state=STATES[behind.state]) if behind.state in STATES else rows


def list_page(rows: QuerySet[PathwayFact], *, size: int, after: str = "", before: str = "") -> KeysetPage:
    """In the order in which things were written: by the key of what each tells of, which is its own within a list."""
    shown = rows.select_related("pathway__client", "from_organisation", "to_organisation")

    def read(cursor: int | None, backwards: bool) -> list[PathwayFact]:
        beside = shown if cursor is None else shown.filter(**{"source__lt" if backwards else "source__gt": cursor})
        found = list(beside.order_by("-source" if backwards else "source")[: size + 1])
        for one in found:
            # A derived fact has no key of its own.
            one.pk, one.row_count = one.source, count
        return found

    # The number said how many there are: the list says it to the last one.
    count = rows.count()
    return page_of(read, size=size, after=after, before=before, most=max(count, size + 1))
