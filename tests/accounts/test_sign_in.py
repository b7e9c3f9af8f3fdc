"""Signing in and out, passwords, addresses: through the pages, as a browser posts them."""
import re
import time
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.models import AuditEvent, OutboxMessage, PortalSession, User

from .conftest import PASSWORD, make_person

LOGIN = "/account/login/"
OTHER_PASSWORD = "four other plain words"


@pytest.fixture(autouse=True)
def _no_attempts_before(db):
    cache.clear()


def current_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def texts(response) -> list[str]:
    """What the page says, without what changes from answer to answer."""
    return [str(error) for errors in response.context["form"].errors.values() for error in errors]


def test_sign_in_page_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(LOGIN)

    assert response.status_code == 200


def test_right_password_signs_in_whatever_the_capitals_of_the_address(client, person):
    response = sign_in(client, person.email.upper())

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert is_signed_in(client)


def test_next_leads_inside_the_portal_only(person):
    for target, location in (("/areas/", "/areas/"), ("https://example.net/", "/"), ("//example.net/", "/"), ("javascript:alert(1)", "/")):
        response = Client().post(LOGIN, {"login": person.email, "password": PASSWORD, "next": target})
        assert (target, response["Location"]) == (target, location)


def test_unknown_address_and_wrong_password_read_alike(person):
    known = sign_in(Client(), person.email, "not this password")
    unknown = sign_in(Client(), "nobody.here@example.org", "not this password")

    assert known.status_code == unknown.status_code == 200
    assert texts(known) == texts(unknown)
    assert len(texts(known)) == 1


def test_unknown_address_costs_a_hash_too(client, person, monkeypatch):
    """The time is the hash: it is made once in both cases."""
    from django.contrib.auth import hashers

    made = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *args, **options: made.append(1) or encode(*args, **options))

    sign_in(Client(), person.email, "not this password")
    known = len(made)
    sign_in(Client(), "nobody.here@example.org", "not this password")

    assert known == 1
    assert len(made) - known == 1


def test_sign_in_is_throttled_by_address_even_from_another_network(person):
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(LOGIN, {"login": person.email, "password": "wrong"})

    other_network = Client(REMOTE_ADDR="198.51.100.7")
    refused = sign_in(other_network, person.email)
    other_person = make_person("toinen@example.org")

    assert refused.status_code == 200
    assert not is_signed_in(other_network)
    assert sign_in(other_network, other_person.email).status_code == 302


def test_throttling_ends_and_new_password_ends_it_at_once(person, last_link):
    for _ in range(6):
        sign_in(Client(), person.email, "wrong")
    client = Client()
    client.post("/account/password/reset/", {"email": person.email})
    form = client.get(last_link(), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})

    assert sign_in(Client(), person.email, OTHER_PASSWORD).status_code == 302


def test_throttled_address_is_told_what_still_works():
    """Whether it has an account or not."""
    for _ in range(5):
        sign_in(Client(), "nobody.here@example.org", "wrong")

    refused = Client().post(f"/en{LOGIN}", {"login": "nobody.here@example.org", "password": "wrong"})

    assert refused.context["form"].non_field_errors() == [
        "There have been too many attempts with this address. Wait five minutes and try again. With a new password or a passkey you can sign in at once."
    ]


def test_too_many_from_one_network_get_a_page_of_ours(person):
    client = Client()
    for number in range(30):
        client.post(LOGIN, {"login": f"nobody{number}@example.org", "password": "wrong"})

    response = client.post(LOGIN, {"login": "nobody@example.org", "password": "wrong"})

    assert response.status_code == 429
    assert b'class="skip-link"' in response.content


def test_closed_account_cannot_sign_in(client, person):
    person.is_active = False
    person.save()

    response = sign_in(client, person.email)

    assert response["Location"] == "/account/inactive/"
    assert not is_signed_in(client)


def test_sign_out_is_a_post(signed_in):
    signed_in.get("/account/logout/")
    assert is_signed_in(signed_in)

    signed_in.post("/account/logout/")
    assert not is_signed_in(signed_in)


def test_ended_session_keeps_its_last_use_but_no_data(signed_in, person):
    is_signed_in(signed_in)
    key = signed_in.session.session_key

    signed_in.post("/account/logout/")

    row = PortalSession.objects.get(session_key=key)
    assert row.session_data == ""
    assert row.user_id == person.pk
    assert row.seen_at is not None
    signed_in.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_signed_in(signed_in)


def test_sign_up_confirms_the_address_before_the_first_sign_in(client, last_link):
    sent = client.post("/sv/account/signup/", {"name": "  Demo \n Uusi ", "email": "Uusi.Henkilo@example.org", "password1": PASSWORD})
    user = User.objects.get()

    assert sent["Location"] == "/sv/account/confirm-email/"
    assert (user.email, user.name, user.language) == ("uusi.henkilo@example.org", "Demo Uusi", "sv")
    assert not is_signed_in(client)
    assert sign_in(Client(), user.email)["Location"] == "/account/confirm-email/"

    link = last_link()
    opened = Client().get(link)
    assert opened.status_code == 200
    assert not EmailAddress.objects.get().verified

    Client().post(link)
    assert EmailAddress.objects.get().verified
    assert sign_in(Client(), user.email)["Location"] == "/"


