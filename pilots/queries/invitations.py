"""The links of invitations, and whether an address is known."""
from django.core import signing
from django.db.models import Q

from accounts.models import User
from pilots.models import Invitation, Membership
from pilots.queries.roles import assignable_roles

INVITATION_SALT = "pilots.invitation"


def invitation_token(invitation: Invitation) -> str:
    return signing.dumps([invitation.pk, invitation.nonce], salt=INVITATION_SALT)


def find_invitation(token: str) -> Invitation | None:
    """The invitation of a link, whatever its state; None for a link that is not ours or was replaced by a later one."""
    try:
        pk, nonce = signing.loads(token, salt=INVITATION_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invitation.objects.filter(pk=pk, nonce=nonce).select_related("organisation", "area", "created_by").first()


def inviter_may_give(invitation: Invitation) -> bool:
    """Whether whoever sent the invitation last may still give its role there: the right that the link rests on may end before it."""
    memberships = Membership.objects.active().filter(user=invitation.created_by_id, user__is_active=True)
    return any(invitation.role in assignable_roles(one, invitation.organisation) for one in memberships)


def has_account(email: str) -> bool:
    """Whether somebody signs in with the address, or will once it is confirmed."""
    return User.objects.filter(Q(email=email) | Q(emailaddress__email=email, emailaddress__verified=True)).exists()


def has_address(user: User, email: str) -> bool:
    """Whether the address is known to be the person's."""
    return user.emailaddress_set.filter(email=email.lower(), verified=True).exists()
