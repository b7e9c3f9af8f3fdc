"""What waits for a counsellor. Each part of the page is one queryset: its first rows, its number and its full list."""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Case, CharField, F, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils import timezone

from guidance.choices import HandoffState
from guidance.models import Absence, Handoff, NextStep, Participation, Partnership, Pathway
from guidance.queries.own import pathways_of_people
from guidance.queries.pathway_people import GUIDING_ROLES
from guidance.queries.rows import JSONRows, RowCount, name_in_language, to_day, to_moment
from pilots.models import Membership

OVERDUE, TODAY, WEEK = "overdue", "today", "week"
ANSWER, UNANSWERED, UNMET = "answer", "unanswered", "unmet"
NO_ANSWER, STALE = "no-answer", "stale"
SHOWN = 10
MOST_COLLEAGUES = 300
SOON = timedelta(days=7)
# The number in the frame of every page: what is late, due today or asked of the person.
COUNTED = (OVERDUE, TODAY, ANSWER)


@dataclass(frozen=True)
class Desk:
    """Whose work is on the table: the person's own, and that of those whom they stand in for today."""

    acting: Membership
    now: datetime
    people: list[int] | QuerySet
    # Days without an event after which a pathway is stale, by partnership.
    stale_after: dict[int, int] = field(default_factory=dict)
    # For a list only: who works here, by id, and the number in the frame.
    colleagues: list[tuple[int, str]] = field(default_factory=list)
    waiting_count: int = 0

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def is_stale(self) -> Q:
        stale = Q(pk__in=[])
        for partnership, days in self.stale_after.items():
            stale |= Q(partnership=partnership, last_event_at__lt=self.now - timedelta(days=days))
        return stale


def desk_of(acting: Membership, now: datetime, *, for_list: bool = False) -> Desk:
    """Whose work and which rules, in one query: today's absences in the organisation and the partnerships it is a part of.

    `for_list` adds what a list of clients needs too: the colleagues and the number in the frame.
    """
    today = timezone.localdate(now)
    absences = Absence.objects.filter(membership__organisation=acting.organisation_id, starts_on__lte=today, ends_on__gte=today).order_by("pk")
    partnerships = Partnership.objects.filter(parts__organisation=acting.organisation_id).order_by("pk")
    asked: dict[str, Subquery] = {"away": JSONRows(absences, away=F("membership_id"), substitute=F("substitute_id")), "stale": JSONRows(partnerships, pk=F("pk"), days=F("stale_after"))}
    if for_list:
        colleagues = Membership.objects.active().filter(organisation=acting.organisation_id, role__in=GUIDING_ROLES).order_by("user__name", "pk")
        asked["colleagues"] = JSONRows(colleagues[:MOST_COLLEAGUES], pk=F("pk"), name=F("user__name"))
        asked.update(frame_counts(acting, now))
    row = Membership.objects.filter(pk=acting.pk).values(**asked)[0]
    return Desk(
        acting,
        now,
        _with_absent(acting.pk, row["away"]),
        {one["pk"]: one["days"] for one in row["stale"]},
        [(one["pk"], one["name"]) for one in row.get("colleagues", [])],
        sum(row.get(code, 0) for code in COUNTED),
    )


def _with_absent(person: int, absences: list[dict]) -> list[int]:
    """The person and everybody whose work comes to them, also through a substitute who is away too."""
    people = [person]
    for one in people:
        people += [absence["away"] for absence in absences if absence["substitute"] == one and absence["away"] not in people]
    return people


# The parts ---------------------------------------------------------------------------------------


def _steps(desk: Desk) -> QuerySet[NextStep]:
    here = Participation.objects.filter(organisation=desk.acting.organisation_id, ends_at=None).order_by().values("pathway")
    return NextStep.objects.open().filter(responsible__in=desk.people, pathway__closed_at=None, pathway__in=here)


def _handoffs(desk: Desk) -> QuerySet[Handoff]:
    return Handoff.objects.filter(pathway__closed_at=None)


def _sent(desk: Desk) -> QuerySet[Handoff]:
    return _handoffs(desk).filter(from_person__in=desk.people)


def _own(desk: Desk) -> QuerySet[Pathway]:
    return pathways_of_people(desk.people, desk.acting.organisation_id)


QUERYSETS: dict[str, Callable[[Desk], QuerySet]] = {
    OVERDUE: lambda desk: _steps(desk).filter(due_on__lt=desk.today),
    TODAY: lambda desk: _steps(desk).filter(due_on=desk.today),
    WEEK: lambda desk: _steps(desk).filter(due_on__gt=desk.today, due_on__lte=desk.today + SOON),
    ANSWER: lambda desk: _handoffs(desk).filter(Q(to_person=None) | Q(to_person__in=desk.people), to_organisation=desk.acting.organisation_id, state=HandoffState.SENT),
    UNANSWERED: lambda desk: _sent(desk).filter(state=HandoffState.SENT),
    UNMET: lambda desk: _sent(desk).filter(state=HandoffState.ACCEPTED),
    NO_ANSWER: lambda desk: _own(desk).filter(waits_since__isnull=False),
    STALE: lambda desk: _own(desk).filter(desk.is_stale),
}
KEYS = {NextStep: "due_on", Handoff: "sent_at", Pathway: "last_event_at"}