def test_sign_up_with_a_known_address_looks_the_same_and_tells_the_owner(client, person):
    response = client.post("/account/signup/", {"name": "Demo Uusi", "email": person.email, "password1": OTHER_PASSWORD})

    assert response["Location"] == "/account/confirm-email/"
    assert User.objects.count() == 1
    assert OutboxMessage.objects.get().kind == "account_already_exists"
    assert OutboxMessage.objects.get().to_email == person.email


def test_sign_up_with_a_known_address_costs_a_hash_too(client, person, monkeypatch):
    """As in signing in, the time is the hash."""
    from django.contrib.auth import hashers

    made = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *args, **options: made.append(1) or encode(*args, **options))

    client.post("/account/signup/", {"name": "Demo Uusi", "email": person.email, "password1": OTHER_PASSWORD})
    known = len(made)
    Client().post("/account/signup/", {"name": "Demo Uusi", "email": "nobody.here@example.org", "password1": OTHER_PASSWORD})

    assert known == 1
    assert len(made) - known == 1


@pytest.mark.django_db(transaction=True)
def test_sign_up_sent_twice_at_once_makes_one_account(at_once):
    form = {"name": "Demo Uusi", "email": "uusi@example.org", "password1": PASSWORD}

    answers = at_once([partial(Client().post, "/account/signup/", form) for _ in range(4)])

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/account/confirm-email/")}
    assert User.objects.count() == EmailAddress.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "not an address"), ("email", "a" * 250 + "@example.org"), ("password1", "short"), ("password1", "password1234"), ("name", "x" * 151)],
)
def test_sign_up_refuses_what_it_cannot_keep(client, field, value):
    response = client.post("/account/signup/", {"name": "Demo Uusi", "email": "uusi@example.org", "password1": PASSWORD, field: value})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_dead_confirmation_link_says_so(client, db):
    response = client.get("/account/confirm-email/nothing:like:this/")

    assert response.status_code == 200
    assert response.context["confirmation"] is None


def test_reset_sends_a_link_that_works_once(client, person, last_link):
    sent = client.post("/account/password/reset/", {"email": person.email})
    link = last_link()
    form = client.get(link, follow=True)
    path = form.request["PATH_INFO"]
    client.post(path, {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})

    assert sent["Location"] == "/account/password/reset/done/"
    person.refresh_from_db()
    assert person.check_password(OTHER_PASSWORD)
    assert Client().get(link, follow=True).context["token_fail"] is True
    assert set(OutboxMessage.objects.values_list("kind", flat=True)) == {"password_reset_key", "account_notice"}


def test_reset_for_an_unknown_address_answers_alike(client, person):
    known = client.post("/account/password/reset/", {"email": person.email})
    unknown = client.post("/account/password/reset/", {"email": "nobody.here@example.org"})

    assert (known.status_code, known["Location"], known.content) == (unknown.status_code, unknown["Location"], unknown.content)
    assert OutboxMessage.objects.get(to_email="nobody.here@example.org").kind == "unknown_account"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/account/password/reset/", {"email": "demo.henkilo@example.org"}),
        ("/account/password/reset/", {"email": "nobody.here@example.org"}),
        ("/account/signup/", {"name": "Demo Uusi", "email": "uusi@example.org", "password1": OTHER_PASSWORD}),
        ("/account/signup/", {"name": "Demo Uusi", "email": "demo.henkilo@example.org", "password1": OTHER_PASSWORD}),
    ],
)
def test_links_in_mails_bear_the_public_name_whatever_host_was_asked(client, person, settings, path, data):
    settings.PUBLIC_ORIGIN = "https://kopa.example.fi"

    client.post(path, data, headers={"host": "localhost:9999"})

    assert re.findall(r"https?://[^/\s]+", OutboxMessage.objects.get().body) == ["https://kopa.example.fi"]


def test_notice_of_a_change_links_to_the_public_name(signed_in, settings):
    settings.PUBLIC_ORIGIN = "https://kopa.example.fi"

    signed_in.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}, headers={"host": "localhost:9999"})

    assert "https://kopa.example.fi/account/password/reset/" in OutboxMessage.objects.get(kind="account_notice").body


def test_mail_is_in_the_language_of_the_person(client, db):
    make_person("svensk@example.org", language="sv")

    client.post("/en/account/password/reset/", {"email": "svensk@example.org"})

    assert OutboxMessage.objects.get().language == "sv"


