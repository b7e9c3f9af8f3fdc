"""What waits for a counsellor. Each part of the page is one queryset: its first rows, its number and its full list."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from guidance.choices import OPEN_HANDOFF, EntryKind, HandoffKind, HandoffState, LadderStep
from guidance.models import Absence, ClientEntry, Handoff, NextStep, Participation, Partnership, Pathway
from guidance.queries.own import pathways_of_people
from guidance.queries.pathway_people import GUIDING_ROLES
from guidance.queries.rights import answers_asked
from guidance.queries.rows import JSONRows
from guidance.queries.waiting_desk import Desk, Terms
from guidance.queries.waiting_things import Thing, fields_of, thing_of
from pilots.choices import Permission
from pilots.models import Membership
from pilots.queries.keyset import RowCount
from pilots.queries.prepared import Given, Prepared, among
from pilots.registries import Waited, Waiting, WaitingKind, WaitingTerms
from pilots.sorting import natural_key

OVERDUE, TODAY, WEEK = "overdue", "today", "week"
ANSWER, MEET, UNANSWERED, UNMET = "answer", "meet", "unanswered", "unmet"
LEAD, NOT_TAKEN = "lead", "not-taken"
NO_ANSWER, STALE = "no-answer", "stale"
WRITTEN, NOT_CALLED = "written", "not-called"
RIGHTS = "rights"
SHOWN = 10
MOST_COLLEAGUES = 300
# Of the page's query: languages by how many stand in for whom by different numbers of days to a stale pathway.
MOST_QUERIES = 64
PERSON, ORGANISATION = Given("person", BigIntegerField()), Given("organisation", BigIntegerField())
# The number in the frame of every page: what is late, due today or asked of the person.
COUNTED = (WRITTEN, NOT_CALLED, OVERDUE, TODAY, ANSWER, NOT_TAKEN, MEET, LEAD, RIGHTS)
# Of the partnership that one leads.
OF_LEADS = (LEAD, NOT_CALLED)


def desk_of(acting: Membership, now: datetime, *, for_list: bool = False) -> Desk:
    """Whose work and which rules, in one query: today's absences in the organisation and the days of each partnership.

    `for_list` adds what a list of clients needs too: the colleagues and the number in the frame.
    """
    row = _desk_query(for_list, codes_of(acting)).ask(**_frame_values(acting, now))[0]
    return Desk(
        acting,
        now,
        people := _with_absent(acting.pk, row["away"]),
        {one["away"]: one["name"] for one in row["away"] if one["away"] in people},
        {one["pk"]: one["days"] for one in row["stale"]},
        sorted(((one["pk"], one["name"]) for one in row.get("colleagues", []) if one["name"] is not None), key=lambda one: (natural_key(one[1]), one[0])),
        sum(row.get(code, 0) for code in COUNTED),
        bool(row.get("opens")),
    )


def codes_of(acting: Membership) -> tuple[str, ...]:
    """The parts of this person's page; only who may lead a partnership is asked about what has come to its lead, and only who answers clients about their data about that."""
    listed = tuple(code for code in QUERYSETS if code not in OF_LEADS or acting.may(Permission.LEAD_PARTNERSHIP))
    return (*listed, RIGHTS) if acting.may(Permission.ANSWER_RIGHTS) else listed


@cache
def _desk_query(for_list: bool, codes: tuple[str, ...]) -> Prepared:
    today = Given("today", DateField())
    absences = Absence.objects.filter(membership__organisation=ORGANISATION, starts_on__lte=today, ends_on__gte=today).order_by("pk")
    partnerships = Partnership.objects.filter(opened_at__isnull=False).order_by("pk")
    asked: dict[str, Subquery] = {"away": JSONRows(absences, away=F("membership_id"), name=F("membership__user__name"), substitute=F("substitute_id")), "stale": JSONRows(partnerships, pk=F("pk"), days=F("stale_after"))}
    if for_list:
        # A subquery and no join: for a hundred names PostgreSQL would read every account. Who can sign in no more has no name here.
        named = Subquery(User.objects.filter(pk=OuterRef("user"), is_active=True).values("name")[:1])
        colleagues = Membership.objects.active().filter(organisation=ORGANISATION, role__in=GUIDING_ROLES).order_by("pk")
        asked["colleagues"] = JSONRows(colleagues[:MOST_COLLEAGUES], name=named, pk=F("pk"))
        asked["opens"] = Exists(Partnership.objects.filter(process_organisation=ORGANISATION, opened_at__isnull=False))
        asked.update(_frame_counts(codes))
    return Prepared(Membership.objects.filter(pk=PERSON).values(**asked))


def _with_absent(person: int, absences: list[dict]) -> list[int]:
    """The person and everybody whose work comes to them, also through a substitute who is away too."""
    people = [person]
    for one in people:
        people += [absence["away"] for absence in absences if absence["substitute"] == one and absence["away"] not in people]
    return people


