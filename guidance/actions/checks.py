"""The nightly proof that nobody is lost, kept so that the partnership leads see it."""
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from guidance.models import CheckRun, Partnership, Pathway
from guidance.queries.invariants import RULES, check_everything
from guidance.registries import nightly_checks

NIGHT = time(2)
KEPT = timedelta(days=90)
MOST_SHOWN = 200


def check_each_night(now: datetime) -> int:
    """The first run after two o'clock each night; 0 when this night's has been made. A due job."""
    if timezone.localtime(now).time() < NIGHT or any(timezone.localdate(run.at) == timezone.localdate(now) for run in CheckRun.objects.filter(at__gt=now - timedelta(days=1))):
        return 0
    run_checks(now)
    return 1


@transaction.atomic
def run_checks(now: datetime) -> CheckRun:
    """Check every rule over everything, and what the apps above check, and keep what is broken; runs older than 90 days go."""
    CheckRun.objects.filter(at__lt=now - KEPT).delete()
    broken = [_told(finding.rule, now) for finding in check_everything(now) if finding.count]
    beside = [{"rule": rule, "counts": {str(pk): number for pk, number in counts.items()}, "shown": []} for check in nightly_checks for rule, counts in check(now)]
    return CheckRun.objects.create(at=now, findings=broken + beside)


def _told(rule: str, now: datetime) -> dict:
    rows = RULES[rule](now)
    if rows.model is Partnership:
        pks = list(rows.values_list("pk", flat=True)[:MOST_SHOWN])
        return {"rule": rule, "counts": {str(pk): 1 for pk in pks}, "shown": []}
    path = "pk" if rows.model is Pathway else "pathway"
    pathways = Pathway.objects.filter(pk__in=rows.order_by().values(path))
    counts: dict[str, int] = {}
    for partnership in pathways.order_by().values_list("partnership_id", flat=True).iterator():
        counts[str(partnership)] = counts.get(str(partnership), 0) + 1
    return {"rule": rule, "counts": counts, "shown": [_row(row, now) for row in _facts(pathways)]}


def _facts(pathways: QuerySet[Pathway]):
    return pathways.order_by("last_event_at", "pk").values_list("pseudonym", "partnership_id", "stage", "process_owner__name_fi", "last_event_at")[:MOST_SHOWN]


def _row(facts: tuple, now: datetime) -> dict:
    pseudonym, partnership, stage, organisation, last = facts
    return {"pseudonym": pseudonym, "partnership": partnership, "stage": stage, "organisation": organisation or "", "days": (now - last).days}
