from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from tests.project.world import World, make_world


@pytest.fixture
def world(db) -> World:
    return make_world()


@pytest.fixture
def network(db) -> None:
    """The real network, as `make demo` loads it."""
    call_command("load_network", verbosity=0)


@pytest.fixture
def client_of(world: World) -> Callable[[str], Client]:
    """client_of("coordinator"): a client signed in as that person; a fault of the server is an answer, not an exception."""
    clients: dict[str, Client] = {}

    def client(name: str) -> Client:
        if name not in clients:
            clients[name] = Client(raise_request_exception=False)
            if world.people[name]:
                clients[name].force_login(world.people[name])
        return clients[name]

    return client
