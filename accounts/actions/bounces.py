"""Addresses that mails came back from: checked by a mail of its own, and confirmed. They are marked by `outbox.record_bounce`."""
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.outbox import queue_mail
from accounts.models import BouncedAddress, User

VALID_FOR = timedelta(days=3)
SIGNER = TimestampSigner(salt="accounts.bounced_address")


@transaction.atomic
def send_address_check(*, by: User, bounced: BouncedAddress) -> None:
    """A mail with a link, to see whether the address works again. ValidationError when it is not one's own."""
    _require_own(by, bounced.email)
    with translation.override(by.language):
        address = settings.PUBLIC_ORIGIN + reverse("address_confirm", args=[SIGNER.sign(str(bounced.pk))])
    queue_mail(kind="address_check", to_email=bounced.email, language=by.language, context={"address": address})


@transaction.atomic
def confirm_address(*, by: User, token: str) -> None:
    """Mails go to the address again, for the mail with this link has come.

    ValidationError when the link is old or made up, and when the address is not one's own.
    """
    try:
        bounced = BouncedAddress.objects.select_for_update().get(pk=SIGNER.unsign(token, max_age=VALID_FOR))
    except (BadSignature, BouncedAddress.DoesNotExist) as error:
        raise ValidationError(_("This link no longer works. Look at your account page whether mails still come back.")) from error
    _require_own(by, bounced.email)
    bounced.delete()
    record_event(by=by, verb="user.address_confirmed", target=by)


def _require_own(by: User, email: str) -> None:
    if email != by.email and not EmailAddress.objects.filter(user=by, email=email).exists():
        raise ValidationError(_("This is the address of another account."))
