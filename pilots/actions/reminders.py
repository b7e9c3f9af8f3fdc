"""The people of an area are reminded, once for each day that was promised, of what they have not checked by it. Jobs of `run_due`."""
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from pilots.choices import ObstacleStatus, Role
from pilots.models import Membership, Obstacle, Provision

BATCH = 200
# What has gone or is not pursued needs no look.
SETTLED = (ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED)


def _late(day: date) -> Q:
    return Q(check_by__lt=day) & (Q(reminded_for=None) | ~Q(reminded_for=F("check_by")))


def remind_of_obstacles(now: datetime) -> int:
    """Of each published obstacle that is still in the way, those who keep it: the coordinators of the area that reported it."""
    late = Obstacle.objects.filter(_late(timezone.localtime(now).date()), published_at__isnull=False, merged_into=None).exclude(status__in=SETTLED)
    return sum(_remind_of_obstacle(pk, now) for pk in late.order_by("check_by", "pk").values_list("pk", flat=True)[:BATCH])


def remind_of_provisions(now: datetime) -> int:
    """Of what an area tells of the education in its municipalities, its coordinators."""
    late = Provision.objects.filter(_late(timezone.localtime(now).date()), ended_at=None)
    return sum(_remind_of_provision(pk, now) for pk in late.order_by("check_by", "pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _remind_of_obstacle(pk: int, now: datetime) -> int:
    obstacle = Obstacle.objects.select_for_update(of=("self",)).get(pk=pk)
    if obstacle.check_by is None or obstacle.reminded_for == obstacle.check_by:
        return 0
    Obstacle.objects.filter(pk=pk).update(reminded_for=obstacle.check_by)
    for person in _coordinators(obstacle.reported_by_id):
        notify(user_id=person.user_id, kind="obstacle_stale", page="pilots:obstacle_detail", arguments=[pk], context={"obstacle": obstacle, "day": obstacle.check_by}, now=now)
    record_event(by=None, verb="remind_obstacle", target=obstacle)
    return 1


@transaction.atomic
def _remind_of_provision(pk: int, now: datetime) -> int:
    provision = Provision.objects.select_for_update(of=("self",)).select_related("area", "municipality", "form").get(pk=pk)
    if provision.check_by is None or provision.reminded_for == provision.check_by:
        return 0
    Provision.objects.filter(pk=pk).update(reminded_for=provision.check_by)
    for person in _coordinators(provision.area_id):
        notify(user_id=person.user_id, kind="provision_stale", page="pilots:provision_edit", arguments=[provision.area.slug, pk], context={"provision": provision, "day": provision.check_by}, now=now)
    record_event(by=None, verb="remind_provision", target=provision)
    return 1


def _coordinators(area_id: int) -> Iterable[Membership]:
    """Each human once."""
    rows = Membership.objects.active().filter(user__is_active=True, role=Role.AREA_COORDINATOR, area=area_id).order_by("pk")
    return {row.user_id: row for row in rows}.values()
