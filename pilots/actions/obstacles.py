"""Obstacles: reported and edited by an area's coordinator, given weight by others, moved on, answered and merged by Kuntaliitto's staff.

All of them lock the obstacle first. Each raises PermissionDenied for anyone else, and ValidationError with the fields'
names for what cannot be saved. Every one writes a line of history in the same transaction.
"""
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.actions.editing import ChangedMeanwhile
from pilots.choices import OBSTACLE_MOVES, ObstacleAct, ObstacleStatus, Permission
from pilots.models import Membership, Obstacle, ObstacleEvent, ObstacleSupport, PilotArea, Proposal
from pilots.permissions import may, may_edit_obstacle, may_support
from pilots.queries.obstacles import OBSTACLE_FIELDS, SETS, values_of


@transaction.atomic
def write_obstacle(*, by: Membership, values: dict[str, Any], publish: bool) -> Obstacle:
    """A new obstacle of the coordinator's area: a draft, or public at once. The same form sent twice makes one."""
    if not may(by, Permission.EDIT_OWN_AREA) or by.area_id is None:
        raise PermissionDenied
    # Two of the same form follow one another.
    PilotArea.objects.select_for_update().get(pk=by.area_id)
    plain = {name: value for name, value in values.items() if name not in (*SETS, "removers")}
    if twin := Obstacle.objects.filter(reported_by=by.area_id, merged_into=None, published_at__isnull=not publish, **plain).first():
        return twin
    obstacle = Obstacle(reported_by_id=by.area_id, created_by=by.user, **plain)
    obstacle.removers = values["removers"]
    if publish:
        obstacle.published_at = timezone.now()
    check_obstacle(obstacle)
    obstacle.save()
    for name in SETS:
        getattr(obstacle, name).set(values[name])
    note(obstacle, by, ObstacleAct.REPORTED if publish else ObstacleAct.WRITTEN, to_status=obstacle.status)
    return obstacle


@transaction.atomic
def edit_obstacle(*, by: Membership, obstacle_id: int, version: int, values: dict[str, Any]) -> bool:
    """Whether anything changed. Raises ChangedMeanwhile when `version` is no longer the obstacle's."""
    obstacle = locked(obstacle_id)
    if not may_edit_obstacle(by, obstacle):
        raise PermissionDenied
    now = values_of(obstacle)
    changes = [{"field": name, "before": _plain(now[name]), "after": _plain(values[name])} for name in OBSTACLE_FIELDS if now[name] != values[name]]
    if not changes:
        return False
    if version != obstacle.version:
        raise ChangedMeanwhile(obstacle)
    for change in changes:
        if change["field"] not in SETS:
            setattr(obstacle, change["field"], values[change["field"]])
    check_obstacle(obstacle)
    obstacle.version += 1
    obstacle.save()
    for change in changes:
        if change["field"] in SETS:
            getattr(obstacle, change["field"]).set(values[change["field"]])
    note(obstacle, by, ObstacleAct.EDITED, changes=changes)
    return True


@transaction.atomic
def publish_obstacle(*, by: Membership, obstacle_id: int) -> Obstacle:
    """A draft becomes public; one that is public already stays so."""
    obstacle = locked(obstacle_id)
    if not may_edit_obstacle(by, obstacle):
        raise PermissionDenied
    if obstacle.is_draft:
        obstacle.published_at = timezone.now()
        obstacle.save(update_fields=["published_at"])
        note(obstacle, by, ObstacleAct.REPORTED, to_status=obstacle.status)
    return obstacle


