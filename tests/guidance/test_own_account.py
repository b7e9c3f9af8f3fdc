"""A client's account when it has been going on: a lost second factor, and the account's end."""
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage, PortalSession, User
from guidance.actions import own_account
from guidance.actions.clients import name_people, protect_client
from guidance.actions.erasure import apply_erasures
from guidance.actions.own_account import close_own_account, find_way_back, give_way_back, use_way_back
from guidance.actions.own_entries import answer_entry, write_entry
from guidance.choices import EntryKind, IdentityCheck, LogAction
from guidance.models import AccessLog, ClientAccount, ClientEntry, ClientInvitation, ErasedRecord, Pathway, ShareLink
from pilots.choices import Role
from pilots.models import Membership
from tests.guidance.factories import make_pathway, make_shared_pathway, new_client
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.web import logged, sign_in

PASSWORD = "three plain words here"


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


@pytest.fixture
def account(pathway) -> ClientAccount:
    """With a password, and a second factor and codes that have been lost."""
    account = make_account(pathway.client)
    account.user.set_password(PASSWORD)
    account.user.save()
    Authenticator.objects.create(user=account.user, type=Authenticator.Type.TOTP, data={})
    RecoveryCodes.activate(account.user)
    return account


def way_back(made, pathway, **fields) -> str:
    """Its key."""
    address = give_way_back(**{"by": made.anna, "pathway": pathway, "check": IdentityCheck.DOCUMENT, "language": "en"} | fields)
    return address.rstrip("/").rpartition("/")[2]


def has_factors(account) -> bool:
    return Authenticator.objects.filter(user=account.user).exists()


# A lost second factor ------------------------------------------------------------------------------


def test_client_comes_back_with_the_paper_and_the_password(made, pathway, account):
    lost = sign_in_client(account)
    paper = sign_in(made.anna).post(reverse("guidance:own_way_back", args=[pathway.pseudonym]), {"check": IdentityCheck.DOCUMENT, "language": "en"})
    address = re.search(r"https://[^/]+(/en/my-path/back/\S+?)<", paper.content.decode())[1]
    browser = Browser()

    assert (browser.get(address).status_code, has_factors(account)) == (200, True)
    refused = browser.post(address, {"password": "not the password"})
    assert (refused.status_code, has_factors(account)) == (422, True)
    answer = browser.post(address, {"password": PASSWORD})

    assert (answer.headers["Location"], has_factors(account)) == ("/en/my-path/", False)
    page = browser.get("/en/my-path/")
    assert (page.status_code, [template.name for template in page.templates][0]) == (403, "guidance/own_second_factor.html")
    assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    assert (lost.get("/en/my-path/").status_code, browser.post(address, {"password": PASSWORD}).status_code) == (302, 404)
    assert list(AuditEvent.objects.filter(verb__startswith="own_page.").order_by("pk").values_list("verb", flat=True)) == ["own_page.way_back_given", "own_page.way_back_refused", "own_page.way_back_used"]
    assert list(OutboxMessage.objects.order_by("pk").values_list("kind", "to_email")) == [("account_notice", account.user.email)] * 2


def test_way_back_shows_nothing_of_anybody(made, account):
    pathway = Pathway.objects.get(client=account.client)
    page = Browser().get(f"/en/my-path/back/{way_back(made, pathway)}/").content.decode()

    assert [word for word in (pathway.client.family_name, pathway.client.given_names, pathway.pseudonym, account.user.email, made.city.name) if word in page] == []
    assert logged() == []


@pytest.mark.parametrize("ended", ["too old", "membership", "made up", "changed since", "works here since", "protected since"])
def test_way_back_ends(made, pathway, account, ended, monkeypatch):
    key = way_back(made, pathway)
    assert find_way_back(key) == account
    if ended == "too old":
        monkeypatch.setattr(own_account, "WAY_BACK_VALID_FOR", timedelta(seconds=-1))
    elif ended == "membership":
        Membership.objects.filter(pk=made.anna.pk).update(ended_at=timezone.now(), end_reason="left")
    elif ended == "made up":
        key = f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}"
    elif ended == "works here since":
        Membership.objects.create(user=account.user, organisation=made.college, role=Role.COUNSELLOR, started_at=timezone.now())
    elif ended == "protected since":
        protect_client(by=made.city_people[1], pathway=pathway, contact_address="PL 1")
        name_people(by=made.city_people[1], pathway=pathway, people=[made.city_people[1]])
    else:
        Authenticator.objects.create(user=account.user, type=Authenticator.Type.WEBAUTHN, data={})

    assert Browser().post(f"/en/my-path/back/{key}/", {"password": PASSWORD}).status_code == 404
    with pytest.raises(ValidationError):
        use_way_back(key=key, password=PASSWORD, now=timezone.now())
    assert has_factors(account)


