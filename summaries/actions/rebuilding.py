"""Facts of a whole partnership made anew, as if nothing had been there; and the nightly look whether they are right."""
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from guidance.models import Partnership
from summaries.actions.folding import hold, insert
from summaries.models import PathwayFact, StaleFact
from summaries.queries.pathway_drift import drift_of
from summaries.queries.pathway_facts import COLUMNS, derive

LIMIT = "30min"


def rebuild_summaries() -> Iterator[tuple[Partnership, int]]:
    """Each partnership in a transaction of its own, then its number of facts. Killed and run again it begins again: what is done is right."""
    with transaction.atomic():
        hold()
        PathwayFact.objects.exclude(partnership__in=Partnership.objects.values("pk")).delete()
    for partnership in Partnership.objects.order_by("pk"):
        yield partnership, rebuild_partnership(partnership)


@transaction.atomic
def rebuild_partnership(partnership: Partnership) -> int:
    _take_time()
    hold()
    marks = list(StaleFact.objects.filter(pathway__partnership=partnership).values_list("pk", flat=True))
    PathwayFact.objects.filter(partnership=partnership).delete()
    made = insert(PathwayFact, COLUMNS, derive(partnership=partnership))
    for some in _in_chunks(marks):
        StaleFact.objects.filter(pk__in=some).delete()
    return made


def check_summaries(now: datetime) -> list[tuple[str, dict[int, int]]]:
    """What differs, by partnership, as guidance keeps it beside the nightly check of the invariants."""
    with transaction.atomic():
        _take_time()
        hold()
        found = {partnership.pk: drift for partnership in Partnership.objects.order_by("pk") if (drift := drift_of(partnership))}
    return [("figures_differ", found)] if found else []


@transaction.atomic
def check_partnership(partnership: Partnership) -> int:
    """How many facts are not as they should be."""
    _take_time()
    hold()
    return drift_of(partnership)


def _take_time() -> None:
    """A page's limit is not for it, and is back after the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{LIMIT}'")


def _in_chunks(keys: list[int], size: int = 1000) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