@transaction.atomic
def add_weight(*, by: Membership, obstacle_id: int, reason_fi: str, reason_sv: str) -> ObstacleSupport:
    """The area's weight, or another sentence for the one that it has given; the same again changes nothing."""
    obstacle = locked(obstacle_id)
    if not may_support(by, obstacle) or by.area_id is None:
        raise PermissionDenied
    if not (reason_fi or reason_sv):
        raise ValidationError({"reason_fi": _("Say in a sentence why, in Finnish or in Swedish.")})
    support = ObstacleSupport.objects.filter(obstacle=obstacle, area_id=by.area_id).first() or ObstacleSupport(obstacle=obstacle, area_id=by.area_id)
    if support.pk and (support.reason_fi, support.reason_sv) == (reason_fi, reason_sv):
        return support
    support.reason_fi, support.reason_sv, support.given_at, support.given_by = reason_fi, reason_sv, timezone.now(), by.user
    support.clean_fields(exclude=["obstacle", "area", "given_by"])
    support.save()
    note(obstacle, by, ObstacleAct.WEIGHT_ADDED, text_fi=reason_fi, text_sv=reason_sv)
    return support


@transaction.atomic
def take_weight_back(*, by: Membership, obstacle_id: int) -> bool:
    """Whether there was a weight of the area to take back; the history keeps that it was given and why."""
    obstacle = locked(obstacle_id)
    if not may_support(by, obstacle):
        raise PermissionDenied
    support = ObstacleSupport.objects.filter(obstacle=obstacle, area_id=by.area_id).first()
    if support is None:
        return False
    support.delete()
    note(obstacle, by, ObstacleAct.WEIGHT_TAKEN_BACK, text_fi=support.reason_fi, text_sv=support.reason_sv)
    return True


@transaction.atomic
def move_obstacle(*, by: Membership, obstacle_id: int, version: int, status: str, answer_fi: str, answer_sv: str) -> bool:
    """The status, the answer or both; whether anything changed. Raises ChangedMeanwhile as `edit_obstacle` does."""
    obstacle = locked(obstacle_id)
    if not may(by, Permission.MODERATE) or obstacle.is_draft:
        raise PermissionDenied
    answered = (answer_fi, answer_sv) != (obstacle.answer_fi, obstacle.answer_sv)
    before = obstacle.status
    if status == before and not answered:
        return False
    if version != obstacle.version:
        raise ChangedMeanwhile(obstacle)
    if status != before and status not in OBSTACLE_MOVES[before]:
        raise ValidationError({"status": _("An obstacle cannot be moved from “%(before)s” to that status.") % {"before": ObstacleStatus(before).label}})
    if status in (ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED) and not (answer_fi or answer_sv):
        raise ValidationError({"answer_fi": _("Say in the answer why: the areas behind it read it.")})
    if answered and not (answer_fi or answer_sv):
        raise ValidationError({"answer_fi": _("An answer can be changed but not taken away.")})
    obstacle.status, obstacle.version = status, obstacle.version + 1
    if answered:
        obstacle.answer_fi, obstacle.answer_sv, obstacle.answered_at, obstacle.answered_by = answer_fi, answer_sv, timezone.now(), by.user
    obstacle.save()
    text_fi, text_sv = (answer_fi, answer_sv) if answered else ("", "")
    if status != before:
        note(obstacle, by, ObstacleAct.MOVED, from_status=before, to_status=status, text_fi=text_fi, text_sv=text_sv)
    else:
        note(obstacle, by, ObstacleAct.ANSWERED, text_fi=text_fi, text_sv=text_sv)
    return True