# The parts ---------------------------------------------------------------------------------------


def _open_steps(terms: Terms) -> QuerySet[NextStep]:
    here = Participation.objects.filter(organisation=terms.organisation, ends_at=None).order_by().values("pathway")
    return NextStep.objects.open().filter(among("responsible", terms.people), pathway__in=here)


def _steps(terms: Terms) -> QuerySet[NextStep]:
    return _open_steps(terms).filter(pathway__closed_at=None)


def _asked_today(terms: Terms) -> QuerySet[NextStep]:
    """Late or due today. What a declined hand-off asks is in a part of its own, and counts once."""
    return _steps(terms).filter(~Q(handoff__state=HandoffState.DECLINED) | Q(handoff=None), due_on__lte=terms.today)


def _declined(terms: Terms) -> QuerySet[Handoff]:
    """As long as the sender's step to choose the next way is neither done nor put off to a later day.

    Pathway and state are asked of the hand-off and not of its step: with two more tables PostgreSQL tries no other order of them, and reads every hand-off.
    """
    asking = _open_steps(terms).filter(handoff__isnull=False, due_on__lte=terms.today)
    return _handoffs(terms).filter(state=HandoffState.DECLINED, pk__in=asking.order_by().values("handoff"))


def _handoffs(terms: Terms) -> QuerySet[Handoff]:
    return Handoff.objects.filter(pathway__closed_at=None)


def _may_take_up(terms: Terms) -> Q:
    """What a named person leaves unanswered is asked of their colleagues when the ladder tells them so; never of who sent it."""
    return Q(to_person=None) | among("to_person", terms.people) | Q(~Q(from_person=terms.person), ladder_step__gte=LadderStep.COLLEAGUES)


def _meets(terms: Terms) -> Q:
    """`Handoff.meeting_organisation_id` is the organisation."""
    asked_for = Q(kind=HandoffKind.REQUEST_TO_TAKE) | Q(to_organisation=None)
    return Q(asked_for, from_organisation=terms.organisation) | Q(~Q(kind=HandoffKind.REQUEST_TO_TAKE), to_organisation=terms.organisation)


def _sent(terms: Terms) -> QuerySet[Handoff]:
    return _handoffs(terms).filter(among("from_person", terms.people))


def _own(terms: Terms) -> QuerySet[Pathway]:
    return pathways_of_people(terms.people, terms.organisation)


def _unanswered(terms: Terms) -> QuerySet[ClientEntry]:
    return ClientEntry.objects.unanswered().filter(pathway__closed_at=None)


QUERYSETS: dict[str, Callable[[Terms], QuerySet]] = {
    WRITTEN: lambda terms: _unanswered(terms).filter(pathway__in=_own(terms).order_by().values("pk")),
    NOT_CALLED: lambda terms: _unanswered(terms).filter(Q(pathway__partnership__lead=terms.person) | Q(pathway__partnership__substitute=terms.person), kind=EntryKind.NOT_CONTACTED),
    OVERDUE: lambda terms: _asked_today(terms).filter(due_on__lt=terms.today),
    TODAY: lambda terms: _asked_today(terms).filter(due_on=terms.today),
    WEEK: lambda terms: _steps(terms).filter(due_on__gt=terms.today, due_on__lte=terms.week_ends),
    ANSWER: lambda terms: _handoffs(terms).filter(_may_take_up(terms), to_organisation=terms.organisation, state=HandoffState.SENT),
    # Those that the ladder has not reached are left out, rather than the others asked for: of these PostgreSQL would read the whole country's.
    MEET: lambda terms: _handoffs(terms).filter(_meets(terms), state=HandoffState.ACCEPTED).exclude(ladder_step__in=(LadderStep.SENT, LadderStep.REMINDED)),
    NOT_TAKEN: _declined,
    LEAD: lambda terms: _handoffs(terms).filter(Q(pathway__partnership__lead=terms.person) | Q(pathway__partnership__substitute=terms.person), state__in=OPEN_HANDOFF, ladder_step=LadderStep.LEAD),
    UNANSWERED: lambda terms: _sent(terms).filter(state=HandoffState.SENT),
    UNMET: lambda terms: _sent(terms).filter(state=HandoffState.ACCEPTED),
    NO_ANSWER: lambda terms: _own(terms).filter(waits_since__isnull=False),
    STALE: lambda terms: _own(terms).filter(terms.is_stale),
}
MODELS: dict[str, type[Model]] = {
    **dict.fromkeys((OVERDUE, TODAY, WEEK), NextStep),
    **dict.fromkeys((ANSWER, NOT_TAKEN, MEET, LEAD, UNANSWERED, UNMET), Handoff),
    **dict.fromkeys((NO_ANSWER, STALE), Pathway),
    **dict.fromkeys((WRITTEN, NOT_CALLED), ClientEntry),
}
KEYS = {NextStep: "due_on", Handoff: "sent_at", Pathway: "last_event_at", ClientEntry: "at"}


