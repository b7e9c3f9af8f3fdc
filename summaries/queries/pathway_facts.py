"""The one definition of the facts of a pathway, for the fold, the rebuild, the check and the live figures, on both databases.

`derive` says what the facts are, from what guidance holds now. `facts_of` is what figures read: the facts as they are stored, and
of pathways that have changed since, as they are derived.
"""

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    Expression,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Lead, TruncDate, TruncMonth
from django.db.models.lookups import LessThan
from django.db.models.sql.datastructures import BaseTable
from django.utils import timezone

from guidance.choices import HandoffKind
from guidance.models import AssessmentItem, Event, Handoff, Partnership, Pathway, StagePeriod
from summaries.choices import AgeGroup, FactKind
from summaries.models import PathwayFact, StaleFact

# A fact's columns, in the table's order; without its key, which only a stored one has.
COLUMNS = [str(field.column) for field in PathwayFact._meta.concrete_fields if not field.primary_key]
NOTHING = Cast(Value(None), IntegerField())
EMPTY = Value("", CharField())
YOUNGER_THAN = {AgeGroup.UNKNOWN: 0, AgeGroup.UNDER_20: 20, AgeGroup.FROM_20: 25, AgeGroup.FROM_25: 30, AgeGroup.FROM_30: 40, AgeGroup.FROM_40: 50, AgeGroup.FROM_50: 60}


class DaysBetween(Func):
    """Of two days, the later one first: the number of days."""

    output_field, arity = IntegerField(), 2

    def as_postgresql(self, compiler, connection, **more):
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ", **more)

    def as_sqlite(self, compiler, connection, **more):
        return self.as_sql(compiler, connection, template="CAST(julianday(%(expressions)s) AS INTEGER)", arg_joiner=") - julianday(", **more)


class DaysLater(Func):
    """The day so many days after a day."""

    output_field, arity = DateField(), 2

    def as_postgresql(self, compiler, connection, **more):
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ", **more)

    def as_sqlite(self, compiler, connection, **more):
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", '+' || ", **more)


class FullYears(Func):
    """On a day, since a day of birth: who was born on 29 February is a year older on 1 March."""

    output_field, arity = IntegerField(), 2

    def as_postgresql(self, compiler, connection, **more):
        return self.as_sql(compiler, connection, template="EXTRACT(YEAR FROM age(%(expressions)s::timestamp))", arg_joiner="::timestamp, ", **more)

    def as_sqlite(self, compiler, connection, **more):
        return self.as_sql(compiler, connection, template="((strftime('%%%%Y%%%%m%%%%d', %(expressions)s)) / 10000)", arg_joiner=") - strftime('%%Y%%m%%d', ", **more)


def derive(pathways: QuerySet[Pathway] | None = None, partnership: Partnership | None = None) -> QuerySet:
    """The facts of these pathways, of a partnership's, or of all, as rows of `COLUMNS`."""
    first, *others = _derived(pathways, partnership)
    return first.union(*others, all=True)


def _derived(pathways: QuerySet[Pathway] | None, partnership: Partnership | None, *before: Expression, kind: FactKind | None = None) -> list[QuerySet]:
    """A queryset for each kind, or for one; `before`: what stands before the columns. A pathway has no facts while the use of its data is restricted."""
    opened: QuerySet[Pathway] = Pathway.objects.filter(restricted_at=None)
    stages, handoffs = StagePeriod.objects.filter(pathway__restricted_at=None), _between_organisations()
    if pathways is not None:
        keys = pathways.order_by().values("pk")
        opened, stages, handoffs = pathways.filter(restricted_at=None), stages.filter(pathway__in=keys), handoffs.filter(pathway__in=keys)
    if partnership is not None:
        # Said of the row's own pathway: of a list of keys PostgreSQL looks through those of all partnerships.
        opened, stages, handoffs = opened.filter(partnership=partnership), stages.filter(pathway__partnership=partnership), handoffs.filter(pathway__partnership=partnership)
    closed = opened.filter(closed_at__isnull=False)
    arms = [
        (FactKind.OPENED, opened, _of_opening()),
        (FactKind.STAGE, stages, _of_stage()),
        (FactKind.CLOSED, closed, _of_end()),
        (FactKind.HANDOFF, handoffs, _of_handoff()),
    ]
    return [rows.order_by().values_list(*before, *columns) for made, rows, columns in arms if kind in (None, made)]


def _of_opening() -> list:
    return _columns("", FactKind.OPENED, "opened_at")


def _of_end() -> list:
    return _columns("", FactKind.CLOSED, "opened_at", days=_days("opened_at", "closed_at"), state=F("outcome"), end_reason=F("end_reason"))


def _of_stage() -> list:
    def following(name: str) -> Window:
        return Window(Lead(name), partition_by="pathway_id", order_by=("started_at", "pk"))

    at_the_end = Case(When(pathway__closed_at__isnull=False, then=Value("closed")), default=EMPTY)
    days = _days("started_at", Coalesce(following("started_at"), "pathway__closed_at"))
    return _columns("pathway__", FactKind.STAGE, "started_at", stage=F("stage"), days=days, state=Coalesce(following("stage"), at_the_end))


def _between_organisations() -> QuerySet[Handoff]:
    """What stays inside one organisation is no transition."""
    return Handoff.objects.filter(Q(pathway__restricted_at=None), Q(to_organisation=None) | ~Q(to_organisation=F("from_organisation")))


