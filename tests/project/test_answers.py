"""What every answer must be, page by page: no writing on GET, no fault on nasty input, the policy on all of them."""
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver
from django_filters import FilterSet

import kopa_portal.api
import pilots.filters
from pilots.actions.tokens import make_token
from pilots.api.base import LANGUAGE
from pilots.choices import ApiScope
from services.api import hsds_urls
from tests.project.conftest import GuardClient, sign_in
from tests.project.walk import stops
from tests.project.world import PEOPLE, VISITOR

ROOT = Path(__file__).resolve().parents[2]
# A GET may write the session and the cache that counts for throttling, and the read log with its subjects; nothing else.
MAY_WRITE_ON_GET = ("accounts_portalsession", "kopa_cache", "guidance_accesslog", "guidance_accesslogsubject")
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|TRUNCATE)\b", re.I)
NASTY = [
    "",
    " ",
    "\x00",
    "%00",
    "'",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}{% now 'Y' %}",
    "%",
    "_" * 300,
    "å" * 5000,
    "0",
    "-1",
    "1e999",
    "NaN",
    "9" * 40,
    "0001-01-01",
    "31.2.2027",
    "9999-12-31",
    "null",
    "../../etc/passwd",
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "\u202e\u0000\ufffe",
    "a\r\nSet-Cookie: x=1",
    "1,2;3|4",
    "[]",
    "' OR 1=1 --",
    "\\",
    "🙂" * 50,
]


def parameters_read() -> list[str]:
    """Every parameter that a page reads, as the filters and the code name them, and one that none knows."""
    code = "".join(path.read_text() for app in ("accounts", "pilots", "services", "guidance", "summaries", "kopa_portal") for path in (ROOT / app).rglob("*.py"))
    filters = [filter_set for filter_set in vars(pilots.filters).values() if isinstance(filter_set, type) and issubclass(filter_set, FilterSet)]
    return sorted({"unknown", *re.findall(r'GET(?:\.get\(|\[)"(\w+)"', code), *(name for filter_set in filters for name in filter_set.base_filters)})


PARAMETERS = parameters_read()
LANGUAGES = ["fi", "sv", "en"]
# Where a path takes a value from the address; a number of twenty digits is more than a database's integer.
NASTY_PATHS = [
    "/*/",
    "/areas/*/",
    "/areas/*/edit/",
    "/areas/alfa/contacts/*/edit/",
    "/areas/alfa/members/*/end/",
    "/municipalities/*/",
    "/organisations/*/",
    "/units/*/",
    "/invitation/*/",
    "/people/*/",
    "/people/invitations/*/withdraw/",
    "/people/requests/*/",
    "/people/memberships/*/end/",
    "/join/*/withdraw/",
    "/memberships/*/leave/",
    "/language/*/",
    "/account/password/reset/key/*/",
    "/account/confirm-email/*/",
    "/account/second-factor/passkeys/*/remove/",
    "/sv/areas/*/",
]
def machine_paths(prefix: str, urls: list) -> Iterator[str]:
    """Every address that takes a value, in its path or by a parameter of its own: beside one that it does not know the API would read none."""
    for url in urls:
        if isinstance(url, URLResolver):
            yield from machine_paths(prefix + str(url.pattern), url.url_patterns)
        elif view := getattr(url.callback, "cls", None):
            address = prefix + re.sub(r"<[^>]+>", "*", str(url.pattern))
            yield from [address] if "*" in address else (f"{address}?{name}=*" for name in (*view().parameters, LANGUAGE))


