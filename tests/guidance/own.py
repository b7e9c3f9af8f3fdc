"""A client in front of the own page."""
from django.utils import timezone

from accounts.models import User
from guidance.choices import LocalReason
from guidance.models import Client, ClientAccount
from tests.guidance.web import sign_in_user


def make_account(client: Client, *, known: bool = True) -> ClientAccount:
    """`known`: a reason is recorded for which the page opens without strong identification."""
    user = User.objects.create_user(f"asiakas{client.pk}@example.org", None)
    reason = {"local_reason": LocalReason.NO_MEANS, "local_text": "Keksitty syy"} if known else {}
    return ClientAccount.objects.create(client=client, user=user, joined_at=timezone.now(), **reason)


def sign_in_client(account: ClientAccount):
    return sign_in_user(account.user)
