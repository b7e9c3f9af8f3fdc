import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone, translation

from guidance.queries.invariants import check_everything
from pilots.models import Membership
from tests.guidance.factories import MadePartnership, make_partnership, make_pathway


@pytest.fixture
def made(db) -> MadePartnership:
    return make_partnership()


@pytest.fixture
def pathway(made):
    return make_pathway(made)


@pytest.fixture
def nobody_lost():
    """nobody_lost(now): every invariant holds; gives what is broken, by rule, when one is not."""

    def check(now=None) -> None:
        broken = {finding.rule: finding.pseudonyms for finding in check_everything(now or timezone.now()) if finding.count}
        assert broken == {}

    return check


@pytest.fixture
def guide_client():
    """guide_client(membership): a client signed in as that counsellor, with a second factor used in this session."""

    def sign_in(membership: Membership) -> Client:
        Authenticator.objects.get_or_create(user=membership.user, type=Authenticator.Type.TOTP, defaults={"data": {}})
        client = Client()
        client.force_login(membership.user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
        session["account_authentication_methods_user"] = str(membership.user.pk)
        session.save()
        return client

    return sign_in


@pytest.fixture(autouse=True)
def _in_english():
    """Refusals are compared by their words; the words of the code, whatever they are translated to."""
    with translation.override("en"):
        yield
