"""Invitations: sent, sent again, withdrawn, accepted."""
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.outbox import queue_mail
from accounts.actions.users import create_verified_user
from accounts.models import User
from pilots.actions.people import forbid_giving_to_oneself, portal_url, role_problem, start_membership
from pilots.models import Invitation, Membership, Organisation, PilotArea
from pilots.queries.invitations import has_address, invitation_token, inviter_may_give
from pilots.queries.roles import assignable_areas, assignable_roles, manageable_roles


@transaction.atomic
def invite(*, by: User, acting: Membership, organisation: Organisation, email: str, role: str, area: PilotArea | None, language: str) -> Invitation:
    """Invite an address to a role; the link in the mail works for settings.INVITATION_VALID_FOR.

    Raises ValidationError for a role or area that `acting` may not give there, for somebody who has the
    role already, for oneself where the role sees clients, and for an address that has an open invitation to it.
    """
    role_problem(role, area, roles=assignable_roles(acting, organisation), areas=assignable_areas(acting, organisation))
    email = User.objects.normalize_email(email)
    forbid_giving_to_oneself(role, is_own=has_address(by, email))
    if Membership.objects.active().filter(user__email=email, organisation=organisation, role=role, area=area).exists():
        raise ValidationError({"email": _("This person already has this role here.")})
    now = timezone.now()
    invitation = Invitation(organisation=organisation, email=email, role=role, area=area, language=language, created_by=by, created_at=now)
    _set_new_link(invitation, now)
    invitation.full_clean()
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as error:
        raise ValidationError(_("This person has already been invited to this role. Send the invitation again instead.")) from error
    _send(invitation, by)
    _record(by, "invitation.sent", invitation)
    return invitation


@transaction.atomic
def resend_invitation(*, by: User, acting: Membership, invitation: Invitation) -> Invitation:
    """Send the invitation again with a new link and a new time; the old link is dead. `by` stands for it from now on.

    Raises ValidationError when it is no longer open, and when `acting` may not give the role.
    """
    invitation = _locked_open(invitation)
    if invitation.role not in assignable_roles(acting, invitation.organisation):
        raise ValidationError(_("You cannot give this role. Ask the portal's administrator to send the invitation again."))
    _set_new_link(invitation, timezone.now())
    invitation.sent_count += 1
    invitation.created_by = by
    invitation.save(update_fields=["nonce", "sent_at", "expires_at", "sent_count", "created_by"])
    _send(invitation, by)
    _record(by, "invitation.resent", invitation)
    return invitation


@transaction.atomic
def withdraw_invitation(*, by: User, acting: Membership, invitation: Invitation) -> Invitation:
    """The link is dead from now on.

    Raises ValidationError when the invitation is no longer open, and when `acting` may not give the role.
    """
    invitation = _locked_open(invitation)
    if invitation.role not in manageable_roles(acting, invitation.organisation):
        raise ValidationError(_("You cannot withdraw this invitation. Ask the portal's administrator to withdraw it."))
    invitation.withdrawn_at, invitation.withdrawn_by = timezone.now(), by
    invitation.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record(by, "invitation.withdrawn", invitation)
    return invitation


@transaction.atomic
def accept_invitation(*, by: User, invitation: Invitation) -> Membership:
    """The invited person, signed in, joins. Raises ValidationError for anybody else and for a link that no longer works."""
    invitation = _locked_valid(invitation)
    if not has_address(by, invitation.email):
        raise ValidationError(_("The invitation is for another address than yours. Sign in as the invited person."))
    return _join(by, invitation)


@transaction.atomic
def accept_as_new_person(*, invitation: Invitation, name: str, password: str, language: str) -> Membership:
    """The invited person gets an account and joins; the address counts as verified, for the link was sent to it.

    Raises ValidationError for a link that no longer works, a weak password, and an address with an account.
    """
    invitation = _locked_valid(invitation)
    user = create_verified_user(by=None, email=invitation.email, name=name, password=password, language=language)
    return _join(user, invitation)


def _join(user: User, invitation: Invitation) -> Membership:
    forbid_giving_to_oneself(invitation.role, is_own=invitation.created_by_id == user.pk)
    membership = start_membership(user=user, organisation=invitation.organisation, role=invitation.role, area=invitation.area)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _record(user, "invitation.accepted", invitation, membership=membership.pk)
    return membership


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("organisation", "area", "created_by")
    return rows.get(pk=invitation.pk)


def _locked_open(invitation: Invitation) -> Invitation:
    locked = _locked(invitation)
    if locked.accepted_at:
        raise ValidationError(_("The invitation has already been accepted."))
    if locked.withdrawn_at:
        raise ValidationError(_("The invitation has been withdrawn."))
    return locked


def _locked_valid(invitation: Invitation) -> Invitation:
    """As `_locked_open`, the inviter may still give the role, and the link is still the one sent last and has not expired."""
    locked = _locked_open(invitation)
    if not inviter_may_give(locked):
        raise ValidationError(_("The invitation has been withdrawn."))
    if locked.nonce != invitation.nonce or locked.expires_at <= timezone.now():
        raise ValidationError(_("This link no longer works. Ask the person who invited you to send the invitation again."))
    return locked


def _set_new_link(invitation: Invitation, now: datetime) -> None:
    invitation.nonce = get_random_string(32)
    invitation.sent_at, invitation.expires_at = now, now + settings.INVITATION_VALID_FOR


def _send(invitation: Invitation, by: User) -> None:
    with translation.override(invitation.language):
        url = portal_url(reverse("pilots:invitation_accept", args=[invitation_token(invitation)]))
    queue_mail(kind="invitation", to_email=invitation.email, language=invitation.language, context={"invitation": invitation, "inviter": by, "url": url})


def _record(by: User, verb: str, invitation: Invitation, **detail) -> None:
    record_event(by=by, verb=verb, target=invitation, organisation_id=invitation.organisation_id, detail={"role": invitation.role} | detail)