def test_changed_password_ends_other_sessions_and_keeps_this(signed_in, person):
    elsewhere = Client()
    sign_in(elsewhere, person.email)
    assert is_signed_in(elsewhere)

    response = signed_in.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})

    assert response["Location"] == "/account/"
    assert is_signed_in(signed_in)
    assert not is_signed_in(elsewhere)
    assert OutboxMessage.objects.get().kind == "account_notice"
    event = AuditEvent.objects.exclude(verb="user.signed_in").get()
    assert (event.verb, event.actor_id, event.target_id) == ("user.password_changed", person.pk, str(person.pk))


def test_password_is_not_changed_without_the_old_one(signed_in, person):
    response = signed_in.post("/account/password/change/", {"oldpassword": "wrong", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})

    assert list(response.context["form"].errors) == ["oldpassword"]
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_password_of_a_person_without_one_is_set(client, person):
    person.set_unusable_password()
    person.save()
    client.force_login(person)

    client.post("/account/password/set/", {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})

    person.refresh_from_db()
    assert person.check_password(OTHER_PASSWORD)


def test_address_is_added_only_after_the_password_once_more(signed_in, person, last_link):
    add = {"action_add": "", "email": "toinen.osoite@example.org"}
    asked = signed_in.post("/account/email/", add)
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert EmailAddress.objects.count() == 1

    signed_in.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/"})
    signed_in.post("/account/email/", add)
    assert not EmailAddress.objects.get(email="toinen.osoite@example.org").verified

    signed_in.post(last_link())
    signed_in.post("/account/email/", {"action_primary": "", "email": "toinen.osoite@example.org"})
    person.refresh_from_db()
    assert person.email == "toinen.osoite@example.org"

    signed_in.post("/account/email/", {"action_remove": "", "email": "demo.henkilo@example.org"})
    assert list(EmailAddress.objects.values_list("email", "primary")) == [("toinen.osoite@example.org", True)]


def test_second_factor_changes_ask_for_the_password_once_more(signed_in):
    for path in ("totp/activate/", "passkeys/add/", "recovery-codes/generate/"):
        response = signed_in.get(f"/account/second-factor/{path}")
        assert (path, response["Location"].partition("?")[0]) == (path, "/account/reauthenticate/")


def test_wrong_password_does_not_confirm(signed_in):
    response = signed_in.post("/account/reauthenticate/", {"password": "wrong"})

    assert list(response.context["form"].errors) == ["password"]
    assert signed_in.get("/account/second-factor/totp/activate/").status_code == 302


@pytest.mark.django_db(transaction=True)  # allauth tells of a new factor once it is committed
def test_app_is_added_asked_for_and_removed(confirmed, person):
    page = confirmed.get("/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    assert page.context["totp_svg_data_uri"].startswith("data:image/svg+xml;base64,")

    confirmed.post("/account/second-factor/totp/activate/", {"code": current_code(secret)})
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}

    fresh = Client()
    assert sign_in(fresh, person.email)["Location"] == "/account/second-factor/authenticate/"
    assert not is_signed_in(fresh)
    assert "passkey-button" not in fresh.get("/account/second-factor/authenticate/").content.decode()
    fresh.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert not is_signed_in(fresh)
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    fresh.post("/account/second-factor/authenticate/", {"code": code})
    assert is_signed_in(fresh)

    again = Client()
    sign_in(again, person.email)
    again.post("/account/second-factor/authenticate/", {"code": code})
    assert not is_signed_in(again)

    confirmed.post("/account/second-factor/totp/deactivate/")
    assert not Authenticator.objects.filter(type="totp").exists()
    verbs = set(AuditEvent.objects.filter(actor_id=person.pk).values_list("verb", flat=True))
    assert verbs == {"user.signed_in", "user.totp_activated", "user.totp_deactivated"}


def test_app_is_not_added_with_a_wrong_code(confirmed):
    confirmed.get("/account/second-factor/totp/activate/")

    response = confirmed.post("/account/second-factor/totp/activate/", {"code": "000000"})

    assert list(response.context["form"].errors) == ["code"]
    assert not Authenticator.objects.exists()


def test_codes_can_be_saved_as_a_file_by_their_owner_only(confirmed, person):
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)

    response = confirmed.get("/account/second-factor/recovery-codes/download/")

    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    assert response.content.decode().split() == codes
    assert len(codes) == 10
    other = Client()
    sign_in(other, make_person("toinen@example.org").email)
    assert other.get("/account/second-factor/recovery-codes/download/").status_code == 404


def test_passkey_that_is_nobodys_signs_nobody_in(client, db):
    for credential in ("", "{}", "null", "[]", '{"id": "x"}', "x" * 2000):
        response = client.post("/account/second-factor/passkeys/login/", {"credential": credential})
        assert (credential[:9], response.status_code) == (credential[:9], 302)
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["login/code/", "login/code/confirm/", "phone/verify/", "signup/passkey/", "second-factor/trust/"])
def test_ways_that_the_portal_does_not_offer_are_not_there(client, db, path):
    assert client.get(f"/account/{path}").status_code == 404


def test_answers_to_people_who_signed_in_are_not_stored(signed_in):
    response = signed_in.get("/account/")

    assert "no-store" in response["Cache-Control"]
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"user.signed_in"}
