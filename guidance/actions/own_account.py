"""A client's account when it has been going on: the way back after a lost second factor, and its end at the client's own wish."""
import hashlib
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.addresses import in_public_name
from accounts.models import OutboxMessage, PortalSession, User
from accounts.second_factor import has_second_factor
from guidance.actions.ledger import OWN_ACCOUNT, write_ledger
from guidance.actions.locks import lock_pathway
from guidance.actions.own_invitations import own_address
from guidance.choices import IdentityCheck
from guidance.models import ClientAccount, Pathway, ShareLink
from guidance.permissions import may_invite_client
from guidance.queries.erasing import pseudonyms_of
from guidance.queries.own_access import account_of
from pilots.models import Membership

WAY_BACK_VALID_FOR = timedelta(days=1)
SIGNER = signing.TimestampSigner(salt="guidance.own_way_back")
GIVEN = gettext_lazy("A counsellor has given a link with which a new second step can be set up for your account. If you did not ask for it, call the counsellor.")
USED = gettext_lazy("The second step of signing in to your account was taken away by a link from your counsellor. A new one is asked for.")


@transaction.atomic
def give_way_back(*, by: Membership, pathway: Pathway, check: str, language: str) -> str:
    """The address of a one-time link for a client whose second factor is lost; told once, and to be handed over face to face.

    `check`: how the counsellor has made sure who the client is. Nothing is kept but the audit row: the link is signed, and holds the
    second factor as it is now, so that it is worthless once that has changed. Its reader needs the password as well.
    """
    pathway = lock_pathway(pathway, open_only=False, while_restricted=True)
    if not may_invite_client(by, pathway):
        raise ValidationError(_("A counsellor of the process owner does this; under non-disclosure one who is named for it."))
    if check not in IdentityCheck.values:
        raise ValidationError({"check": _("Choose how you have made sure who the client is.")})
    account = account_of(pathway.client)
    if account and _works_here(account.user):
        raise ValidationError(_("The client works in the network with this account. Its second step is a matter of that work."))
    if account is None or not has_second_factor(account.user):
        raise ValidationError(_("The client has no second step that could be lost. Signing in asks for a new one."))
    record_event(by=by.user, verb="own_page.way_back_given", target=account, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, "check": check})
    _tell(account.user, GIVEN)
    return own_address("own:back", SIGNER.sign_object([account.pk, by.pk, pathway.pk, _factors(account.user)]), language)


def find_way_back(key: str) -> ClientAccount | None:
    """Whose page the link leads back to; None for one that is made up, too old, used, or given by somebody who might not give it any more."""
    try:
        account_id, by_id, pathway_id, factors = SIGNER.unsign_object(key, max_age=WAY_BACK_VALID_FOR)
    except (signing.BadSignature, ValueError):
        return None
    by = Membership.objects.active().select_related("organisation").filter(pk=by_id, user__is_active=True).first()
    pathway = Pathway.objects.select_related("client").filter(pk=pathway_id).first()
    if not (by and pathway and may_invite_client(by, pathway)):
        return None
    account = ClientAccount.objects.select_related("user").filter(pk=account_id, client=pathway.client_id, user__is_active=True).first()
    return account if account and not _works_here(account.user) and has_second_factor(account.user) and _factors(account.user) == factors else None


def _works_here(user: User) -> bool:
    """The clients of an organisation rest on that second factor: no body outside it takes it away."""
    return Membership.objects.active().filter(user=user).exists()


def use_way_back(*, key: str, password: str, now: datetime) -> User:
    """The second factor and the recovery codes go, and every session ends; the next page asks for a new second factor. ValidationError for a wrong password and a dead link."""
    with transaction.atomic():
        found = find_way_back(key)
        if found is not None:
            # Whoever comes second finds the second factor changed.
            User.objects.select_for_update().get(pk=found.user_id)
            found = find_way_back(key)
        if found is None:
            raise ValidationError(_("This link no longer works. Ask the person who gave it to you for a new one."))
        if found.user.check_password(password):
            Authenticator.objects.filter(user=found.user).delete()
            PortalSession.objects.filter(user_id=found.user_id).end(now)
            record_event(by=found.user, verb="own_page.way_back_used", target=found)
            _tell(found.user, USED)
            return found.user
        # Stays, though the try is refused: somebody has the paper, and nobody knows who.
        record_event(by=None, verb="own_page.way_back_refused", target=found)
    raise ValidationError({"password": _("The password is wrong. Write it again.")})


@transaction.atomic
def close_own_account(*, account: ClientAccount, now: datetime) -> None:
    """The client's own page ends, with the sign-in and all that the account alone held; shared links end too. The guidance goes on, and what the client wrote stays on its timeline."""
    pathways = list(Pathway.objects.select_for_update().filter(client=account.client_id).order_by("pk"))
    account = ClientAccount.objects.select_for_update(of=("self",)).select_related("user").get(pk=account.pk)
    ShareLink.objects.filter(pathway__in=pathways, revoked_at=None).update(revoked_at=now)
    record_event(by=account.user, verb="own_page.closed", target=account, detail={"pathways": [pathway.pseudonym for pathway in pathways]})
    # A backup of before knows the account and its address.
    write_ledger(pseudonyms_of(pathways), now=now, organisation_id=OWN_ACCOUNT)
    user = account.user
    account.delete()
    remove_user(user, now)


def remove_user(user: User, now: datetime) -> None:
    """A client's account with its sessions and mails. Of somebody who works here too, or did, only the client's side goes."""
    if Membership.objects.filter(user=user).exists():
        return
    PortalSession.objects.filter(user_id=user.pk).end(now)
    OutboxMessage.objects.filter(to_email__in={user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}).delete()
    user.delete()


def _factors(user: User) -> str:
    """The second factor as it is now, in a word that tells nothing of it."""
    rows = Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "type", "created_at")
    return hashlib.sha256(repr([(pk, kind, at.isoformat()) for pk, kind, at in rows]).encode()).hexdigest()[:32]


def _tell(user: User, notice) -> None:
    context = {"notice": notice, "at": timezone.now(), "reset_url": in_public_name(reverse("account_reset_password"))}
    notify(user_id=user.pk, kind="account_notice", page="account", context=context)