MACHINE_PATHS = ["/api/v1/*", "/hsds/*", *machine_paths("/api/v1/", kopa_portal.api.urlpatterns), *machine_paths("/hsds/", hsds_urls.urlpatterns)]
HEADERS = ["HTTP_ACCEPT_LANGUAGE", "HTTP_REFERER", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_IF_MODIFIED_SINCE", "HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_X_REQUESTED_WITH"]


# The ones that a database has stumbled over already: some of them go in always, and all of them in a few runs.
WORST = ["\x00", "9" * 40, "0001-01-01", "9999-12-31", "å" * 5000]


@pytest.fixture
def nasty_values(rng: random.Random, proof: bool) -> Callable[..., list[str]]:
    """nasty_values(4): all of them in `make proof`; otherwise two of the worst and so many others, drawn anew for each page."""
    others_than_worst = [value for value in NASTY if value not in WORST]
    return lambda others: NASTY if proof else [*rng.sample(WORST, 2), *rng.sample(others_than_worst, others)]


@contextmanager
def refuse_writes() -> Iterator[list[str]]:
    """Collects every writing statement that is not allowed on GET."""
    found: list[str] = []

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql) and not any(table in sql for table in MAY_WRITE_ON_GET):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


@pytest.mark.once
@pytest.mark.django_db
def test_answers_get_writes_nothing(world, client_of, proof: bool, rng: random.Random):
    languages = [rng.choice(LANGUAGES), *(LANGUAGES if proof else ())]
    walk = [(client_of(stop.person), stop.path) for language in languages for stop in stops(world, language)]

    with refuse_writes() as written:
        for client, path in walk:
            client.get(path)

    assert written == []


@pytest.mark.django_db
def test_answers_get_that_writes_is_seen(world):
    with refuse_writes() as written:
        world.own.area.save()

    assert len(written) >= 1


@pytest.mark.once
@pytest.mark.django_db
def test_answers_carry_the_policy_and_are_not_stored(world, client_of):
    """CSP without unsafe parts, no sniffing, no framing; `no-store` for signed-in people; error pages included."""
    wrong = []
    paths = [(stop.person, stop.path) for stop in stops(world)] + [(VISITOR, "/ei-ole/"), ("officer", "/areas/ei-ole/"), ("officer", "/people/alfa/"), (VISITOR, "/areas/alfa/edit/")]
    for person, path in paths:
        response = client_of(person).get(path)
        policy = response.headers.get("Content-Security-Policy", "")
        signed_in = person != VISITOR
        if "default-src 'none'" not in policy or "unsafe-" in policy:
            wrong.append(f"{path}: policy {policy!r}")
        if response.headers.get("X-Content-Type-Options") != "nosniff" or response.headers.get("X-Frame-Options") != "DENY":
            wrong.append(f"{path}: sniffing or framing")
        if signed_in and "no-store" not in response.headers.get("Cache-Control", ""):
            wrong.append(f"{path}: may be stored")

    assert wrong == []


@pytest.mark.django_db
@pytest.mark.battery
def test_answers_nasty_parameters_are_no_fault(world, client_of, nasty_values, proof, rng):
    """Every nasty value in every parameter of every page; of every second page, the odd or the even ones, outside `make proof`."""
    faults = []
    for stop in stops(world) if proof else stops(world)[rng.randrange(2) :: 2]:
        client = client_of(stop.person)
        for value in nasty_values(1):
            response = client.get(f"{stop.path}?{urlencode(dict.fromkeys(PARAMETERS, value), errors='replace')}")
            if response.status_code >= 500:
                faults.append(f"{response.status_code} {stop.path} {value[:20]!r}")

    assert faults == []


@pytest.mark.django_db
@pytest.mark.battery
def test_answers_nasty_paths_are_no_fault(client_of, nasty_values):
    faults = []
    for pattern in NASTY_PATHS:
        for value in nasty_values(4):
            path = pattern.replace("*", urlencode({"": value}, errors="replace")[1:])
            for person in (VISITOR, "administrator", "coordinator"):
                response = client_of(person).get(path)
                if response.status_code >= 500:
                    faults.append(f"{response.status_code} {path[:60]}")

    assert faults == []


