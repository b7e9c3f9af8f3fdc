"""People who can sign in, and what came to them by mail."""
import re
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import OutboxMessage, User
from tests.pilots.factories import make_user

PASSWORD = "three plain words here"


@pytest.fixture
def person(db) -> User:
    return make_person("demo.henkilo@example.org")


def make_person(email: str, **fields) -> User:
    """A user with the password PASSWORD and a confirmed address."""
    user = make_user(email, **({"password": PASSWORD, "name": "Demo Henkilö"} | fields))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def signed_in(person: User, client: Client) -> Client:
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    return client


@pytest.fixture
def confirmed(signed_in: Client) -> Client:
    """Signed in, with the password given once more a moment ago."""
    signed_in.post("/account/reauthenticate/", {"password": PASSWORD})
    return signed_in


@pytest.fixture
def last_link() -> Callable[[], str]:
    """The path of the only link in the latest mail."""

    def find() -> str:
        body = OutboxMessage.objects.latest("id").body
        links = re.findall(r"https?://[^/\s]+(/\S*)", body)
        assert len(links) == 1, body
        return links[0]

    return find