@pytest.mark.parametrize("case", ["other organisation", "not named", "no check", "no second factor", "no account", "works here"])
def test_way_back_is_refused(made, case):
    pathway = make_shared_pathway(made, client=new_client())
    if case != "no account":
        account = make_account(pathway.client)
        if case != "no second factor":
            Authenticator.objects.create(user=account.user, type=Authenticator.Type.TOTP, data={})
    if case == "works here":
        Membership.objects.create(user=account.user, organisation=made.college, role=Role.COUNSELLOR, started_at=timezone.now())
    if case == "not named":
        protect_client(by=made.anna, pathway=pathway, contact_address="PL 1")
        name_people(by=made.anna, pathway=pathway, people=[made.city_people[1]])
    fields = {"other organisation": {"by": made.ossi}, "no check": {"check": "by telephone"}}.get(case, {})

    with pytest.raises(ValidationError):
        way_back(made, pathway, **fields)
    assert not AuditEvent.objects.filter(verb="own_page.way_back_given").exists()


def test_passwords_are_guessed_ten_times_at_most(made, pathway, account):
    address = f"/en/my-path/back/{way_back(made, pathway)}/"

    assert [Browser().post(address, {"password": "wrong words here"}).status_code for _turn in range(11)] == [422] * 10 + [429]


# The account's end ---------------------------------------------------------------------------------


def test_client_closes_the_own_page_and_the_guidance_goes_on(made, pathway, account, nobody_lost):
    entry = write_entry(account=account, pathway=pathway, kind=EntryKind.QUESTION, text="Asiakkaan sanat", now=timezone.now())
    ShareLink.objects.create(pathway=pathway, label="Keksitty", sections=["goal"], key_digest="0" * 64, starts_on=timezone.localdate(), ends_on=timezone.localdate(), made_at=timezone.now())
    OutboxMessage.objects.create(kind="own_answered", to_email=account.user.email, language="fi", subject="Uutta", created_at=timezone.now(), due_at=timezone.now())
    browser, address = sign_in_client(account), reverse("own:close")
    other = sign_in_client(account)

    assert (browser.get(address).status_code, browser.post(address, {}).status_code, ClientAccount.objects.count()) == (200, 422, 1)
    answer = browser.post(address, {"sure": "on"})

    assert (answer.status_code, answer.headers["Clear-Site-Data"], browser.get("/en/my-path/").status_code, other.get("/en/my-path/").status_code) == (302, '"cache"', 302, 302)
    assert [User.objects.filter(pk=account.user_id).exists(), PortalSession.objects.usable(timezone.now()).filter(user_id=account.user_id).exists(), OutboxMessage.objects.filter(to_email=account.user.email).exists()] == [False] * 3
    assert (ShareLink.objects.get().revoked_at is not None, AccessLog.objects.filter(page="own:close", action=LogAction.OWN, user_id=account.user_id).count()) == (True, 3)
    entry = ClientEntry.objects.get(pk=entry.pk)
    assert (entry.account, entry.event.text) == (None, "Asiakkaan sanat")
    answer_entry(by=made.anna, entry=entry, text="Vastaus", now=timezone.now())
    nobody_lost()


def test_closed_page_is_told_to_the_counsellor_who_may_invite_again(made, pathway, account):
    ClientInvitation.objects.create(client=pathway.client, email=account.user.email, key_hash="a" * 64, by=made.anna, sent_at=timezone.now(), expires_at=timezone.now(), used_at=timezone.now())
    write_entry(account=account, pathway=pathway, kind=EntryKind.QUESTION, text="Asiakkaan sanat", now=timezone.now())
    close_own_account(account=account, now=timezone.now())

    page = sign_in(made.anna).get(reverse("guidance:own_access", args=[pathway.pseudonym]))
    assert (page.context["account"], page.context["why"], reverse("guidance:own_invite", args=[pathway.pseudonym]) in page.content.decode()) == (None, "used", True)
    again = make_account(pathway.client)
    assert "Asiakkaan sanat" in sign_in_client(again).get(reverse("own:written")).content.decode()


def test_closed_page_does_not_come_back_with_a_backup(pathway, account, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    joined_at, closed_at = account.joined_at, timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        close_own_account(account=account, now=closed_at)
    ErasedRecord.objects.all().delete()

    # The account of the backup, and one that the client has made since.
    ClientAccount.objects.filter(pk=make_account(pathway.client).pk).update(joined_at=joined_at)
    assert (apply_erasures(timezone.now()), ClientAccount.objects.exists()) == (1, False)
    ErasedRecord.objects.all().delete()
    ClientAccount.objects.filter(pk=make_account(pathway.client).pk).update(joined_at=closed_at + timedelta(minutes=1))
    assert (apply_erasures(timezone.now()), ClientAccount.objects.exists()) == (0, True)


def test_somebody_who_has_worked_here_keeps_the_account_of_the_work(made):
    pathway = make_pathway(made, client=new_client())
    user = made.ossi.user
    Membership.objects.filter(user=user).update(ended_at=timezone.now(), end_reason="left")
    close_own_account(account=ClientAccount.objects.create(client=pathway.client, user=user, joined_at=timezone.now()), now=timezone.now())

    assert (User.objects.filter(pk=user.pk).exists(), ClientAccount.objects.exists()) == (True, False)