def waiting_rows(desk: Desk, code: str) -> QuerySet:
    return QUERYSETS[code](desk.terms)


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
    values: dict[str, object] = {f"person_{place}": person for place, person in enumerate(desk.people)}
    for place, (days, since) in enumerate(desk.terms.stale):
        values |= {f"days_{place}": days, f"since_{place}": since}
    codes = codes_of(desk.acting)
    query = _parts_query(get_language(), len(desk.people), len(desk.terms.stale), codes)
    row = query.ask(person=desk.acting.pk, organisation=desk.acting.organisation_id, today=desk.today, week_ends=desk.terms.week_ends, **values)[0]
    return {code: _part(code, row[_name(code)], desk) for code in codes}


def _part(code: str, rows: Any, desk: Desk) -> Part:
    """Each row tells how many there are in all. Requests about own data are a number alone: their page is the register's."""
    if code == RIGHTS:
        return Part(code, rows, [])
    count = rows[0]["count"] if rows else 0
    return Part(code, count, [thing_of({name: value for name, value in row.items() if name != "count"}, desk.absent) for row in rows])


@lru_cache(maxsize=MOST_QUERIES)
def _parts_query(language: str, people: int, stale: int, codes: tuple[str, ...]) -> Prepared:
    terms = Terms(
        PERSON,
        ORGANISATION,
        [Given(f"person_{place}", BigIntegerField()) for place in range(people)],
        Given("today", DateField()),
        Given("week_ends", DateField()),
        [(Given(f"days_{place}", IntegerField()), Given(f"since_{place}", DateTimeField())) for place in range(stale)],
    )
    asked: dict[str, Any] = {}
    for code in codes:
        if code == RIGHTS:
            asked[code] = RowCount(answers_asked(ORGANISATION))
            continue
        rows, model = QUERYSETS[code](terms), MODELS[code]
        asked[_name(code)] = JSONRows(rows.order_by(*_order(model, KEYS[model]))[:SHOWN], count=Window(Count("*")), **fields_of(model))
    return Prepared(Membership.objects.filter(pk=PERSON).values(**asked))


def _order(model: type, key: str) -> tuple:
    return (key, F("starts_at").asc(nulls_last=True), "pk") if model is NextStep else (key, "pk")


def _name(code: str) -> str:
    return code.replace("-", "_")


def _work(asked: WaitingTerms) -> list[QuerySet]:
    """What the parts of COUNTED show."""
    person = asked.acting.pk
    terms = Terms(person, asked.acting.organisation_id, _people_of(person, asked.today), asked.today, asked.today)
    return [_rows(terms, code) for code in COUNTED if code in codes_of(asked.acting)]


def _work_told(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d thing in the work with your clients", "%(count)d things in the work with your clients", found.count) % {"count": found.count}
    return Waiting(what, found.count, reverse("guidance:waiting"), None, _("Look through"))


KINDS = [WaitingKind("work", lambda acting: acting.may(Permission.GUIDE_CLIENTS), _work, _work_told)]


def _rows(terms: Terms, code: str) -> QuerySet:
    return answers_asked(terms.organisation) if code == RIGHTS else QUERYSETS[code](terms)


def _frame_values(acting: Membership, now: datetime) -> dict:
    return {"person": acting.pk, "organisation": acting.organisation_id, "today": timezone.localdate(now)}


def frame_counts(acting: Membership, now: datetime) -> dict[str, RowCount]:
    """What a query can carry along for the frame."""
    today = timezone.localdate(now)
    return _counts(Terms(acting.pk, acting.organisation_id, _people_of(acting.pk, today), today, today), codes_of(acting))


def _frame_counts(codes: tuple[str, ...]) -> dict[str, RowCount]:
    today = Given("today", DateField())
    return _counts(Terms(PERSON, ORGANISATION, _people_of(PERSON, today), today, today), codes)


def _counts(terms: Terms, codes: tuple[str, ...]) -> dict[str, RowCount]:
    return {code: RowCount(_rows(terms, code)) for code in COUNTED if code in codes}


def _people_of(person: int | Given, today: date | Given) -> QuerySet:
    """A colleague's work comes through their absence, also when it came to them by another's."""
    away = Absence.objects.filter(starts_on__lte=today, ends_on__gte=today).order_by()
    mine = away.filter(substitute=person)
    return Membership.objects.filter(pk=person).order_by().values("pk").union(mine.values("membership"), away.filter(substitute__in=mine.values("membership")).values("membership"))
