"""Every page in a bounded number of queries and bytes, with the real network loaded and as the person who costs most."""
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pilots.models import Round
from tests.project.access import ROWS
from tests.project.world import PEOPLE, World

MOST_QUERIES = 8
MOST_BYTES_OF_A_LIST = 60_000
# Things wait for the first two, the third has an area of their own: each costs its page a query or a link more.
COSTLIEST_FIRST = ("portal_administrator", "administrator", "coordinator", *PEOPLE)
OF_THE_NETWORK = (
    "/",
    "/areas/",
    "/areas/yla-savo/",
    "/areas/?q=savo&kind=municipality&sort=number",
    "/municipalities/",
    "/municipalities/?q=sa&kopa=in&sort=code",
    "/municipalities/140/",
    "/organisations/",
    "/organisations/?q=savo",
    "/search/?q=savo",
    "/contacts/",
)


def budget_of(client: Client, path: str) -> tuple[int, int]:
    """(queries, bytes) of the answer; what is made at the first request only is not counted."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code < 500, path
    return len(queries), len(response.content)


def costliest(name: str) -> str:
    return next(person for person in COSTLIEST_FIRST if person in ROWS[name].may)


@pytest.fixture
def portal(world: World) -> World:
    """The made people, with something waiting for them, in the real network; its round is the one that the lists show."""
    call_command("load_network", verbosity=0)
    Round.objects.filter(slug="kierros").update(starts_on=date(2010, 1, 1))
    return world


def test_query_budget_holds_on_every_page(portal, client_of):
    # Pages of guidance read more and write the read log; their literal counts stand in tests/guidance.
    pages = [(name, row) for name, row in ROWS.items() if "GET" in row.methods and row.may and not row.library and not name.startswith("guidance:")]
    addresses = {name: reverse(name, kwargs=row.arguments(portal.own) if row.arguments else {}) for name, row in pages}
    budgets = {name: budget_of(client_of(costliest(name)), address) for name, address in addresses.items()}
    budgets |= {path: budget_of(client_of("portal_administrator"), path) for path in OF_THE_NETWORK}

    over = {page: queries for page, (queries, _size) in budgets.items() if queries > MOST_QUERIES}
    large = {page: size for page, (_queries, size) in budgets.items() if (page in OF_THE_NETWORK or page.endswith("_list")) and size > MOST_BYTES_OF_A_LIST}

    assert len(budgets) > 30
    assert over == {}
    assert large == {}
