"""What strangers try at every address: a form sent from elsewhere, a redirect that leads away, another host's name."""
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from tests.project.conftest import GuardClient, sign_in
from tests.project.test_answers import refuse_writes
from tests.project.walk import stops
from tests.project.world import VISITOR

ELSEWHERE = ["https://evil.example/", "//evil.example/", "/\\evil.example/", "https:evil.example", "javascript:alert(1)", "https://testserver@evil.example/", "\thttps://evil.example/"]
# Parameters that name a place to go to, here or in other portals.
PLACES = ["next", "url", "return", "return_to", "redirect", "redirect_uri", "continue", "to", "goto", "back", "from", "target"]


@pytest.mark.once
@pytest.mark.django_db
def test_attacks_form_without_its_token_is_refused_at_every_address(world):
    """Cross-site request forgery: nothing is written, whoever is signed in; a made-up token is no token."""
    clients: dict[str, Client] = {}
    accepted = []
    for stop in stops(world, method="POST"):
        if stop.person not in clients:
            clients[stop.person] = GuardClient(enforce_csrf_checks=True)
            if world.people[stop.person]:
                sign_in(clients[stop.person], world.people[stop.person])
        client = clients[stop.person]
        with refuse_writes() as written:
            answer = client.post(stop.path, {"csrfmiddlewaretoken": "a" * 64} if len(clients) % 2 else {})
        if answer.status_code != 403 or "403_csrf.html" not in [one.name for one in answer.templates]:
            accepted.append(f"{answer.status_code} {stop.path}")
        accepted += [f"wrote {stop.path}" for _statement in written]

    assert accepted == []


@pytest.mark.once
@pytest.mark.django_db
def test_attacks_token_from_another_origin_is_refused(client):
    client = Client(enforce_csrf_checks=True)
    page = client.get("/account/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    form = {"csrfmiddlewaretoken": token, "login": "nobody@example.org", "password": "x"}

    assert client.post("/account/login/", form, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/account/login/", form, headers={"origin": "http://testserver"}).status_code == 200


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.battery
def test_attacks_no_address_leads_away(world, client_of, proof: bool, rng):
    """Every parameter that could name a place, at every address, by GET and by POST."""
    away = []
    for method in ("GET", "POST"):
        everything = list(stops(world, method=method))
        for stop in everything if proof else rng.sample(everything, 40):
            for place in ELSEWHERE if proof else [rng.choice(ELSEWHERE)]:
                cache.clear()
                client, data = client_of(stop.person), dict.fromkeys(PLACES, place)
                response = client.get(stop.path, data) if method == "GET" else client.post(stop.path, data)
                if leads_away(response.headers.get("Location", "")):
                    away.append(f"{method} {stop.path} {place!r}: {response['Location']}")
                if not client.session.get("_auth_user_id") and stop.person != VISITOR:
                    sign_in(client, world.people[stop.person])

    assert away == []


def leads_away(location: str) -> bool:
    """As a browser reads it: control characters are dropped, and a backslash is a slash."""
    parts = urlsplit(re.sub(r"[\x00-\x20]", "", location).replace("\\", "/"))
    return bool(parts.netloc or parts.scheme) and parts.netloc != "testserver"


@pytest.mark.once
@pytest.mark.django_db
def test_attacks_redirects_that_lead_on_stay_here(world, client_of):
    """The addresses that do follow `next`, each with what it follows."""
    for place in ELSEWHERE:
        cache.clear()
        client = client_of("coordinator")
        answers = [
            Client().get("/language/sv/", {"next": place}),
            client.post("/account/login/", {"next": place}),
            client.get("/account/login/", {"next": place}),
            client.get("/account/reauthenticate/", {"next": place}),
            client.post("/account/logout/", {"next": place}),
        ]
        sign_in(client, world.people["coordinator"])

        assert [answer["Location"] for answer in answers if leads_away(answer.headers.get("Location", ""))] == []
        assert not any(f'href="{place}' in answer.content.decode() for answer in answers if answer.status_code == 200)


@pytest.mark.once
@pytest.mark.django_db
def test_attacks_strange_host_is_refused_and_a_forwarded_one_is_not_believed(world, client_of):
    strange = GuardClient(raise_request_exception=False)
    for path in ("/", "/sv/areas/", "/account/login/", "/ei-ole/"):
        for host in ("evil.example", "kopa.example.org.evil.example", "testserver:80@evil.example", "evil.example:443"):
            assert (path, host, strange.get(path, headers={"host": host}).status_code) == (path, host, 400)
        answer = strange.get(path, headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-host": "evil.example"})
        assert answer.status_code in (200, 404)
        assert b"evil.example" not in answer.content


def test_attacks_cookies_are_bound_to_this_host_and_hidden_from_scripts():
    """`__Host-`: secure, for this host alone, for the whole of it. Chromium takes such a cookie only when it keeps to that."""
    for kind in ("SESSION", "CSRF"):
        found = {name: getattr(settings, f"{kind}_COOKIE_{name}") for name in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")}
        assert found == {"NAME": f"__Host-{kind.lower()}", "SECURE": True, "HTTPONLY": True, "SAMESITE": "Lax", "PATH": "/", "DOMAIN": None}


@pytest.mark.once
@pytest.mark.django_db
def test_attacks_no_cookie_is_weaker_than_declared(world, client_of):
    """What is really set, the language's included, which tells of nobody."""
    client = client_of("coordinator")
    found = {}
    for answer in (client.get("/account/login/"), client.get("/language/sv/"), client.post("/account/login/", {}), client.get("/account/")):
        found |= answer.cookies

    for cookie in found.values():
        assert (cookie.key, bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"], cookie["domain"]) == (cookie.key, True, True, "Lax", "")
        assert cookie.key.startswith("__Host-") or cookie.key == settings.LANGUAGE_COOKIE_NAME
