"""Every page of signing in that a person can open renders with our frame; the states they need are made by the pages themselves."""
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django.utils.translation import override

from .conftest import PASSWORD, make_person

OPEN_PAGES = [
    "account_login",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
]
OWN_PAGES = [
    "account",
    "account_logout",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_activate_totp",
]
PAGES_WITH_CODES = ["mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp", "mfa_reauthenticate"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("name", OPEN_PAGES)
def test_open_page_renders_in_the_frame(client, name, language):
    with override(language):
        address = reverse(name)

    response = client.get(address)

    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1
    assert b'class="skip-link"' in response.content


@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_page_renders_in_the_frame(confirmed, name):
    response = confirmed.get(reverse(name))

    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1
    assert b'class="skip-link"' in response.content


@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_page_sends_a_visitor_to_sign_in(client, db, name):
    if name == "account_logout":
        assert client.get(reverse(name))["Location"] == "/"
        return
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES_WITH_CODES)
def test_page_renders_with_app_and_codes(confirmed, person, name):
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)

    response = confirmed.get(reverse(name))

    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1


def test_passkey_pages_render_with_a_key(confirmed, person):
    key = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Työkone", "credential": {}})

    for name, arguments in (("mfa_list_webauthn", []), ("mfa_edit_webauthn", [key.pk]), ("mfa_remove_webauthn", [key.pk])):
        response = confirmed.get(reverse(name, args=arguments))
        assert (name, response.status_code) == (name, 200)
        assert "Työkone" in response.content.decode()


def test_foreign_passkey_is_not_found(confirmed, person, db):
    other = make_person("toinen@example.org")
    key = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "Toisen", "credential": {}})

    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert confirmed.get(reverse(name, args=[key.pk])).status_code == 404
        assert confirmed.post(reverse(name, args=[key.pk]), {"name": "Oma"}).status_code == 404
    assert Authenticator.objects.get().wrap().name == "Toisen"


def test_set_password_page_for_a_person_without_one(client, person):
    person.set_unusable_password()
    person.save()
    client.force_login(person)

    response = client.get(reverse("account_set_password"))

    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1


def test_second_step_is_asked_for_with_an_app(client, person):
    TOTP.activate(person, generate_totp_secret())

    response = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("mfa_authenticate")
    assert response.content.count(b"<h1") == 1
    assert client.get(reverse("account")).status_code == 302
