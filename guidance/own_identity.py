"""Whose an identity is that opens no account yet: the client's whose invitation was opened in this session, or who is signed in.

A client's account is tied to an identity only when the service names the same person as the client's file: family name
and birth date; whether it is strong or not. What the service says is compared, and not kept.
"""
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import User
from accounts.registries import Identity
from guidance.actions.own_invitations import join_by_identity
from guidance.models import Client, ClientAccount, ClientInvitation
from guidance.models.client import fold_name

INVITED = "own_invitation"


def remember_invitation(request: HttpRequest, invitation: ClientInvitation) -> None:
    """For the way to the identity service and back, when its button was pressed; a new key makes it worthless."""
    request.session[INVITED] = invitation.key_hash


def client_of_identity(request: HttpRequest, identity: Identity) -> User | None:
    """The account that the identity opens from now on; None when nobody was invited in this session. ValidationError when it is somebody else's."""
    if request.user.is_authenticated:
        account = ClientAccount.objects.select_related("client", "user").filter(user=request.user.pk).first()
        if account is not None:
            _require_same_person(account.client, identity)
            return account.user
    invitation = ClientInvitation.objects.select_related("client").filter(key_hash=request.session.get(INVITED, "")).first()
    if invitation is None:
        return None
    _require_same_person(invitation.client, identity)
    account = join_by_identity(invitation=invitation, now=timezone.now())
    del request.session[INVITED]
    return account.user


def _require_same_person(client: Client, identity: Identity) -> None:
    if not (identity.family_name and identity.birth_date):
        raise ValidationError(_("The sign-in service did not tell your family name and birth date, so the portal cannot know whose page to open. Tell the person who invited you."))
    is_other_name = fold_name(identity.family_name) != fold_name(client.family_name)
    # Twins have the family name and the birth date in common.
    told, kept = set(fold_name(identity.given_name).split()), set(fold_name(client.given_names).split())
    is_other_name = is_other_name or bool(told and kept and not told & kept)
    if is_other_name or identity.birth_date != client.birth_date:
        record_event(by=None, verb="own_page.identity_refused", target=client, detail={"provider": identity.provider_id})
        raise ValidationError(_("The sign-in service says that you are somebody else than the one whom this page is about. If your name has changed, tell the person who invited you."))
