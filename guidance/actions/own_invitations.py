"""A client's way to the own page: invited by the process owner, sent again, revoked, joined; and the one-time link to the next appointment.

The mails tell nothing of the client, not who sends them either: the organisation's name alone would say that it is about employment.
"""
import secrets
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.outbox import queue_mail
from accounts.actions.users import create_verified_user
from accounts.models import BouncedAddress, User
from guidance.actions.locks import lock_pathway
from guidance.models import AppointmentLink, ClientAccount, ClientInvitation, Pathway
from guidance.permissions import may_invite_client
from guidance.queries.own_access import LINK_VALID_FOR, has_own_account, why_no_use, why_not_open
from pilots.models import Membership
from services.queries.feeds import hashed

ADULT = 18


@transaction.atomic
def invite_client(*, by: Membership, pathway: Pathway, email: str, language: str, now: datetime, local_reason: str = "", local_text: str = "") -> ClientInvitation:
    """Send a one-time link to the client's own address. `local_reason`: why an account without strong identification is enough, with a few words.

    Raises ValidationError when the client has joined, has an open invitation, is a minor for whom somebody else acts, or the address is a worker's or one that mails come back from.
    """
    pathway = _inviters_pathway(by, pathway)
    _require_own_voice(pathway, now)
    if ClientAccount.objects.filter(client=pathway.client_id).exists():
        raise ValidationError(_("The client has joined already."))
    email = User.objects.normalize_email(email)
    if Membership.objects.active().filter(user__emailaddress__email=email).exists():
        raise ValidationError({"email": _("Somebody works in the network with this address. Ask the client for a private one.")})
    if BouncedAddress.objects.filter(email=email.lower()).exists():
        raise ValidationError({"email": _("Mails to this address come back, so nothing is sent to it. Ask the client for another one.")})
    key = secrets.token_urlsafe(32)
    invitation = ClientInvitation(
        client_id=pathway.client_id, email=email, language=language, local_reason=local_reason, local_text=local_text.strip(), by=by, key_hash=hashed(key), sent_at=now, expires_at=now + settings.INVITATION_VALID_FOR
    )
    invitation.full_clean(exclude=["client", "by"])
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as error:
        raise ValidationError(_("An invitation has been sent already. Send it again, or revoke it first.")) from error
    _send(invitation, key)
    _record(by, "own_page.invited", invitation, pathway)
    return invitation


@transaction.atomic
def resend_client_invitation(*, by: Membership, pathway: Pathway, invitation: ClientInvitation, now: datetime) -> ClientInvitation:
    """A new key and a new time; the old link is dead. `by` stands for it from now on. ValidationError where mails to the address come back."""
    pathway = _inviters_pathway(by, pathway)
    invitation = _locked_open(invitation)
    if BouncedAddress.objects.filter(email=invitation.email.lower()).exists():
        raise ValidationError(_("Mails to this address come back, so nothing is sent to it. Revoke the invitation, and invite the client to another address."))
    key = secrets.token_urlsafe(32)
    invitation.key_hash, invitation.by, invitation.sent_at, invitation.expires_at = hashed(key), by, now, now + settings.INVITATION_VALID_FOR
    invitation.save(update_fields=["key_hash", "by", "sent_at", "expires_at"])
    _send(invitation, key)
    _record(by, "own_page.invited_again", invitation, pathway)
    return invitation


@transaction.atomic
def revoke_client_invitation(*, by: Membership, pathway: Pathway, invitation: ClientInvitation, now: datetime) -> ClientInvitation:
    """The link is dead from now on."""
    pathway = _inviters_pathway(by, pathway, open_only=False)
    invitation = _locked_open(invitation)
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    _record(by, "own_page.invitation_revoked", invitation, pathway)
    return invitation


@transaction.atomic
def join_as_new(*, invitation: ClientInvitation, password: str, language: str, now: datetime) -> ClientAccount:
    """The client gets an account without a name: names stand with the client alone. Raises ValidationError for a link that no longer works, a weak password, and an address with an account."""
    invitation = _locked_usable(invitation, now)
    return _join(invitation, create_verified_user(by=None, email=invitation.email, name="", password=password, language=language), now)


@transaction.atomic
def join_by_identity(*, invitation: ClientInvitation, now: datetime) -> ClientAccount:
    """The client, whom an identity service has named (`guidance.own_identity`), gets an account without a password: that service opens it."""
    invitation = _locked_usable(invitation, now)
    return _join(invitation, create_verified_user(by=None, email=invitation.email, name="", password=None, language=invitation.language), now)


@transaction.atomic
def join_signed_in(*, invitation: ClientInvitation, user: User, now: datetime) -> ClientAccount:
    """Somebody signed in joins, whose verified address the invitation was sent to."""
    invitation = _locked_usable(invitation, now)
    if not EmailAddress.objects.filter(user=user, email=invitation.email, verified=True).exists():
        raise ValidationError(_("The invitation is for another address than yours. Sign out, and open the link again."))
    if Membership.objects.active().filter(user=user).exists():
        raise ValidationError(_("You work in the network with this account. Your own page needs an account of its own."))
    if SocialAccount.objects.filter(user=user).exists():
        # Nobody has compared that identity with the client's file (`own_identity`).
        raise ValidationError(_("Your account is linked with a sign-in service already. Take the link away under Your account, sign out, and open this link again."))
    return _join(invitation, user, now)


