"""Facts follow what has happened to the pathways: a mark in each change, and a job that folds what the marks name.

A change only adds its mark, so no writer waits for another one. Whoever writes facts holds `hold` until the end of the
transaction, so they come one after another and each sees all that the one before has written.
"""
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Model, QuerySet
from django.utils import timezone

from accounts.models import Lease
from guidance.models import Pathway
from summaries.models import PathwayFact, StaleFact
from summaries.queries.pathway_facts import COLUMNS, derive

AT_ONCE = 500
HELD = "pathway_facts"
MARK = f"INSERT INTO {StaleFact._meta.db_table} (pathway_id, at) VALUES "  # noqa: S608 - our own names


def mark(keys: list[int]) -> None:
    """In the transaction of a change: these pathways are folded again. As plain SQL, for every write of guidance pays for it."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            cursor.execute(MARK + ", ".join(["(%s, %s)"] * len(some)), [value for key in some for value in (key, now)])


@transaction.atomic
def take_out(keys: list[int]) -> None:
    """Pathways that go take their facts and marks along."""
    hold()
    PathwayFact.objects.filter(pathway__in=keys).delete()
    StaleFact.objects.filter(pathway__in=keys).delete()


def fold_summaries(now: datetime) -> int:
    """How many pathways were folded: those with a mark when it began. A due job; each batch is a transaction of its own."""
    last, folded = StaleFact.objects.aggregate(last=Max("pk"))["last"] or 0, 0
    while number := _fold_some(last):
        folded += number
    return folded


@transaction.atomic
def _fold_some(last: int) -> int:
    hold()
    marks = list(StaleFact.objects.filter(pk__lte=last).order_by("pathway_id", "pk").values_list("pk", "pathway_id")[:AT_ONCE])
    keys = sorted({pathway for _mark, pathway in marks})
    if keys:
        _write_anew(keys)
        # Those that were read and no other: a change that comes meanwhile is in its own mark.
        StaleFact.objects.filter(pk__in=[pk for pk, _pathway in marks]).delete()
    return len(keys)


def _write_anew(keys: list[int]) -> None:
    PathwayFact.objects.filter(pathway__in=keys).delete()
    insert(PathwayFact, COLUMNS, derive(Pathway.objects.filter(pk__in=keys)))


def insert(model: type[Model], columns: list[str], rows: QuerySet) -> int:
    """The rows of a queryset into a table, in the database; how many."""
    sql, params = rows.query.sql_with_params()
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {name(model._meta.db_table)} ({', '.join(map(name, columns))}) {sql}", params)
        return cursor.rowcount


def hold() -> None:
    """Until the end of the transaction nobody else writes facts."""
    Lease.objects.get_or_create(name=HELD)
    Lease.objects.select_for_update().get(name=HELD)
