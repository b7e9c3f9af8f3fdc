"""Which identity of a provider opens which account. A link is made once and told of; the last way in cannot be taken away."""
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import wording
from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.addresses import in_public_name
from accounts.identity_providers import IdentityProvider, provider_by_id, providers
from accounts.models import User


@transaction.atomic
def link_identity(*, by: User, provider: IdentityProvider, subject: str) -> SocialAccount:
    """From now on this identity opens the account of `by`; `subject` is the digest that accounts/provider.py makes.

    Raises ValidationError when it opens another account, or when another identity of the same provider opens this one.
    """
    user = User.objects.select_for_update().get(pk=by.pk)
    linked = SocialAccount.objects.select_for_update().filter(provider=provider.id)
    if linked.filter(uid=subject).exclude(user=user).exists():
        raise ValidationError(_("You have another account in the portal with this identity. Sign out, and sign in with it."))
    found = linked.filter(user=user).first()
    if found is not None and found.uid != subject:
        raise ValidationError(_("Your account is linked to somebody else’s identity there. Ask the administrator of your organisation."))
    if found is None:
        found = SocialAccount.objects.create(user=user, provider=provider.id, uid=subject)
        record_event(by=user, verb="user.identity_linked", target=user, detail={"provider": provider.id})
        _tell(user, "identity_linked")
    return found


@transaction.atomic
def unlink_identity(*, by: User, link_id: int) -> None:
    """Raises SocialAccount.DoesNotExist for somebody else's link, and ValidationError when nothing else would open the account."""
    user = User.objects.select_for_update().get(pk=by.pk)
    link = SocialAccount.objects.get(pk=link_id, user=user)
    if not _has_another_way_in(user, link):
        raise ValidationError(_("This is the only way you can sign in. Set a password or add a passkey first."))
    provider = provider_by_id(link.provider)
    record_event(by=user, verb="user.identity_unlinked", target=user, detail={"provider": provider.id if provider else link.provider})
    link.delete()
    _tell(user, "identity_unlinked")


def _has_another_way_in(user: User, link: SocialAccount) -> bool:
    if user.has_usable_password() and EmailAddress.objects.filter(user=user, verified=True).exists():
        return True
    if SocialAccount.objects.filter(user=user, provider__in=[one.id for one in providers()]).exclude(pk=link.pk).exists():
        return True
    return any(one.wrap().is_passwordless for one in Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN))


def _tell(user: User, kind: str) -> None:
    context = {"notice": wording.NOTICES[kind], "at": timezone.now(), "reset_url": in_public_name(reverse("account_reset_password"))}
    notify(user_id=user.pk, kind="account_notice", page="account", context=context)