def waiting_rows(desk: Desk, code: str) -> QuerySet:
    return QUERYSETS[code](desk)


@dataclass(frozen=True)
class Thing:
    """One row as the page shows it, whatever it is about."""

    pk: int
    pseudonym: str
    name: str = ""
    what: str = ""
    day: date | None = None
    moment: datetime | None = None
    person: str = ""
    is_own: bool = True
    kind: str = ""
    ladder: int = 0
    from_name: str = ""
    to_name: str = ""
    stage: str = ""


@dataclass(frozen=True)
class Part:
    code: str
    count: int
    things: list[Thing]

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.things)


def waiting_parts(desk: Desk) -> dict[str, Part]:
    """Every part with its number and its first rows, in one query."""
    asked: dict[str, Subquery] = {}
    for code in QUERYSETS:
        rows = waiting_rows(desk, code)
        key = KEYS[rows.model]
        asked[f"rows_{_name(code)}"] = JSONRows(rows.order_by(*_order(rows.model, key))[:SHOWN], **_fields(rows.model))
        asked[f"count_{_name(code)}"] = RowCount(rows)
    found: dict = dict(Membership.objects.filter(pk=desk.acting.pk).values(**asked)[0])
    return {code: Part(code, found[f"count_{_name(code)}"], [thing_of(row, desk) for row in found[f"rows_{_name(code)}"]]) for code in QUERYSETS}


def _order(model: type, key: str) -> tuple:
    return (key, F("starts_at").asc(nulls_last=True), "pk") if model is NextStep else (key, "pk")


def _name(code: str) -> str:
    return code.replace("-", "_")


def thing_of(row: dict, desk: Desk) -> Thing:
    """Out of JSON, where days and times are text, or out of a row of the full list."""
    row = dict(row)
    person_pk = row.pop("person_pk", None)
    for name, read in (("day", to_day), ("moment", to_moment)):
        if isinstance(row.get(name), str):
            row[name] = read(row[name])
    return Thing(**row, is_own=person_pk is None or person_pk == desk.acting.pk)


def listed_fields(model: type) -> dict:
    """The same fields for a page of the full list, read without JSON."""
    return {f"shown_{name}": value for name, value in _fields(model).items() if name != "pk"}


def _fields(model: type) -> dict:
    if model is Handoff:
        return {
            "pk": F("pk"), "pseudonym": F("pathway__pseudonym"), "what": F("kind"), "kind": F("state"), "ladder": F("ladder_step"), "day": F("due_on"), "moment": F("first_contact_at"),
            "from_name": name_in_language("from_organisation"),
            "to_name": Case(When(to_organisation=None, then=F("to_outside")), default=name_in_language("to_organisation"), output_field=CharField()),
            "person": F("from_person__user__name"), "person_pk": F("from_person_id"),
        }
    path = "" if model is Pathway else "pathway__"
    fields = {"pk": F("pk"), "pseudonym": F(f"{path}pseudonym"), "name": Concat(f"{path}client__family_name", Value(" "), f"{path}client__given_names"), "stage": F(f"{path}stage")}
    if model is Pathway:
        return fields | {"moment": F("last_event_at")}
    return fields | {"what": F("what"), "kind": F("kind"), "day": F("due_on"), "moment": F("starts_at"), "person": F("responsible__user__name"), "person_pk": F("responsible_id")}


def count_waiting_things(acting: Membership, now: datetime) -> int:
    """The number in the frame of every page, in one query: what the parts of COUNTED show."""
    counts: dict = dict(Membership.objects.filter(pk=acting.pk).values(**frame_counts(acting, now))[0])
    return sum(counts.values())


def frame_counts(acting: Membership, now: datetime) -> dict[str, RowCount]:
    """What a query can carry along for the frame. A colleague's work comes through their absence, also when it came to them by another's."""
    today = timezone.localdate(now)
    away = Absence.objects.filter(starts_on__lte=today, ends_on__gte=today).order_by()
    mine = away.filter(substitute=acting)
    people = Membership.objects.filter(pk=acting.pk).order_by().values("pk").union(mine.values("membership"), away.filter(substitute__in=mine.values("membership")).values("membership"))
    desk = Desk(acting, now, people)
    return {code: RowCount(waiting_rows(desk, code)) for code in COUNTED}
