"""Proposals on obstacles: written by areas and Kuntaliitto's staff, handed over and answered by the staff.

All of them lock the obstacle first. Each raises PermissionDenied for anyone else, and ValidationError with the fields'
names for what cannot be saved. Every one writes a line of the obstacle's history.
"""
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.obstacles import locked, note
from pilots.choices import PROPOSAL_MOVES, ObstacleAct, ObstacleStatus, Permission, ProposalStatus
from pilots.models import Membership, Obstacle, Proposal
from pilots.permissions import may, may_edit_proposal, may_move_proposal, may_propose
from pilots.queries.obstacles import PROPOSAL_FIELDS

CLOSED = (ProposalStatus.ANSWERED, ProposalStatus.ACCEPTED, ProposalStatus.REJECTED)


@transaction.atomic
def write_proposal(*, by: Membership, obstacle_id: int, values: dict[str, Any], make: bool) -> Proposal:
    """A draft, or made today. The same form sent twice makes one."""
    obstacle = locked(obstacle_id)
    if not may_propose(by) or obstacle.is_draft:
        raise PermissionDenied
    area_id = None if may(by, Permission.MODERATE) else by.area_id
    status = ProposalStatus.MADE if make else ProposalStatus.DRAFT
    if twin := Proposal.objects.filter(obstacle=obstacle, area=area_id, status=status, **values).first():
        return twin
    proposal = Proposal(obstacle=obstacle, area_id=area_id, created_by=by.user, status=status, made_on=timezone.localdate() if make else None, **values)
    _check(proposal)
    proposal.save()
    note(obstacle, by, ObstacleAct.PROPOSAL_MOVED if make else ObstacleAct.PROPOSAL_WRITTEN, proposal=proposal, to_status=status)
    if make:
        _now_proposed(obstacle, by)
    return proposal


@transaction.atomic
def edit_proposal(*, by: Membership, proposal_id: int, version: int, values: dict[str, Any]) -> bool:
    """Whether anything changed. Raises ChangedMeanwhile when `version` is no longer the proposal's."""
    proposal, obstacle = _locked(proposal_id)
    if not may_edit_proposal(by, proposal):
        raise PermissionDenied
    changes = [{"field": name, "before": getattr(proposal, name), "after": values[name]} for name in PROPOSAL_FIELDS if getattr(proposal, name) != values[name]]
    if not changes:
        return False
    if version != proposal.version:
        raise ChangedMeanwhile(proposal)
    for change in changes:
        setattr(proposal, change["field"], change["after"])
    _check(proposal)
    proposal.version += 1
    proposal.save()
    note(obstacle, by, ObstacleAct.PROPOSAL_EDITED, proposal=proposal, changes=changes)
    return True


@transaction.atomic
def move_proposal(*, by: Membership, proposal_id: int, version: int, status: str, day: date, answer_fi: str = "", answer_sv: str = "") -> Proposal:
    """To a status that PROPOSAL_MOVES allows, on a day that is not to come; what closes it may carry the answer. Raises ChangedMeanwhile."""
    proposal, obstacle = _locked(proposal_id)
    if not may_move_proposal(by, proposal):
        raise PermissionDenied
    if version != proposal.version:
        raise ChangedMeanwhile(proposal)
    if status not in PROPOSAL_MOVES[proposal.status]:
        raise ValidationError({"status": _("A proposal cannot be moved from “%(before)s” to that status.") % {"before": proposal.get_status_display()}})
    if day > timezone.localdate():
        raise ValidationError({"day": _("Give today or a day that has been.")})
    before = proposal.status
    proposal.status, proposal.version = status, proposal.version + 1
    if status == ProposalStatus.MADE:
        proposal.made_on = day
    elif status == ProposalStatus.HANDED_OVER:
        proposal.handed_over_on = day
    else:
        proposal.answered_on = day
    earliest = max(known for known in (proposal.made_on, proposal.handed_over_on) if known is not None)
    if day < earliest:
        raise ValidationError({"day": _("A proposal is made first, then handed over, then answered: check the days.")})
    if status in CLOSED:
        if status == ProposalStatus.ANSWERED and not (answer_fi or answer_sv):
            raise ValidationError({"answer_fi": _("Write what was answered.")})
        proposal.answer_fi, proposal.answer_sv = answer_fi or proposal.answer_fi, answer_sv or proposal.answer_sv
    proposal.save()
    note(obstacle, by, ObstacleAct.PROPOSAL_MOVED, proposal=proposal, from_status=before, to_status=status, text_fi=answer_fi, text_sv=answer_sv)
    if status == ProposalStatus.MADE:
        _now_proposed(obstacle, by)
    return proposal


def _locked(proposal_id: int) -> tuple[Proposal, Obstacle]:
    """A merge may move the proposal to another obstacle while this waits for the lock: that one is let go of before the other is locked.

    So only one is ever held here, and whoever merges, locking several, can wait for this but not in a ring with it.
    """
    while True:
        obstacle_id = Proposal.objects.values_list("obstacle_id", flat=True).get(pk=proposal_id)
        before = transaction.savepoint()
        obstacle = Obstacle.objects.select_for_update().get(pk=obstacle_id)
        proposal = Proposal.objects.get(pk=proposal_id)
        if proposal.obstacle_id == obstacle.pk:
            transaction.savepoint_commit(before)
            return proposal, obstacle
        transaction.savepoint_rollback(before)


def _now_proposed(obstacle: Obstacle, by: Membership) -> None:
    """An open obstacle on which a proposal has been made is no longer merely open."""
    if obstacle.status == ObstacleStatus.OPEN:
        obstacle.status, obstacle.version = ObstacleStatus.PROPOSED, obstacle.version + 1
        obstacle.save()
        note(obstacle, by, ObstacleAct.MOVED, from_status=ObstacleStatus.OPEN, to_status=ObstacleStatus.PROPOSED)


def _check(proposal: Proposal) -> None:
    if not (proposal.text_fi or proposal.text_sv):
        raise ValidationError({"text_fi": _("Write the proposal in Finnish or in Swedish.")})
    proposal.clean_fields(exclude=["obstacle", "area", "created_by"])
