"""Who may do what. Code asks for a permission of the membership acted for, never for a role.

The same predicate guards the view and the button that leads to it.
"""
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeGuard

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

from pilots.choices import PROPOSAL_MOVES, Permission, ProposalStatus
from pilots.models import Membership, Obstacle, Organisation, PilotArea, Proposal

Acting = Membership | None


def may(acting: Acting, permission: Permission) -> TypeGuard[Membership]:
    return acting is not None and acting.may(permission)


def may_edit_area(acting: Acting, area: PilotArea) -> bool:
    """A coordinator edits the one area that the membership names."""
    return may(acting, Permission.EDIT_OWN_AREA) and acting.area_id == area.pk


def may_manage_people(acting: Acting, organisation: Organisation) -> bool:
    """An administrator manages the people of the own organisation; the portal's administrator those of all."""
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        return True
    return may(acting, Permission.MANAGE_PEOPLE) and acting.organisation_id == organisation.pk


def may_end(acting: Acting, membership: Membership) -> bool:
    """Whether `acting` may end it; rights over every organisation are ended only by one who has them."""
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        return True
    return may_manage_people(acting, membership.organisation) and not membership.may(Permission.MANAGE_ALL_PEOPLE)


def permission_required(permission: Permission) -> Callable:
    """View decorator: sign-in first, then 403 for a person whose membership lacks the permission."""

    def decorate(view):
        @wraps(view)
        @login_required
        def guarded(request, *args, **kwargs):
            if not may(request.acting, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def may_edit_obstacle(acting: Acting, obstacle: Obstacle) -> bool:
    """A coordinator edits what the own area has reported."""
    return may(acting, Permission.EDIT_OWN_AREA) and acting.area_id == obstacle.reported_by_id


def may_support(acting: Acting, obstacle: Obstacle) -> bool:
    """A coordinator gives the weight of the own area to what another one has reported."""
    return may(acting, Permission.EDIT_OWN_AREA) and not obstacle.is_draft and acting.area_id != obstacle.reported_by_id


def may_propose(acting: Acting) -> bool:
    return may(acting, Permission.EDIT_OWN_AREA) or may(acting, Permission.MODERATE)


def may_edit_proposal(acting: Acting, proposal: Proposal) -> bool:
    """The area that wrote it until it is handed over; Kuntaliitto's staff their own, and the others' that have been made."""
    if proposal.status not in (ProposalStatus.DRAFT, ProposalStatus.MADE):
        return False
    if may(acting, Permission.MODERATE):
        return proposal.area_id is None or proposal.status == ProposalStatus.MADE
    return may(acting, Permission.EDIT_OWN_AREA) and proposal.area_id is not None and acting.area_id == proposal.area_id


def may_move_proposal(acting: Acting, proposal: Proposal) -> bool:
    """A draft by who wrote it; everything after that by Kuntaliitto's staff."""
    if proposal.status == ProposalStatus.DRAFT:
        return may_edit_proposal(acting, proposal)
    return may(acting, Permission.MODERATE) and bool(PROPOSAL_MOVES[proposal.status])


def owner_of(thing: Any) -> tuple[int | None, int | None]:
    """The area or the organisation (their keys) that keeps a thing: a cooperation model, an obstacle, a proposal, a report on one of them."""
    if hasattr(thing, "area_id"):
        return thing.area_id, getattr(thing, "organisation_id", None)
    return thing.reported_by_id, None


def may_keep(acting: Acting, thing: Any) -> bool:
    """Who keeps it: the area's coordinators; what belongs to no area is kept by the coordinators who work for its organisation, and by
    Kuntaliitto's moderators."""
    area_id, organisation_id = owner_of(thing)
    if area_id is not None:
        return may(acting, Permission.EDIT_OWN_AREA) and acting.area_id == area_id
    of_own_organisation = may(acting, Permission.EDIT_OWN_AREA) and acting.organisation_id == organisation_id
    return of_own_organisation or may(acting, Permission.MODERATE)


def may_moderate(acting: Acting, thing: Any) -> bool:
    """Who hides a comment on it and answers for what readers report: its keepers and Kuntaliitto's moderators."""
    return may_keep(acting, thing) or may(acting, Permission.MODERATE)


def may_comment(acting: Acting) -> bool:
    """People who act for an organisation; anybody can sign up."""
    return acting is not None
