"""A client's identity at a strong service: tied to the account through an invitation, only to the person whom the file is about."""
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from accounts.actions.users import create_verified_user
from accounts.models import AuditEvent, User
from guidance.models import AccessLog, ClientAccount
from tests.accounts.test_identity_providers import configure, house, issuer, known_at, leave, through  # noqa: F401
from tests.guidance.factories import make_pathway, new_client
from tests.guidance.own import make_account
from tests.guidance.test_own_join import MAIL, invite, last_address

NAME, BORN = "Demo-Sukunimi", date(1990, 2, 3)
OWN = {"family_name": "Demo Sukunimi", "birthdate": "1990-02-03", "email": "muu@example.net"}
PAGE, LOGIN = "/en/my-path/", "/en/account/identity/house/login/"


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


@pytest.fixture
def full(made):
    return make_pathway(made, client=new_client(family_name=NAME, birth_date=BORN), goal="Tavoitemerkki")


@pytest.fixture
def bank(configure, house):  # noqa: F811
    configure(audience="clients", strong=True)
    return house


def invited(made, full) -> Browser:
    invite(made, full, local_reason="", local_text="")
    browser = Browser()
    assert b'name="provider" value="house"' in browser.get(last_address()).content
    assert dict(browser.session) == {}, "nothing is remembered by a look at the link"
    assert press(browser).headers["Location"] == LOGIN
    return browser


def press(browser):
    """The button of the sign-in service, which a browser sends on as it is."""
    return browser.post(last_address(), {"provider": "house", "next": PAGE})


def test_client_joins_with_a_strong_identity_and_sees_the_path(made, full, bank):
    browser = invited(made, full)
    known_at(bank.issuer, **OWN)

    assert through(browser, next=PAGE)["Location"] == PAGE
    page = browser.get(PAGE)

    account = ClientAccount.objects.get()
    assert (account.client, account.user.email, account.user.has_usable_password(), account.local_reason) == (full.client, MAIL, False, "")
    assert (page.status_code, "Tavoitemerkki" in page.content.decode()) == (200, True)
    assert AccessLog.objects.get().action == "own"
    assert Browser().get(last_address()).status_code == 410
    # From now on the identity is enough.
    later = Browser()
    through(later)
    assert "Tavoitemerkki" in later.get(PAGE).content.decode()


@pytest.mark.parametrize("other", [{"family_name": "Toinen"}, {"given_name": "Helmi Sofia"}, {"birthdate": "1990-02-04"}, {"birthdate": ""}, {"family_name": ""}])
def test_somebody_else_who_holds_the_link_does_not_join(made, full, bank, other):
    browser = invited(made, full)
    known_at(bank.issuer, **OWN | other)

    answer = through(browser, next=PAGE)

    assert answer.status_code == 403
    assert [word for word in (NAME, "1990", MAIL) if word in answer.content.decode()] == []
    assert (ClientAccount.objects.count(), User.objects.filter(email=MAIL).exists()) == (0, False)
    assert AuditEvent.objects.filter(verb="own_page.identity_refused").exists() == all(other.values())
    assert browser.get(PAGE).status_code == 302


def test_an_identity_without_an_invitation_opens_nothing(made, full, bank):
    invite(made, full, local_reason="", local_text="")
    known_at(bank.issuer, **OWN)
    browser = Browser()

    assert through(browser, next=PAGE).status_code == 403
    assert ClientAccount.objects.count() == 0


def test_a_revoked_or_renewed_link_is_worth_nothing_at_the_service(made, full, bank):
    browser = invited(made, full)
    known_at(bank.issuer, **OWN)
    full.client.invitations.update(key_hash="x" * 64)

    assert through(browser, next=PAGE).status_code == 403
    assert ClientAccount.objects.count() == 0


def test_client_with_a_password_goes_on_to_the_rest_by_a_strong_identity(made, full, bank):
    account = make_account(full.client, known=False)
    browser, stranger = Browser(), Browser()
    browser.force_login(account.user)
    known_at(bank.issuer, sub="toinen", **OWN | {"family_name": "Toinen"})
    known_at(bank.issuer, **OWN)

    assert through(browser, "toinen", next=PAGE).status_code == 403
    through(browser, next=PAGE)

    assert "Tavoitemerkki" in browser.get(PAGE).content.decode()
    through(stranger)
    assert stranger.get(PAGE).status_code == 200


def test_client_links_no_identity_by_themselves(made, full, bank, configure):  # noqa: F811
    configure(audience="both", strong=True)
    account = make_account(full.client)
    browser = Browser()
    browser.force_login(account.user)

    assert browser.post("/account/identity/house/link/").status_code in (302, 403, 404)
    assert not account.user.socialaccount_set.exists()


@pytest.mark.parametrize("told, joins", [({}, True), ({"family_name": "", "birthdate": ""}, False), ({"birthdate": ""}, False), ({"family_name": "Toinen"}, False)])
def test_a_weak_service_joins_only_by_the_same_name_and_birth_date(made, full, bank, configure, told, joins):  # noqa: F811
    configure(audience="both", strong=False)
    browser = invited(made, full)
    known_at(bank.issuer, **OWN | told)

    assert through(browser).status_code == (302 if joins else 403)
    assert ClientAccount.objects.exists() == joins


def test_a_link_that_was_only_looked_at_ties_nobody_who_signs_in_next(made, full, bank):
    invite(made, full, local_reason="", local_text="")
    known_at(bank.issuer, **OWN)
    browser = Browser()
    browser.get(last_address())

    assert through(browser).status_code == 403
    assert not ClientAccount.objects.exists()


def test_press_goes_on_as_a_post_to_a_service_that_exists_for_clients(made, full, bank, configure):  # noqa: F811
    invite(made, full, local_reason="", local_text="")
    browser = Browser()

    assert leave(browser, press(browser).headers["Location"], next=PAGE).startswith(bank.issuer)
    assert (press(browser).status_code, [browser.post(last_address(), {"provider": name}).status_code for name in ("muu", "")]) == (307, [422, 422])
    configure(audience="staff")
    assert press(Browser()).status_code == 422


def test_an_identity_that_was_linked_before_joining_opens_nothing(made, full, configure, house):  # noqa: F811
    """Whoever reads the mailbox has an account with somebody else's strong identity already."""
    configure(audience="both", strong=True, mail_domains=(MAIL.partition("@")[2],))
    create_verified_user(by=None, email=MAIL, name="Toinen", password=None, language="fi")
    invite(made, full, local_reason="", local_text="")
    known_at(house.issuer, sub="toinen", email=MAIL, family_name="Toinen", birthdate="1955-01-01")
    browser = Browser()
    through(browser, "toinen")

    browser.post(last_address())

    assert (ClientAccount.objects.exists(), browser.get(PAGE).status_code) == (False, 404)
