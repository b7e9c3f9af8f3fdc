import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from tests.project.world import World, make_world


@pytest.fixture
def world(db) -> World:
    return make_world()


@pytest.fixture
def network(db) -> None:
    """The real network, as `make demo` loads it."""
    call_command("load_network", verbosity=0)


class GuardClient(Client):
    """Looks at answers, not at files: an answer that is a file is closed at once."""

    def request(self, **request):
        response = super().request(**request)
        for close in response._resource_closers if response.streaming else ():
            close()
        return response


def sign_in(client: Client, user: User) -> None:
    """Signed in, with a second factor that was used in this session."""
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, generate_totp_secret())
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.fixture
def client_of(world: World) -> Callable[[str], Client]:
    """client_of("coordinator"): a client signed in as that person; a fault of the server is an answer, not an exception."""
    clients: dict[str, Client] = {}

    def client(name: str) -> Client:
        if name not in clients:
            clients[name] = GuardClient(raise_request_exception=False)
            if world.people[name]:
                sign_in(clients[name], world.people[name])
        return clients[name]

    return client
