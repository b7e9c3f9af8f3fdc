"""Signing in with OpenID Connect, at a real provider that runs in a process of its own on this machine."""
import dataclasses
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from accounts import registries
from accounts.identification import identified
from accounts.identity_providers import IdentityProvider, read_providers
from accounts.models import AuditEvent, OutboxMessage, PortalSession, User
from accounts.second_factor import used_second_factor

from .conftest import PASSWORD, make_person

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"fi": "Demo-kirjautuminen", "sv": "Demoinloggning", "en": "Demo sign-in"}
LOGIN = "/account/identity/house/login/"
MAIL = "demo.henkilo@example.org"


@pytest.fixture(scope="module")
def issuer():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.accounts.identity_provider", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}"
    try:
        for _ in range(150):
            try:
                requests.get(url, timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def house(issuer, settings, db) -> IdentityProvider:
    """An organisation's own provider, for staff, not strong."""
    cache.clear()
    requests.put(f"{issuer}/fault/none", timeout=5)
    provider = IdentityProvider("house", NAMES, issuer, "kopa", "not-so-secret", "staff", mail_domains=("example.org",))
    settings.IDENTITY_PROVIDERS = (provider,)
    yield provider
    cache.clear()


@pytest.fixture
def configure(house, settings):
    def change(**fields) -> None:
        settings.IDENTITY_PROVIDERS = (dataclasses.replace(house, **fields),)

    return change


def known_at(issuer: str, sub: str = "aino", **claims) -> str:
    requests.put(f"{issuer}/users/{sub}", json={"email": MAIL, "email_verified": True} | claims, timeout=5).raise_for_status()
    return sub


def leave(client: Client, path: str = LOGIN, **data) -> str:
    """Press the button; the address at the provider."""
    response = client.post(path, data)
    assert response.status_code == 302, response.content[-600:]
    return response["Location"]


def come_back(client: Client, address: str, sub: str = "aino", **form):
    """Sign in at the provider and follow it back."""
    answer = requests.post(address, data={"sub": sub} | form, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == "https://kopa.example.org"
    return client.get(f"{back.path}?{back.query}")


def through(client: Client, sub: str = "aino", **data):
    return come_back(client, leave(client, **data), sub)


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def as_request(client: Client, user: User):
    request = RequestFactory().get("/")
    request.session, request.user = client.session, user
    return request


def test_staff_are_let_in_by_the_confirmed_address_and_linked(house, person, client):
    known_at(house.issuer)

    response = through(client, next="/areas/")

    assert (response.status_code, response["Location"]) == (302, "/areas/")
    assert is_signed_in(client)
    link = SocialAccount.objects.get()
    assert (link.user, link.provider, link.extra_data, len(link.uid)) == (person, "house", {}, 64)
    assert list(AuditEvent.objects.order_by("id").values_list("verb", "detail")) == [
        ("user.identity_linked", {"provider": "house"}),
        ("user.signed_in", {"ways": ["identity:house"]}),
    ]
    assert OutboxMessage.objects.get().to_email == person.email


def test_question_carries_pkce_state_and_nonce_and_nothing_that_the_visitor_adds(house, person, client):
    address = client.post(f"{LOGIN}?scope=admin&auth_params=prompt%3Dnone&process=connect")["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    assert set(asked) == {"client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type", "scope", "state", "ui_locales"}
    assert (asked["response_type"], asked["code_challenge_method"], set(asked["scope"].split())) == ("code", "S256", {"openid", "profile", "email"})
    assert asked["redirect_uri"] == "https://kopa.example.org/account/identity/house/login/callback/"
    assert min(len(asked["nonce"]), len(asked["code_challenge"])) == 43


def test_link_outlives_the_address_and_sends_no_second_mail(house, person):
    known_at(house.issuer)
    through(Client())
    known_at(house.issuer, email="renamed@example.net")

    again = Client()
    through(again)

    assert is_signed_in(again)
    assert SocialAccount.objects.count() == OutboxMessage.objects.count() == 1


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": "true"}, {"email": "demo.henkilo@example.net"}, {"email": ""}, {"email": ["demo.henkilo@example.org"]}])
def test_address_that_the_provider_does_not_answer_for_opens_nothing(house, person, client, claims):
    EmailAddress.objects.create(user=person, email="demo.henkilo@example.net", verified=True)
    known_at(house.issuer, **claims)

    response = through(client)

    assert response.status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_address_that_is_not_confirmed_here_opens_nothing(house, person, client):
    EmailAddress.objects.update(verified=False)
    known_at(house.issuer)

    assert through(client).status_code == 403
    assert not is_signed_in(client)


def test_nobody_gets_an_account_by_signing_in(house, client):
    known_at(house.issuer, email="unknown@example.org")

    response = through(client)

    assert response.status_code == 403
    assert not User.objects.exists()


def test_second_identity_with_the_same_address_is_refused(house, person):
    """An address is given to the next employee; the subject is not."""
    known_at(house.issuer)
    through(Client())
    known_at(house.issuer, "successor")

    other = Client()
    assert through(other, "successor").status_code == 403
    assert not is_signed_in(other)


FAULTS = ["nonce", "no-nonce", "audience", "two-audiences", "party", "issuer", "expired", "no-expiry", "subject", "unsigned", "shared-secret", "unknown-key", "stolen-key-id", "no-token", "broken", "not-json"]


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_token_is_refused_and_told_plainly(house, person, client, fault):
    known_at(house.issuer)
    requests.put(f"{house.issuer}/fault/{fault}", timeout=5)

    response = through(client)

    assert response.status_code == 403
    assert "accounts/identity_failed.html" in [template.name for template in response.templates]
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    requests.put(f"{house.issuer}/fault/none", timeout=5)
    assert through(client).status_code == 302


def test_state_is_asked_for_and_works_once_and_for_its_own_browser(house, person, client):
    known_at(house.issuer)
    address = leave(client)
    back = urlsplit(requests.post(address, data={"sub": "aino"}, allow_redirects=False, timeout=5).headers["Location"])
    other = Client()

    assert other.get(f"{back.path}?{back.query}").status_code == 403
    assert client.get(f"{back.path}?code=made-up&state=made-up").status_code == 403
    assert client.get(f"{back.path}?code=made-up").status_code == 403
    assert not is_signed_in(other)
    assert client.get(f"{back.path}?{back.query}&iss=https://another.example").status_code == 403
    assert client.get(f"{back.path}?{back.query}").status_code == 403
    assert not is_signed_in(client)


def test_code_without_its_verifier_opens_nothing(house, person, client):
    """PKCE: whoever catches the code on the way cannot use it, for the verifier never left the session."""
    known_at(house.issuer)
    address = leave(client)
    changed = address.replace(parse_qs(urlsplit(address).query)["code_challenge"][0], "a" * 43)

    assert come_back(client, changed).status_code == 403
    assert not is_signed_in(client)


def test_cancel_at_the_provider_leads_to_a_plain_page(house, person, client):
    response = come_back(client, leave(client), action="deny")

    assert response.status_code == 200
    assert "accounts/identity_failed.html" in [template.name for template in response.templates]
    assert not is_signed_in(client)


def test_error_at_the_provider_comes_back_in_the_language_in_which_one_left(house, person, client):
    address = leave(client, f"/sv{LOGIN}")
    state = parse_qs(urlsplit(address).query)["state"][0]

    response = client.get(f"{LOGIN}callback/?error=server_error&state={state}")

    assert response.status_code == 403
    assert b'<html lang="sv"' in response.content


def test_provider_that_is_down_gets_a_clear_page(configure, person, client):
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        configure(issuer=f"http://localhost:{taken.getsockname()[1]}")

        response = client.post(LOGIN)

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "accounts/identity_failed.html" in [template.name for template in response.templates]


def test_provider_that_falls_silent_on_the_way_gets_a_clear_page(house, person, client, settings):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.3
    known_at(house.issuer)
    address = leave(client)
    requests.put(f"{house.issuer}/fault/silent", timeout=5)

    assert come_back(client, address).status_code == 503
    assert not is_signed_in(client)


def test_unknown_provider_is_missing(house, client):
    assert client.post("/account/identity/ei-ole/login/").status_code == 404
    assert client.get("/account/identity/ei-ole/login/callback/").status_code == 404
    assert client.get(LOGIN).status_code == 405


def test_weak_provider_is_no_second_factor(house, person, client):
    known_at(house.issuer)
    Authenticator.objects.all().delete()
    through(client)

    assert not used_second_factor(as_request(client, person))
    assert not identified(as_request(client, person))

    TOTP.activate(person, generate_totp_secret())
    again = Client()
    assert through(again)["Location"] == "/account/second-factor/authenticate/"
    assert not is_signed_in(again)


def test_strong_provider_identifies_until_signing_out_and_while_it_is_configured(configure, house, person, client):
    configure(strong=True)
    known_at(house.issuer)
    TOTP.activate(person, generate_totp_secret())
    through(client)

    assert is_signed_in(client)
    assert identified(as_request(client, person))
    assert used_second_factor(as_request(client, person))
    assert not identified(as_request(client, make_person("somebody.else@example.org")))
    configure(strong=False)
    assert not identified(as_request(client, person))
    configure(strong=True)
    client.post("/account/logout/")
    assert not identified(as_request(client, person))


@pytest.mark.parametrize("given,lets_in", [("http://ftn.ficora.fi/2017/loa2", True), ("password", False), (None, False)])
def test_level_of_assurance_is_checked_where_one_is_configured(configure, house, person, client, given, lets_in):
    configure(strong=True, acr=("http://ftn.ficora.fi/2017/loa2",))
    known_at(house.issuer, **({"acr": given} if given else {}))

    through(client)

    assert is_signed_in(client) is lets_in


def test_session_gets_a_new_key_when_somebody_signs_in(house, person, client):
    """Session fixation: whoever planted the key of the session before does not get in with it."""
    known_at(house.issuer)
    address = leave(client)
    before = client.session.session_key

    come_back(client, address)

    after = client.session.session_key
    assert before
    assert after != before
    assert not PortalSession.objects.filter(session_key=before, user_id=person.pk).exists()


def test_password_sign_in_asks_for_no_provider(house, person, client):
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})

    assert not identified(as_request(client, person))


@pytest.fixture
def invitation(monkeypatch):
    """What an app above says of an identity: set `owner` or `error`; `rules` says who may not link by themselves."""
    told = SimpleNamespace(owner=None, error="", seen=[], held=set())

    def owner_of(request, identity):
        told.seen.append(identity)
        if told.error:
            raise ValidationError(told.error)
        return told.owner

    monkeypatch.setattr(registries.identity_owners, "_items", {10: owner_of})
    monkeypatch.setattr(registries.only_by_invitation, "_items", {10: lambda user: user.pk in told.held})
    return told


def test_client_is_linked_through_an_invitation_only(configure, house, person, client, invitation):
    configure(audience="clients", strong=True)
    known_at(house.issuer, family_name="Demo-Virtanen", given_name="Aino", birthdate="1990-02-03")

    assert through(client).status_code == 403
    invitation.owner = person
    through(client)

    assert is_signed_in(client)
    assert identified(as_request(client, person))
    seen = invitation.seen[-1]
    assert (seen.provider_id, seen.strong, seen.family_name, seen.birth_date.isoformat()) == ("house", True, "Demo-Virtanen", "1990-02-03")
    invitation.owner = None
    again = Client()
    through(again)
    assert is_signed_in(again)


def test_invitation_of_somebody_else_says_so(configure, house, person, client, invitation):
    configure(audience="clients", strong=True)
    known_at(house.issuer)
    invitation.error = "This invitation is for somebody else."

    response = through(client)

    assert response.status_code == 403
    assert b"This invitation is for somebody else." in response.content
    assert not SocialAccount.objects.exists()


def test_client_is_not_let_in_by_the_address_nor_links_alone(configure, house, person, invitation):
    """A confirmed address is enough for staff; what is told of a client opens to the person named only."""
    invitation.held.add(person.pk)
    configure(audience="both")
    known_at(house.issuer)

    assert through(Client()).status_code == 403
    own = Client()
    own.force_login(person)
    own.post("/account/reauthenticate/", {"password": PASSWORD})
    assert own.post("/account/identity/house/link/").status_code == 403
    assert not SocialAccount.objects.exists()


def test_person_links_a_service_after_the_password_and_removes_it_again(house, person, signed_in):
    known_at(house.issuer, email="other@example.net")
    asked = signed_in.post("/account/identity/house/link/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    signed_in.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/"})

    response = come_back(signed_in, leave(signed_in, "/account/identity/house/link/"))

    assert response["Location"] == "/account/"
    link = SocialAccount.objects.get()
    assert link.user == person
    assert signed_in.get("/account/").context["identities"][0].name == NAMES["fi"]
    other = Client()
    through(other)
    assert is_signed_in(other)

    signed_in.post(f"/account/identity/{link.pk}/unlink/")
    assert not SocialAccount.objects.exists()
    assert AuditEvent.objects.filter(verb="user.identity_unlinked").count() == 1