@transaction.atomic
def merge_obstacles(*, by: Membership, obstacle_id: int, into_id: int) -> Obstacle:
    """A duplicate into another: weights without doubles, proposals, comments, reports of faults, places and goals; its address leads on. It cannot be undone.

    The area that reported the duplicate stands behind the other from then on. Two merges at once follow one another;
    the second finds what the first has left.
    """
    if not may(by, Permission.MODERATE):
        raise PermissionDenied
    if obstacle_id == into_id:
        raise ValidationError(_("An obstacle cannot be merged into itself."))
    duplicate, target = _locked_to_merge(obstacle_id, into_id)
    for row in (duplicate, target):
        if row.is_draft:
            raise ValidationError(_("A draft is not merged: its area decides when it is shown."))
        if row.merged_into_id:
            raise ValidationError(_("“%(name)s” has been merged into another obstacle in the meantime.") % {"name": row.name})
    found = values_of(target)
    behind = {target.reported_by_id, *target.supports.values_list("area_id", flat=True)}
    for support in duplicate.supports.all():
        if support.area_id in behind:
            support.delete()
        else:
            ObstacleSupport.objects.filter(pk=support.pk).update(obstacle=target)
            behind.add(support.area_id)
    if duplicate.reported_by_id not in behind:
        ObstacleSupport.objects.create(
            obstacle=target, area_id=duplicate.reported_by_id, reason_fi=duplicate.name_fi, reason_sv=duplicate.name_sv, given_at=duplicate.published_at or timezone.now(), given_by=duplicate.created_by,
            is_demo=duplicate.is_demo,
        )  # fmt: skip
    Proposal.objects.filter(obstacle=duplicate).update(obstacle=target)
    duplicate.comments.update(target_id=target.pk)
    duplicate.faults.update(target_id=target.pk, area=target.reported_by_id)
    for name in SETS:
        getattr(target, name).add(*getattr(duplicate, name).all())
    target.removers = [*target.removers, *duplicate.removers]
    target.version += 1
    target.save()
    # What had been merged into the duplicate leads straight on.
    Obstacle.objects.filter(merged_into=duplicate).update(merged_into=target)
    duplicate.merged_into, duplicate.version = target, duplicate.version + 1
    duplicate.save()
    left = values_of(target)
    changes = [{"field": name, "before": _plain(found[name]), "after": _plain(left[name])} for name in OBSTACLE_FIELDS if found[name] != left[name]]
    note(target, by, ObstacleAct.MERGED, changes=changes, text_fi=duplicate.name_fi, text_sv=duplicate.name_sv, detail={"from": duplicate.pk})
    return target


def locked(obstacle_id: int) -> Obstacle:
    """Raises ValidationError for one that has been merged: whoever opened it before is told, not led astray."""
    obstacle = Obstacle.objects.select_for_update().get(pk=obstacle_id)
    if obstacle.merged_into_id:
        raise ValidationError(_("This obstacle has been merged into another one in the meantime."), code="merged")
    return obstacle


def _locked_to_merge(obstacle_id: int, into_id: int) -> tuple[Obstacle, Obstacle]:
    """The two, and with them what was merged into the first, for it leads on as well: all in the order of their keys.

    What another merge puts into the first while this waits is seen afterwards; then all are let go of and locked anew, so
    that two who merge in a ring cannot wait for each other.
    """
    while True:
        led = set(Obstacle.objects.filter(merged_into=obstacle_id).values_list("pk", flat=True))
        before = transaction.savepoint()
        rows = {row.pk: row for row in Obstacle.objects.select_for_update().filter(pk__in={obstacle_id, into_id, *led}).order_by("pk")}
        if led >= set(Obstacle.objects.filter(merged_into=obstacle_id).values_list("pk", flat=True)):
            transaction.savepoint_commit(before)
            return rows[obstacle_id], rows[into_id]
        transaction.savepoint_rollback(before)


def note(obstacle: Obstacle, by: Membership, act: str, *, proposal: Proposal | None = None, detail: dict | None = None, **fields: Any) -> None:
    """A line of the obstacle's history and the audit event together."""
    thing = proposal or obstacle
    ObstacleEvent.objects.create(
        obstacle=obstacle, proposal=proposal, act=act, by=by.user, organisation_id=by.organisation_id, area_id=by.area_id, version=thing.version, is_demo=obstacle.is_demo, **fields
    )
    record_event(by=by.user, verb=f"obstacle_{act}", target=thing, organisation_id=by.organisation_id, detail={"version": thing.version} | (detail or {}))


def check_obstacle(obstacle: Obstacle) -> None:
    """The database's own rules, told at the fields that they are about."""
    errors = {}
    if not (obstacle.name_fi or obstacle.name_sv):
        errors["name_fi"] = _("Write the title in Finnish or in Swedish.")
    if not obstacle.removers:
        errors["removers"] = _("Choose at least one who can remove it.")
    if errors:
        raise ValidationError(errors)
    obstacle.clean_fields(exclude=["reported_by", "created_by", "answered_by", "merged_into", "sort_key_fi", "sort_key_sv"])


def _plain(value: Any) -> Any:
    """As the history stores it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