def _of_handoff() -> list:
    asks = Q(kind=HandoffKind.REQUEST_TO_TAKE)
    gives = {
        "from_organisation_id": Case(When(asks, then=F("to_organisation_id")), default=F("from_organisation_id")),
        "to_organisation_id": Case(When(asks, then=F("from_organisation_id")), default=F("to_organisation_id")),
    }
    judged = DaysLater(_day("sent_at"), F("pathway__partnership__lead_after"))
    return _columns("pathway__", FactKind.HANDOFF, "sent_at", days=_days("sent_at", "met_at"), state=F("state"), judged_on=judged, **gives)


def _columns(way: str, kind: FactKind, begun: str, **own: Expression | F) -> list:
    """`way` leads from the row to its pathway, `begun` names the time that the month is of."""
    month = _month(begun)
    said = {
        "pathway_id": F(f"{way}id"), "source": F("id"), "kind": Value(kind.value, CharField()), "month": month, "judged_on": month,
        "partnership_id": F(f"{way}partnership_id"), "owner_id": F(f"{way}process_owner_id"),
        "stage": EMPTY, "days": NOTHING, "state": EMPTY, "end_reason": EMPTY, "from_organisation_id": NOTHING, "to_organisation_id": NOTHING,
        "age_group": _age_group(way), "municipality_code": F(f"{way}client__municipality_code"),
        "education_background": F(f"{way}education_background"), "target_group": F(f"{way}target_group"), "measure_id": _measure(f"{way}id"),
    } | own  # fmt: skip
    return [said[name] for name in COLUMNS]


def _month(time: str) -> Cast:
    """PostgreSQL cuts a time and leaves it one."""
    return Cast(TruncMonth(time, tzinfo=timezone.get_default_timezone()), DateField())


def _day(time: str | Expression) -> TruncDate:
    return TruncDate(time, tzinfo=timezone.get_default_timezone())


def _days(begun: str, ended: str | Expression) -> Case:
    """None while it has not ended; none at all when a meeting was written down with the day before the sending."""
    before, after = _day(begun), _day(ended)
    return Case(When(LessThan(after, before), then=Value(0)), default=DaysBetween(after, before))


def _age_group(way: str) -> Case:
    years = FullYears(_day(f"{way}opened_at"), F(f"{way}client__birth_date"))
    return Case(*(When(LessThan(years, limit), then=Value(group.value)) for group, limit in YOUNGER_THAN.items()), default=Value(AgeGroup.FROM_60.value), output_field=CharField())


def _measure(pathway: str) -> Coalesce:
    """The one that was given last: on the timeline, or when none is there, to take an item of the assessment in hand."""
    given = Event.objects.counted().filter(pathway=OuterRef(pathway), programme__isnull=False).order_by("-at", "-pk").values("programme")
    in_hand = AssessmentItem.objects.filter(pathway=OuterRef(pathway), programme__isnull=False).order_by("-noted_at", "-pk").values("programme")
    return Coalesce(Subquery(given[:1]), Subquery(in_hand[:1]))


class _Rows(BaseTable):
    """Stands in a query for the table of facts, and is a query itself."""

    def __init__(self, rows: QuerySet, alias: str) -> None:
        super().__init__(PathwayFact._meta.db_table, alias)
        self.rows = rows

    def as_sql(self, compiler, connection):
        quote = connection.ops.quote_name
        rows, params = self.rows.query.get_compiler(connection=connection).as_sql()
        # An arm without rows is left out of the SQL, and the names that it gave the columns with it: they are said here.
        return f"(WITH facts ({', '.join(map(quote, ['id', *COLUMNS]))}) AS ({rows}) SELECT * FROM facts) {compiler.quote_name_unless_alias(self.table_alias)}", params  # noqa: S608

    def relabeled_clone(self, change_map):
        return type(self)(self.rows, change_map.get(self.table_alias, self.table_alias))

    @property
    def identity(self):
        return *super().identity, id(self.rows)


def facts_of(pathways: QuerySet[Pathway]) -> QuerySet[PathwayFact]:
    """The facts of these pathways, right to the second: to be filtered, grouped, looked for and paged, never changed.

    What is derived has no key of its own (0): page by `kind` and `source`.
    """
    stored = PathwayFact.objects.filter(~is_stale("pathway_id"), pathway__in=pathways.order_by().values("pk"))
    changed = _derived(pathways.filter(is_stale("pk")), None, Value(0, IntegerField()))
    return _as_facts(stored.order_by().values_list("id", *COLUMNS).union(*changed, all=True))


def derived_facts(pathways: QuerySet[Pathway] | None = None, kind: FactKind | None = None) -> QuerySet[PathwayFact]:
    """The same, all of them derived. Of one kind, `kind` asks for no more: a filter would not spare the database the stages, which are a window."""
    first, *others = _derived(pathways, None, Value(0, IntegerField()), kind=kind)
    return _as_facts(first.union(*others, all=True))


def _as_facts(rows: QuerySet) -> QuerySet[PathwayFact]:
    facts = PathwayFact.objects.all()
    alias = facts.query.get_initial_alias()
    facts.query.alias_map[alias] = _Rows(rows, alias)
    return facts


def is_stale(pathway: str) -> Exists:
    return Exists(StaleFact.objects.filter(pathway=OuterRef(pathway)))