def test_link_of_somebody_else_is_missing_and_a_taken_identity_stays(house, person, confirmed):
    other = make_person("toinen@example.org")
    known_at(house.issuer, email="toinen@example.org")
    through(Client())
    link = SocialAccount.objects.get(user=other)

    assert confirmed.post(f"/account/identity/{link.pk}/unlink/").status_code == 404
    assert come_back(confirmed, leave(confirmed, "/account/identity/house/link/")).status_code == 403
    assert SocialAccount.objects.get() == link


def test_last_way_in_stays(house, person, client):
    person.set_unusable_password()
    person.save()
    known_at(house.issuer)
    through(client)

    response = client.post(f"/account/identity/{SocialAccount.objects.get().pk}/unlink/", follow=True)

    assert SocialAccount.objects.count() == 1
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_closed_account_is_not_opened(house, person, client):
    known_at(house.issuer)
    through(Client())
    User.objects.update(is_active=False)

    assert through(client)["Location"] == "/account/inactive/"
    assert not is_signed_in(client)


def test_sign_in_page_with_providers_asks_the_database_nothing(house, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/account/login/")

    assert f'action="{LOGIN}"'.encode() in response.content


GOOD = {"id": "house", "name": NAMES, "issuer": "https://id.example.org", "client_id": "kopa", "secret": "s", "for": "staff"}


@pytest.mark.parametrize(
    "change,sentence",
    [
        ({"id": "A house"}, "an id of small letters"),
        ({"name": {"fi": "Talo"}}, "name has fi, sv and en"),
        ({"issuer": "http://id.example.org"}, "issuer must begin with https://"),
        ({"issuer": ""}, "issuer is missing"),
        ({"secret": None}, "secret is missing"),
        ({"for": "everybody"}, "for is staff, clients or both"),
        ({"strong": "yes"}, "strong is true or false"),
        ({"acr": "loa2"}, "acr is a list of words"),
        ({"mail_domain": ["example.org"]}, "unknown word mail_domain"),
        ({"authorization_origin": "http://login.example.org"}, "authorization_origin must begin with https://"),
    ],
)
def test_wrong_description_of_a_provider_is_told(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_providers([GOOD | change])


def test_providers_are_told_apart():
    with pytest.raises(ValueError, match="same id"):
        read_providers([GOOD, GOOD])
    (one,) = read_providers([GOOD | {"mail_domains": ["@Example.ORG"], "authorization_origin": "https://login.example.org/"}])
    assert (one.answers_for("a@example.org"), one.answers_for("a@sub.example.org"), one.origins) == (True, False, ("https://id.example.org", "https://login.example.org"))