@pytest.mark.django_db
@pytest.mark.battery
def test_answers_nasty_paths_of_the_api_and_hsds_are_no_fault(world, nasty_values, proof, rng):
    """With a key that reads all there is: nothing is refused before it is read. Every second one outside `make proof`."""
    _token, key = make_token(by=world.memberships["administrator"], name="Ohjelma", scopes=ApiScope.values, days=30)
    client, faults = GuardClient(raise_request_exception=False, headers={"authorization": f"Bearer {key}"}), []
    for pattern in MACHINE_PATHS if proof else MACHINE_PATHS[rng.randrange(2) :: 2]:
        for value in nasty_values(1 if "?" in pattern else 4):
            path = pattern.replace("*", urlencode({"": value}, errors="replace")[1:])
            if (status := client.get(path).status_code) not in (200, 400, 404):
                faults.append(f"{status} {path[:60]}")

    assert faults == []


@pytest.mark.django_db
@pytest.mark.battery
def test_answers_nasty_forms_are_no_fault(world, client_of, nasty_values):
    """Every nasty value in every field of every form; what comes back with an error says so on top and at the field."""
    faults = []
    for stop in stops(world, method="POST"):
        client = client_of(stop.person)
        names = field_names(client, stop)
        for value in nasty_values(2):
            cache.clear()
            with undone():
                response = client.post(stop.path, dict.fromkeys(names or ["x"], value))
            if response.status_code >= 500:
                faults.append(f"{response.status_code} {stop.path} {value[:20]!r}")
            elif names_no_field(response.content.decode(errors="replace")):
                faults.append(f"no field is named: {stop.path} {value[:20]!r}")
            if not client.session.get("_auth_user_id") and stop.person != VISITOR:
                sign_in(client, world.people[stop.person])

    assert faults == []


@contextmanager
def undone() -> Iterator[None]:
    """A form that takes the value may end an account or a membership: the next one finds everybody as they were."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def names_no_field(html: str) -> bool:
    """The summary leads to a field that is not marked. An error of a hidden field leads nowhere."""
    summary = re.search(r'class="error-summary.*?</div>', html, re.S)
    return bool(summary and 'href="#' in summary[0] and "aria-invalid" not in html)


def field_names(client: Client, stop) -> list[str]:
    response = client.get(stop.path)
    if response.status_code != 200:
        return []
    return [name for name in set(re.findall(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"', response.content.decode())) if name != "csrfmiddlewaretoken"]


@pytest.mark.django_db
@pytest.mark.battery
def test_answers_random_requests_are_no_fault(world, client_of, rng: random.Random, battery_count):
    """Random method, person, address, parameters, fields and headers; a 4xx writes no row."""
    everything = list(stops(world)) + list(stops(world, method="POST"))
    faults = []
    for _turn in range(battery_count(10_000)):
        stop, person = rng.choice(everything), rng.choice(list(PEOPLE))
        client, data = client_of(person), {rng.choice(PARAMETERS): rng.choice(NASTY) for _count in range(3)}
        headers = {rng.choice(HEADERS): rng.choice(NASTY).replace("\x00", "").encode("ascii", "replace").decode().replace("\r", "").replace("\n", "")} if rng.random() < 0.2 else {}
        if "HTTP_COOKIE" in headers:
            client = GuardClient(raise_request_exception=False)
        path = rng.choice(["", "", "/sv", "/en"]) + stop.path if stop.name != "set_language" else stop.path
        with refuse_writes() as written:
            if rng.random() < 0.7:
                response = client.get(f"{path}?{urlencode(data, errors='replace')}", **headers)
            else:
                response = client.generic("POST", path, urlencode(data, errors="replace"), content_type="application/x-www-form-urlencoded", **headers)
        if response.status_code >= 500:
            faults.append(f"{response.status_code} {path} {data!r} {headers!r}")
        if 400 <= response.status_code < 500 and written:
            faults.append(f"{response.status_code} {path} wrote {written[0][:60]}")
        if person != VISITOR and "_auth_user_id" not in client_of(person).session:
            sign_in(client_of(person), world.people[person])

    assert faults == []
