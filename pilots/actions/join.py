"""Requests to join an organisation: asked, withdrawn, accepted, declined."""
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.models import User
from pilots.actions.people import forbid_giving_to_oneself, role_problem, start_membership
from pilots.choices import CLIENT_ROLES, JoinDecision
from pilots.models import JoinRequest, Membership, Organisation, PilotArea
from pilots.queries.people import deciders_for, has_asked_today
from pilots.queries.roles import areas_of, assignable_areas, assignable_roles, roles_at


@transaction.atomic
def ask_to_join(*, by: User, organisation: Organisation, role: str, area: PilotArea | None, message: str) -> JoinRequest:
    """Ask for a role; the organisation's administrators get a mail, the portal's where it has none.

    One mail a day for each person and organisation: whoever asks, withdraws and asks again writes to nobody a second time.
    The request waits for them in the portal all the same.

    Raises ValidationError for a role that cannot be had there, for one that the person has already, and
    for a second open request.
    """
    role_problem(role, area, roles=roles_at(organisation), areas=areas_of(organisation))
    if Membership.objects.active().filter(user=by, organisation=organisation, role=role, area=area).exists():
        raise ValidationError({"role": _("You already have this role in this organisation.")})
    has_asked = has_asked_today(by, organisation)
    request = JoinRequest(user=by, organisation=organisation, role=role, area=area, message=message.strip(), created_at=timezone.now())
    request.full_clean()
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        raise ValidationError(_("You have already asked to join this organisation. Its administrator will answer.")) from error
    for decider in [] if has_asked else deciders_for(organisation.pk):
        notify(user_id=decider.pk, kind="join_asked", page="pilots:join_decide", arguments=[request.pk], context={"request": request})
    _record(by, "join.asked", request)
    return request


@transaction.atomic
def withdraw_request(*, by: User, request: JoinRequest) -> JoinRequest:
    """Take back one's own request. Raises ValidationError for another's and for one that has been decided."""
    request = _locked_open(request)
    if request.user_id != by.pk:
        raise ValidationError(_("This request is not yours."))
    return _decide(request, by, JoinDecision.WITHDRAWN, "join.withdrawn")


@transaction.atomic
def accept_request(*, by: User, acting: Membership, request: JoinRequest) -> Membership:
    """The asker gets the role, and a mail. Raises ValidationError when it is decided or `acting` may not give the role."""
    request = _locked_open(request)
    forbid_giving_to_oneself(request.role, is_own=request.user_id == by.pk)
    if request.role in CLIENT_ROLES and acting.organisation_id != request.organisation_id:
        raise ValidationError(_("This role sees the organisation's clients: only its own administrator can give it. Name an administrator there first."))
    role_problem(
        request.role, request.area, roles=assignable_roles(acting, request.organisation), areas=assignable_areas(acting, request.organisation)
    )
    membership = start_membership(user=request.user, organisation=request.organisation, role=request.role, area=request.area)
    _decide(request, by, JoinDecision.ACCEPTED, "join.accepted")
    _answer(request, kind="join_accepted")
    return membership


@transaction.atomic
def decline_request(*, by: User, acting: Membership, request: JoinRequest, reason: str) -> JoinRequest:
    """The asker gets the reason by mail.

    Raises ValidationError without a reason, when it is decided, and when `acting` may not decide for the organisation.
    """
    request = _locked_open(request)
    if not assignable_roles(acting, request.organisation):
        raise ValidationError(_("You cannot decide for this organisation."))
    if not reason.strip():
        raise ValidationError({"reason": _("Write the reason: it is sent to the person who asked.")})
    _decide(request, by, JoinDecision.DECLINED, "join.declined", reason.strip())
    _answer(request, kind="join_declined")
    return request


def _locked_open(request: JoinRequest) -> JoinRequest:
    locked = JoinRequest.objects.select_for_update(of=("self",)).select_related("user", "organisation", "area").get(pk=request.pk)
    if locked.decided_at:
        raise ValidationError(_("This request has already been decided."))
    return locked


def _decide(request: JoinRequest, by: User, decision: JoinDecision, verb: str, reason: str = "") -> JoinRequest:
    request.decided_at, request.decided_by, request.decision, request.reason = timezone.now(), by, decision, reason
    request.full_clean(validate_unique=False, validate_constraints=False)
    request.save(update_fields=["decided_at", "decided_by", "decision", "reason"])
    _record(by, verb, request)
    return request


def _answer(request: JoinRequest, *, kind: str) -> None:
    notify(user_id=request.user_id, kind=kind, page="account", context={"request": request})


def _record(by: User, verb: str, request: JoinRequest) -> None:
    record_event(by=by, verb=verb, target=request, organisation_id=request.organisation_id, detail={"user": request.user_id, "role": request.role})
