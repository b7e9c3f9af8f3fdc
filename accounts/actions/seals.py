"""The one sealer, and the check of the whole chain."""
import heapq
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import islice

from django.db.models import Q
from django.utils import timezone

from accounts.actions.leases import lease
from accounts.models import Seal, SealCheck
from accounts.registries import SealedLog, sealed_logs
from accounts.seals import LATE, Chain, Row, mac_of, seal_keys, with_parts

BATCH = 1_000
SEALING_LASTS = timedelta(minutes=10)
NIGHT = time(2)
CHECK_LASTS = timedelta(hours=6)
MOST_KEPT = 100
logger = logging.getLogger(__name__)


def seal_new_rows(now: datetime) -> int:
    """Seal what has been committed since; a due job. By the clock, not by `now`: a seal tells when it was made."""
    return _seal(everything=False)


def _seal(*, everything: bool) -> int:
    """Seal all committed unsealed rows in the order of their times, and say how many.

    Nobody waits for it: rows are read outside a transaction and the seals added in short ones. A row that commits late
    comes next time; only with `everything` are rows found that are older than `LATE` (a check will tell of them).
    """
    with lease("seal_logs", now=timezone.now(), lasts=SEALING_LASTS) as mine:
        if not mine:
            return 0
        head = Seal.objects.order_by("-pk").first()
        since = head.newest_at - LATE if head else None
        count, head = _add(heapq.merge(*(_unsealed(log, since) for log in sealed_logs), key=lambda row: row.order), head)
        if everything:
            for log in sealed_logs:
                more, head = _add(_left_over(log), head)
                count += more
        return count


def _add(rows: Iterator[Row], head: Seal | None) -> tuple[int, Seal | None]:
    count, at, key = 0, timezone.now(), seal_keys()[0]
    while batch := list(islice(rows, BATCH)):
        seals = []
        for row in batch:
            newest_at = min(row.values["at"], at)
            seal = Seal(pk=head.pk + 1 if head else 1, at=at, kind=row.log.kind, row_id=row.values["id"], newest_at=max(newest_at, head.newest_at) if head else newest_at)
            seal.mac = mac_of(key, seal, head.mac if head else "", row.content)
            seals.append(seal)
            head = seal
        # Two sealers at once cannot both have a position: the database refuses the second one's batch.
        Seal.objects.bulk_create(seals)
        count += len(seals)
    return count, head


def _unsealed(log: SealedLog, since: datetime | None) -> Iterator[Row]:
    """Batch by batch by their keys, so that it costs the same whatever the database believes of tables that have just grown."""
    rows = log.model.objects.order_by("at", "pk")
    if since:
        rows = rows.filter(at__gte=since)
    while found := list(rows.values()[:BATCH]):
        sealed = set(Seal.objects.filter(kind=log.kind, row_id__in=[row["id"] for row in found]).values_list("row_id", flat=True))
        if unsealed := [row for row in found if row["id"] not in sealed]:
            yield from with_parts(log, unsealed)
        at, pk = found[-1]["at"], found[-1]["id"]
        rows = rows.filter(Q(at__gt=at) | Q(pk__gt=pk), at__gte=at)


def _left_over(log: SealedLog) -> Iterator[Row]:
    """Unsealed rows of any age, found by reading every id."""
    rows = log.model.objects.order_by("pk")
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        sealed = set(Seal.objects.filter(kind=log.kind, row_id__in=ids).values_list("row_id", flat=True))
        if unsealed := [pk for pk in ids if pk not in sealed]:
            yield from with_parts(log, list(log.model.objects.filter(pk__in=unsealed).order_by("pk").values()))
        rows = log.model.objects.filter(pk__gt=ids[-1]).order_by("pk")


def check_seals(*, now: datetime, heads: Iterable[str] = ()) -> SealCheck:
    """Seal what is not sealed yet, walk the whole chain, and keep what was found. `heads`: hashes kept elsewhere."""
    _seal(everything=True)
    chain = Chain(heads)
    count = 0
    kept: list[str] = []
    for fault in chain.faults():
        count += 1
        if len(kept) < MOST_KEPT:
            kept.append(str(fault))
    return SealCheck.objects.create(at=now, position=chain.position, head=chain.head, fault_count=count, faults=kept)


def check_seals_each_night(now: datetime) -> int:
    """The first run after two o'clock each night; 0 when this night's has been made. A due job.

    The head goes to the process's log, which is outside the database: who cuts the end of the chain off cannot change it there.
    """
    if timezone.localtime(now).time() < NIGHT or any(timezone.localdate(check.at) == timezone.localdate(now) for check in SealCheck.objects.filter(at__gt=now - timedelta(days=1))):
        return 0
    with lease("check_seals", now=timezone.now(), lasts=CHECK_LASTS) as mine:
        if not mine:
            return 0
        check = check_seals(now=now)
    if check.fault_count:
        logger.error("The logs are not as they were sealed, %d found: run manage.py verify_access_log.", check.fault_count)
    else:
        logger.info("The logs are as they were sealed. Head at position %d: %s", check.position, check.head)
    return 1
