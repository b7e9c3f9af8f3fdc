"""A passkey made, used and removed in a real browser, with the strict content security policy on (tests/browser.py watches)."""
import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from .conftest import PASSWORD, make_person

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_key(page) -> tuple:
    """The page's browser has an authenticator of its own, as a laptop with a fingerprint reader has."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def sign_in(page, email: str) -> None:
    page.goto("/account/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def add_key(page) -> None:
    page.goto("/account/second-factor/passkeys/add/")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.locator("#passkey-button").click()
    page.wait_for_url("**/recovery-codes/")


@pytest.fixture
def email(live_server, transactional_db) -> str:
    return make_person("demo.avain@example.org").email


def test_passkey_signs_in_without_a_password_until_it_is_removed(page, email):
    with_key(page)
    sign_in(page, email)
    add_key(page)
    assert page.locator("code").count() == 10

    page.context.clear_cookies()
    page.goto("/account/login/")
    page.locator("#passkey-button").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/account/")
    assert page.url.endswith("/account/")

    page.goto("/account/second-factor/passkeys/")
    page.locator("a[href$='/remove/']").click()
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.locator("main form button.btn-danger").click()
    page.wait_for_url("**/passkeys/")
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_passkey_signs_in_while_wrong_passwords_lock_the_address(page, email):
    with_key(page)
    sign_in(page, email)
    add_key(page)
    page.context.clear_cookies()
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/account/login/", {"login": email, "password": "wrong"})
    assert Client().post("/account/login/", {"login": email, "password": PASSWORD}).status_code == 200

    page.goto("/account/login/")
    page.locator("#passkey-button").click()
    page.wait_for_url(lambda url: "login" not in url)


def test_passkey_is_the_second_step_after_the_password(page, email):
    with_key(page)
    sign_in(page, email)
    add_key(page)

    page.context.clear_cookies()
    page.goto("/account/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url("**/authenticate/")
    page.locator("#passkey-button").click()
    page.wait_for_url(lambda url: "authenticate" not in url)
    page.goto("/account/")
    assert page.url.endswith("/account/")


def test_passkey_that_is_not_there_says_so_on_the_page(page, email):
    session, authenticator = with_key(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto("/account/login/")

    assert not page.locator("#passkey-problem p").is_visible()
    page.locator("#passkey-button").click()

    page.locator("#passkey-problem p").wait_for(state="visible")
    assert page.url.endswith("/account/login/")