@transaction.atomic
def make_appointment_link(*, by: Membership, pathway: Pathway, now: datetime, email: str = "", language: str = "fi") -> tuple[AppointmentLink, str]:
    """The link's row and its address, which is told once; mailed when there is an address to mail it to. Opens once."""
    pathway = _inviters_pathway(by, pathway)
    key = secrets.token_urlsafe(32)
    link = AppointmentLink.objects.create(pathway=pathway, key_hash=hashed(key), by=by, made_at=now, expires_at=now + LINK_VALID_FOR)
    address = own_address("own:appointment", key, language)
    if email:
        queue_mail(kind="own_appointment", to_email=email, language=language, context={"address": address, "expires_at": link.expires_at}, now=now)
    record_event(by=by.user, verb="own_page.appointment_link_made", target=link, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, "mailed": bool(email)})
    return link, address


@transaction.atomic
def use_appointment_link(*, link: AppointmentLink, now: datetime) -> AppointmentLink:
    """Opens it, once. The view writes the read log."""
    link = AppointmentLink.objects.select_for_update(of=("self",)).select_related("pathway__client", "by__user").get(pk=link.pk)
    if why_not_open(link, now):
        raise ValidationError(_("This link has been used, or it is too old."))
    link.opened_at = now
    link.save(update_fields=["opened_at"])
    record_event(by=None, verb="own_page.appointment_link_opened", target=link, detail={"pathway": link.pathway.pseudonym})
    return link


@transaction.atomic
def revoke_appointment_link(*, by: Membership, pathway: Pathway, link: AppointmentLink, now: datetime) -> None:
    """The link is dead from now on; one that was opened, or is too old, stays as it was."""
    pathway = _inviters_pathway(by, pathway, open_only=False)
    if AppointmentLink.objects.filter(pk=link.pk, pathway=pathway, opened_at=None, expires_at__gt=now).update(expires_at=now):
        record_event(by=by.user, verb="own_page.appointment_link_revoked", target=link, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym})


def _inviters_pathway(by: Membership, pathway: Pathway, *, open_only: bool = True) -> Pathway:
    pathway = lock_pathway(pathway, open_only=open_only)
    if not may_invite_client(by, pathway):
        raise ValidationError(_("A counsellor of the process owner does this; under non-disclosure one who is named for it."))
    return pathway


def _require_own_voice(pathway: Pathway, now: datetime) -> None:
    born, today = pathway.client.birth_date, timezone.localdate(now)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < ADULT and pathway.client.minor_actor not in ("self", "both"):
        raise ValidationError(_("The client is under 18. Write down first who acts for the client; an own page is for those who act themselves."))


def _locked_open(invitation: ClientInvitation) -> ClientInvitation:
    locked = ClientInvitation.objects.select_for_update(of=("self",)).select_related("by__user").get(pk=invitation.pk)
    if locked.used_at:
        raise ValidationError(_("The client has joined already."))
    if locked.revoked_at:
        raise ValidationError(_("The invitation has been revoked."))
    return locked


def _locked_usable(invitation: ClientInvitation, now: datetime) -> ClientInvitation:
    locked = _locked_open(invitation)
    if locked.key_hash != invitation.key_hash or why_no_use(locked, now):
        raise ValidationError(_("This link no longer works. Ask the person who invited you to send it again."))
    return locked


def _join(invitation: ClientInvitation, user: User, now: datetime) -> ClientAccount:
    if has_own_account(user):
        raise ValidationError(_("This account has an own page already."))
    try:
        with transaction.atomic():
            account = ClientAccount.objects.create(client_id=invitation.client_id, user=user, joined_at=now, local_reason=invitation.local_reason, local_text=invitation.local_text)
    except IntegrityError as error:
        raise ValidationError(_("The client has joined already.")) from error
    invitation.used_at = now
    invitation.save(update_fields=["used_at"])
    record_event(by=user, verb="own_page.joined", target=invitation)
    return account


def own_address(view: str, key: str, language: str) -> str:
    with translation.override(language):
        return settings.PUBLIC_ORIGIN + reverse(view, args=[key])


def _send(invitation: ClientInvitation, key: str) -> None:
    context = {"address": own_address("own:join", key, invitation.language), "expires_at": invitation.expires_at}
    queue_mail(kind="own_invitation", to_email=invitation.email, language=invitation.language, context=context, now=invitation.sent_at)


def _record(by: Membership, verb: str, invitation: ClientInvitation, pathway: Pathway) -> None:
    record_event(by=by.user, verb=verb, target=invitation, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, "local_reason": invitation.local_reason})
