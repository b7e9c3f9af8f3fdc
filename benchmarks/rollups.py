"""What the counts of pathways cost: an event with its mark beside a plain insert, and the rebuild beside the GROUP BY alone.

    DATABASE_URL=postgres://… python -m benchmarks.rollups

On a PostgreSQL that `python -m benchmarks.national` has filled. `event_write` leaves nothing behind; `rebuild` leaves facts.
"""
import argparse
import os
import statistics
import time
from collections.abc import Callable
from unittest.mock import patch

EVENT_BAR, REBUILD_BAR = 1.6, 2.0
ROUNDS, WARM_UP = 400, 20
# What every figure of pathways is counted by, and by what else figures stand side by side, one at a time (`summaries.choices.GroupBy`).
COUNTED_BY = ("partnership_id", "kind", "month", "stage", "state", "end_reason", "from_organisation_id", "to_organisation_id")
SIDE_BY_SIDE = ("days", "owner_id", "age_group", "municipality_code", "education_background", "target_group", "measure_id")


def event_write(connection, rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Seconds of a transaction that inserts an event, of one that writes it through the action, with its mark, and of the action without; medians, in turn."""
    from django.db import transaction

    from guidance.actions import timeline
    from guidance.actions.timeline import write_event
    from guidance.choices import EventKind
    from guidance.models import Event, Pathway
    from summaries.models import StaleFact

    pathways = list(Pathway.objects.open().select_related("process_person").order_by("pk")[:rounds])
    last_event = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    last_mark = StaleFact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def plain(pathway) -> None:
        person = pathway.process_person
        Event.objects.create(pathway=pathway, kind=EventKind.NOTE, at=pathway.opened_at, by=person, organisation_id=person.organisation_id, text="")

    def marked(pathway) -> None:
        write_event(pathway=pathway, kind=EventKind.NOTE, by=pathway.process_person, at=pathway.opened_at)

    def unmarked(pathway) -> None:
        with patch.object(timeline, "pathways_changed"):
            marked(pathway)

    times: dict[Callable, list[float]] = {plain: [], marked: [], unmarked: []}
    for turn in range(WARM_UP):
        for write in times:
            with transaction.atomic():
                write(pathways[turn % len(pathways)])
    for turn in range(rounds):
        for write in (plain, marked, unmarked) if turn % 2 else (unmarked, marked, plain):
            started = time.perf_counter()
            with transaction.atomic():
                write(pathways[turn % len(pathways)])
            times[write].append(time.perf_counter() - started)
    Event.objects.filter(pk__gt=last_event).delete()
    StaleFact.objects.filter(pk__gt=last_mark).delete()
    return tuple(statistics.median(times[write]) for write in (plain, marked, unmarked))


def group_by(connection) -> float:
    """Seconds of the live query alone, as psql runs it: the facts derived and grouped for every way that figures stand side by side, nothing written."""
    from summaries.queries.pathway_facts import COLUMNS, derive

    derived, params = derive().query.sql_with_params()
    quote = connection.ops.quote_name
    grouped = " UNION ALL ".join(f"SELECT count(*) FROM facts GROUP BY {', '.join(map(quote, (*COUNTED_BY, *more)))}" for more in ((), *((name,) for name in SIDE_BY_SIDE)))
    statement = f"WITH facts ({', '.join(map(quote, COLUMNS))}) AS MATERIALIZED ({derived}) SELECT count(*) FROM ({grouped}) AS found"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        started = time.perf_counter()
        cursor.execute(statement, params)
        seconds = time.perf_counter() - started
        cursor.execute("RESET statement_timeout")
    return seconds


def rebuild(connection) -> tuple[float, float, float]:
    """Seconds of the GROUP BY alone (the middle of three), of `rebuild_summaries` into empty tables, and where all is there and right.

    After the first every row is as the live query tells."""
    from guidance.models import Partnership
    from summaries.actions.rebuilding import check_partnership, rebuild_summaries
    from summaries.models import PathwayFact

    alone = statistics.median(group_by(connection) for _turn in range(3))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {PathwayFact._meta.db_table}")
    took = []
    for is_first in (True, False):
        started = time.perf_counter()
        for _partnership, _facts in rebuild_summaries():
            pass
        took.append(time.perf_counter() - started)
        if is_first and (drift := sum(check_partnership(one) for one in Partnership.objects.all())):
            raise SystemExit(f"{drift} rows differ after the rebuild")
    return alone, *took


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
    os.environ.setdefault("PUBLIC_ORIGIN", "https://kopa.example.org")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from django.db import connection

    for name, bar, (base, measured, *_more) in (("event with its mark", EVENT_BAR, event_write(connection)), ("rebuild", REBUILD_BAR, rebuild(connection))):
        print(f"{name}: {base * 1000:.2f} ms alone, {measured * 1000:.2f} ms, {measured / base:.2f} x, bar {bar}", flush=True)


if __name__ == "__main__":
    main()
