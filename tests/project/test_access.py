"""Every URL x person x side x method as the access table declares it. The rule is Python's; what it reads is asked of both databases elsewhere."""
import random
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

import kopa_portal.urls
from guidance.choices import LogAction
from guidance.models import AccessLog, AccessLogSubject
from tests.project.access import FORBIDDEN, MISSING, NEEDS_KEY, NOT_ALLOWED, OK, ROWS, SIGN_IN, Row
from tests.project.addresses import every_address
from tests.project.conftest import GuardClient, sign_in
from tests.project.world import PEOPLE, VISITOR, World, make_world

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Made once for the whole table, under a transaction of its own; what a row's requests change is rolled back after the row."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def cookies(world: World) -> dict[str, str]:
    """Of each person's session, signed in once for the whole table, inside its transaction."""
    clients = {name: Client() for name in PEOPLE}
    for name, client in clients.items():
        if world.people[name]:
            sign_in(client, world.people[name])
    return {name: client.cookies.output(header="") for name, client in clients.items()}


@pytest.fixture
def client_of(cookies: dict[str, str]) -> Callable[[str], Client]:
    """As in conftest.py, with the sessions that are already there; a sign-out is rolled back with the row's other changes."""
    clients = {name: GuardClient(raise_request_exception=False) for name in PEOPLE}
    for name, client in clients.items():
        client.cookies = SimpleCookie(cookies[name])
    return clients.__getitem__


@pytest.fixture
def bare_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal without its page, which takes longer than the judgement; the pages themselves are opened by other guards."""
    for status in (403, 404):
        monkeypatch.setattr(kopa_portal.urls, f"handler{status}", lambda request, exception, status=status: HttpResponse(status=status), raising=False)


METHODS = ("GET", "POST", "PUT", "DELETE")


def address_of(name: str, row: Row, side: str, world) -> str:
    if row.arguments is None:
        return reverse(name)
    return reverse(name, kwargs=row.missing if side == "missing" else row.arguments(getattr(world, side)))


def sides_of(row: Row) -> list[str]:
    return ["own"] if row.arguments is None or row.missing is None else ["own", "foreign", "missing"]


def answer_of(response) -> str:
    if response.status_code == 302 and response.url.startswith(reverse(settings.LOGIN_URL)):
        return SIGN_IN
    # 422 and 409: let in, and told what is missing or who was quicker.
    return {200: OK, 302: OK, 401: NEEDS_KEY, 409: OK, 422: OK, 403: FORBIDDEN, 404: MISSING, 405: NOT_ALLOWED}.get(response.status_code, f"status {response.status_code}")


def is_refusal(answer: str, row: Row, person: str) -> bool:
    """No fault, and no way in for those who may not."""
    return answer in (SIGN_IN, FORBIDDEN, MISSING) or (answer == OK and person in row.may)


def test_access_every_url_has_its_row():
    addresses = {address.name for address in every_address()}

    assert sorted(addresses - set(ROWS)) == []
    assert sorted(set(ROWS) - addresses) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROWS)
def test_access_is_as_declared(name, world, client_of, bare_refusals, proof: bool, rng: random.Random):
    row = ROWS[name]
    # Whether a method is taken at all depends neither on whose the thing is nor on who asks: PUT and DELETE are drawn.
    changing = set(PEOPLE if proof else rng.sample(sorted(PEOPLE), 3) + rng.sample(sorted(row.may), min(len(row.may), 1)))
    wrong = []
    for side in sides_of(row):
        address = address_of(name, row, side, world)
        for person in PEOPLE:
            cache.clear()  # throttling has tests of its own
            for method in METHODS if side == "own" and person in changing else METHODS[:2]:
                client = client_of(person)
                answer, expected = answer_of(client.generic(method, address)), row.expected(person, side, method)
                if answer != expected and answer not in row.also and not (row.library and expected == NOT_ALLOWED and is_refusal(answer, row, person)):
                    wrong.append(f"{person} {method} {side}: {answer}, declared {expected}")
                if person != VISITOR and settings.SESSION_COOKIE_NAME not in client.cookies:
                    sign_in(client, world.people[person])

    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.refused == MISSING and row.missing])
def test_access_foreign_looks_like_missing(name, world, client_of):
    """Status, length and headers tell nothing about whether the thing exists."""
    row = ROWS[name]
    person = next(person for person in PEOPLE if person in row.holders and person != VISITOR and person not in row.may_on("foreign"))
    client = client_of(person)

    method = "GET" if "GET" in row.methods else "POST"
    foreign, missing = (client.generic(method, address_of(name, row, side, world)) for side in ("foreign", "missing"))

    # The language links carry the address itself; its length is all that may differ.
    assert _told(foreign) == _told(missing)


def _told(response) -> tuple:
    text = response.content.decode().replace(response.request["PATH_INFO"], "").replace(response.request["PATH_INFO"].replace("/", "%2F"), "")
    headers = {name: value for name, value in response.headers.items() if name not in ("Content-Length", "Expires", "X-Request-ID")}
    return response.status_code, len(text), headers


def test_access_table_has_enough_cells():
    cells = sum(2 * len(sides_of(row)) * len(PEOPLE) for row in ROWS.values())

    assert cells >= 5_000


# Who is asked about each address: those who see clients by their work, and two who may not.
READERS = ("counsellor", "lead", "protection_officer", "administrator", "coordinator")
REFUSED = ("other_counsellor", "officer")


@pytest.mark.django_db
def test_log_has_each_page_that_shows_a_client_and_each_refusal(world, client_of, bare_refusals):
    """Whatever answers with the made client's name or pseudonym has its row in the read log; so has each refusal of an address that names the client."""
    pathway = world.own.pathway
    marks = (pathway.pseudonym, pathway.client.family_name)
    shown, refused, missing = 0, 0, []

    for name, row in ROWS.items():
        if "GET" not in row.methods:
            continue
        address = address_of(name, row, "own", world)
        people = [person for person in READERS if person in row.may][:1] + [person for person in REFUSED if pathway.pseudonym in address]
        for person in people:
            cache.clear()
            newest = AccessLog.objects.aggregate(newest=Max("pk"))["newest"] or 0
            answer = client_of(person).get(address)
            rows = AccessLog.objects.filter(pk__gt=newest, user_id=world.people[person].pk)
            logged = {(log.action == LogAction.REFUSAL, subject) for log in rows for subject in AccessLogSubject.objects.filter(log_id=log.pk).values_list("pseudonym", flat=True)}
            body = answer.getvalue().decode(errors="replace") if answer.status_code == 200 else ""
            if any(mark in body for mark in marks):
                shown += 1
                if (False, pathway.pseudonym) not in logged:
                    missing.append(f"{name} shows the client to {person} and is not logged")
            elif answer.status_code in (403, 404) and pathway.pseudonym in address:
                refused += 1
                if (True, pathway.pseudonym) not in logged:
                    missing.append(f"{name} refuses {person} and does not log it")

    assert missing == []
    print(f"{shown} answers that show the client, {refused} refusals")
    assert shown >= 30
    assert refused >= 60
