"""The invitation to the own page and the one-time link: what they tell, what a GET does, and every way of abusing them."""
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions.outbox import ATTEMPTS, record_bounce, send_due_mail
from accounts.models import AuditEvent, BouncedAddress, OutboxMessage, User
from guidance.actions.clients import name_people, protect_client
from guidance.actions.own_invitations import (
    invite_client,
    join_as_new,
    join_signed_in,
    make_appointment_link,
    resend_client_invitation,
    revoke_client_invitation,
    use_appointment_link,
)
from guidance.choices import LogAction, Purpose
from guidance.models import AccessLog, AppointmentLink, Client, ClientAccount, ClientInvitation
from guidance.models.log import NOBODY
from guidance.queries.own_next import next_appointment
from pilots.choices import ContactTask
from pilots.models import Contact
from tests.guidance.factories import make_pathway, make_shared_pathway, new_client
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.test_own import PLACE, appointment
from tests.guidance.web import logged, sign_in

MAIL, PASSWORD = "oma@example.org", "three plain words here"
NAME, GOAL = "Sukunimimerkki", "Tavoitemerkki"


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


@pytest.fixture
def full(made):
    return make_pathway(made, client=new_client(family_name=NAME), goal=GOAL)


def invite(made, pathway, **fields) -> ClientInvitation:
    return invite_client(**{"by": made.anna, "pathway": pathway, "email": MAIL, "language": "en", "now": timezone.now(), "local_reason": "no_means", "local_text": "Keksitty syy"} | fields)


def last_address(kind: str = "own_invitation") -> str:
    return re.search(r"https://[^/]+(/\S+)", OutboxMessage.objects.filter(kind=kind).latest("pk").body)[1]


def words_of(pathway) -> tuple[str, ...]:
    return (NAME, GOAL, pathway.pseudonym, pathway.client.given_names, pathway.process_owner.name_fi, pathway.partnership.name_fi, pathway.process_person.user.name)


def test_invitation_mail_tells_nothing_of_the_client(made, full):
    invite(made, full)
    mail = OutboxMessage.objects.get(kind="own_invitation")
    text = f"{mail.subject} {mail.body}"

    assert mail.to_email == MAIL
    assert [word for word in (*words_of(full), "client", "employ", "study", "studies", "work and") if word in text] == []
    key = last_address().rstrip("/").rpartition("/")[2]
    assert key not in "".join(f"{row.key_hash} {row.pk}" for row in ClientInvitation.objects.all())


def test_invitation_get_shows_nothing_and_consumes_nothing(made, full):
    invite(made, full)
    pages = [Browser().get(last_address()) for _turn in range(5)]

    assert {page.status_code for page in pages} == {200}
    assert [word for word in (*words_of(full), MAIL) if word in pages[0].content.decode()] == []
    assert (ClientInvitation.objects.get().used_at, logged(), User.objects.filter(email=MAIL).exists()) == (None, [], False)


def test_client_joins_and_sees_nothing_before_a_second_factor(made, full):
    invite(made, full)
    browser = Browser()

    answer = browser.post(last_address(), {"password": PASSWORD})
    page = browser.get("/en/my-path/")

    account = ClientAccount.objects.get()
    assert (answer.headers["Location"], account.client, account.user.email, account.user.name, account.local_reason) == ("/en/my-path/", full.client, MAIL, "", "no_means")
    assert (page.status_code, [word for word in words_of(full) if word in page.content.decode()]) == (403, [])
    assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    assert Browser().get(last_address()).status_code == 410
    assert ClientInvitation.objects.get().used_at is not None


def test_client_with_an_account_joins_by_signing_in(made, full):
    user = User.objects.create_user(MAIL, PASSWORD)
    EmailAddress.objects.create(user=user, email=MAIL, verified=True, primary=True)
    stranger = User.objects.create_user("vieras@example.org", PASSWORD)
    invite(made, full)
    browser, other = Browser(), Browser()
    browser.force_login(user)
    other.force_login(stranger)

    assert Browser().post(last_address(), {"password": PASSWORD}).status_code == 200
    other.post(last_address())
    assert ClientAccount.objects.count() == 0
    browser.post(last_address())
    assert ClientAccount.objects.get().user == user


def test_worker_does_not_join_with_the_account_of_the_work(made, full):
    invitation = invite(made, full)

    with pytest.raises(ValidationError):
        join_signed_in(invitation=invitation, user=made.ossi.user, now=timezone.now())


def test_sent_again_the_old_link_is_dead_and_revoked_the_new_one(made, full):
    invitation, first = invite(made, full), last_address()
    resend_client_invitation(by=made.city_people[1], pathway=full, invitation=invitation, now=timezone.now())
    second = last_address()

    assert (Browser().get(first).status_code, Browser().get(second).status_code) == (404, 200)
    revoke_client_invitation(by=made.anna, pathway=full, invitation=invitation, now=timezone.now())
    assert Browser().post(second, {"password": PASSWORD}).status_code == 410
    assert list(AuditEvent.objects.filter(verb__startswith="own_page.").order_by("pk").values_list("verb", flat=True)) == ["own_page.invited", "own_page.invited_again", "own_page.invitation_revoked"]
    invite(made, full)


@pytest.mark.parametrize("ended", ["expired", "left"])
def test_invitation_ends_with_its_time_and_with_who_stands_for_it(made, full, ended):
    invitation = invite(made, full)
    if ended == "expired":
        ClientInvitation.objects.update(expires_at=timezone.now())
    else:
        type(made.anna).objects.filter(pk=made.anna.pk).update(ended_at=timezone.now(), end_reason="left")

    assert Browser().post(last_address(), {"password": PASSWORD}).status_code == 410
    with pytest.raises(ValidationError):
        join_as_new(invitation=invitation, password=PASSWORD, language="en", now=timezone.now())


def test_invitation_is_the_process_owners(made):
    shared = make_shared_pathway(made)

    with pytest.raises(ValidationError):
        invite(made, shared, by=made.ossi)
    assert sign_in(made.ossi).get(reverse("guidance:own_invite", args=[shared.pseudonym])).status_code == 404


@pytest.mark.parametrize(
    "case, fields",
    [
        ("twice", {}),
        ("joined", {}),
        ("worker", {"email": "ossi@example.org"}),
        ("child", {}),
        ("reason without words", {"local_text": ""}),
        ("words without reason", {"local_reason": ""}),
    ],
)
def test_invitation_is_refused(made, full, case, fields):
    if case == "twice":
        invite(made, full)
    if case == "joined":
        make_account(full.client)
    if case == "worker":
        EmailAddress.objects.create(user=made.ossi.user, email="ossi@example.org", verified=True)
    if case == "child":
        Client.objects.filter(pk=full.client_id).update(birth_date=timezone.localdate() - timedelta(days=16 * 365))
    before = ClientInvitation.objects.count()

    with pytest.raises(ValidationError):
        invite(made, full, **fields)
    assert ClientInvitation.objects.count() == before


def test_invitation_to_an_address_that_mails_come_back_from_is_refused(made, full):
    record_bounce(email=MAIL, reason="550")

    page = sign_in(made.anna).post(reverse("guidance:own_invite", args=[full.pseudonym]), {"email": MAIL.upper(), "language": "fi", "local_reason": "", "local_text": ""})

    assert (page.status_code, list(page.context["form"].errors), ClientInvitation.objects.exists()) == (422, ["email"], False)


def test_invitation_under_non_disclosure_is_for_those_who_are_named(made, full):
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")
    page = sign_in(made.anna).get(reverse("guidance:own_invite", args=[full.pseudonym]))

    assert (page.status_code, b'class="note danger"' in page.content) == (200, True)
    name_people(by=made.anna, pathway=full, people=[made.city_people[1]])
    with pytest.raises(ValidationError):
        invite(made, full)
    assert sign_in(made.anna).get(reverse("guidance:own_invite", args=[full.pseudonym])).status_code == 404


def test_counsellor_invites_sends_again_and_revokes_on_the_page(made, full):
    browser, page = sign_in(made.anna), reverse("guidance:own_access", args=[full.pseudonym])
    sent = browser.post(reverse("guidance:own_invite", args=[full.pseudonym]), {"email": MAIL, "language": "sv", "local_reason": "other", "local_text": "Keksitty syy"})

    assert (sent.status_code, sent.headers["Location"], OutboxMessage.objects.get(kind="own_invitation").language) == (302, page, "sv")
    assert browser.get(page).context["why"] == ""
    browser.post(reverse("guidance:own_resend", args=[full.pseudonym]))
    browser.post(reverse("guidance:own_revoke", args=[full.pseudonym]))
    assert (browser.get(page).context["why"], OutboxMessage.objects.count()) == ("revoked", 2)


def test_join_is_limited_by_address(made, full):
    invite(made, full)

    assert [Browser().get(last_address()).status_code for _turn in range(61)][-2:] == [200, 429]


def test_appointment_link_shows_the_next_appointment_once_and_no_name(made, full):
    step = appointment(made, full)
    paper = sign_in(made.anna).post(reverse("guidance:own_link", args=[full.pseudonym]), {"way": "print", "language": "en"})
    address = re.search(r"https://[^/]+(/\S+?)<", paper.content.decode())[1]
    closed = Browser().get(address)

    assert (closed.status_code, AppointmentLink.objects.get().opened_at) == (200, None)
    opened = Browser().post(address)
    text = opened.content.decode()
    assert (opened.status_code, opened.context["found"].appointment) == (200, step)
    assert [word for word in (NAME, GOAL, full.pseudonym, full.client.given_names, "Tapaamismerkki") if word in closed.content.decode() + text] == []
    assert (PLACE in text, made.anna.user.name in text) == (True, True)
    log = AccessLog.objects.filter(action=LogAction.LINK).get()
    assert (log.user_id, log.purpose, log.page) == (NOBODY, Purpose.OWN, "own:appointment")
    assert [Browser().post(address).status_code, Browser().get(address).status_code] == [410, 410]


def test_appointment_link_by_mail_tells_nothing_and_grows_old(made, full):
    make_appointment_link(by=made.anna, pathway=full, now=timezone.now() - timedelta(days=15), email=MAIL, language="en")
    mail = OutboxMessage.objects.get(kind="own_appointment")

    assert [word for word in words_of(full) if word in f"{mail.subject} {mail.body}"] == []
    assert Browser().post(last_address("own_appointment")).status_code == 410


def test_appointment_link_leaves_the_place_out_under_non_disclosure(made, full):
    appointment(made, full)
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")
    _link, address = make_appointment_link(by=made.anna, pathway=full, now=timezone.now(), language="en")

    opened = Browser().post(urlsplit(address).path)
    assert (opened.context["found"].appointment is not None, PLACE in opened.content.decode()) == (True, False)


@pytest.mark.parametrize("kind", ["link", "own page"])
def test_next_appointment_under_non_disclosure_tells_no_organisation_and_no_number(made, full, kind):
    appointment(made, full)
    Contact.objects.create(organisation=made.city, task=ContactTask.GUIDANCE, name="Keksitty neuvonta", phone="040 999 888", confirmed_on=timezone.localdate())
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")
    if kind == "link":
        page = Browser().post(urlsplit(make_appointment_link(by=made.anna, pathway=full, now=timezone.now(), language="en")[1]).path)
    else:
        page = sign_in_client(make_account(full.client, known=False)).get("/en/my-path/")

    text = page.content.decode()
    assert (page.context["found"].contact, made.anna.user.name in text) == (made.anna, True)
    assert [word for word in (made.city.name, made.anna.user.email, "tel:", PLACE) if word in text] == []


def test_appointment_under_non_disclosure_names_somebody_who_is_named(made, full):
    appointment(made, full)
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")
    name_people(by=made.anna, pathway=full, people=[made.city_people[1]])

    assert next_appointment([full.pk], timezone.now()).contact == made.city_people[1]


def test_mailed_links_end_when_non_disclosure_begins(made, full):
    invite(made, full)
    _link, address = make_appointment_link(by=made.anna, pathway=full, now=timezone.now(), email=MAIL)
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")

    assert not ClientInvitation.objects.open().exists()
    assert (Browser().post(urlsplit(address).path).status_code, Browser().post(last_address(), {"password": PASSWORD}).status_code) == (410, 410)


@pytest.mark.parametrize("gone", ["membership", "account"])
def test_appointment_link_dies_with_who_made_it(made, full, gone):
    link, address = make_appointment_link(by=made.anna, pathway=full, now=timezone.now())
    if gone == "membership":
        type(made.anna).objects.filter(pk=made.anna.pk).update(ended_at=timezone.now(), end_reason="left")
    else:
        User.objects.filter(pk=made.anna.user_id).update(is_active=False)

    assert (Browser().get(urlsplit(address).path).status_code, Browser().post(urlsplit(address).path).status_code) == (410, 410)
    with pytest.raises(ValidationError):
        use_appointment_link(link=link, now=timezone.now())


def test_open_appointment_links_are_listed_and_revoked(made, full):
    link, address = make_appointment_link(by=made.anna, pathway=full, now=timezone.now())
    make_appointment_link(by=made.anna, pathway=full, now=timezone.now() - timedelta(days=15))
    browser, page = sign_in(made.city_people[1]), reverse("guidance:own_access", args=[full.pseudonym])
    revoke = reverse("guidance:own_link_revoke", args=[full.pseudonym, link.pk])

    assert browser.get(page).context["links"] == [link]
    assert [browser.post(revoke).headers["Location"] for _turn in range(2)] == [page, page]
    assert (Browser().post(urlsplit(address).path).status_code, browser.get(page).context["links"]) == (410, [])
    assert AuditEvent.objects.filter(verb="own_page.appointment_link_revoked").count() == 1


def test_mailed_appointment_link_leaves_no_address_in_the_outbox(made, full, mailoutbox):
    make_appointment_link(by=made.anna, pathway=full, now=timezone.now(), email="toinen@example.org")
    send_due_mail(timezone.now())

    assert mailoutbox[0].to == ["toinen@example.org"]
    assert OutboxMessage.objects.values_list("to_email", "body", "last_error").get() == ("", "", "")


@pytest.mark.parametrize("backend", ["Refusing550", "Refusing450"])
def test_appointment_link_that_never_went_leaves_no_address_either(made, full, settings, backend):
    settings.EMAIL_BACKEND = f"tests.accounts.backends.{backend}"
    make_appointment_link(by=made.anna, pathway=full, now=timezone.now(), email="toinen@example.org")
    for day in range(ATTEMPTS + 1):
        send_due_mail(timezone.now() + timedelta(days=day))

    assert OutboxMessage.objects.exclude(given_up_at=None).values_list("to_email", "body", "last_error").get() == ("", "", "")
    assert not BouncedAddress.objects.exists()


def test_invitation_is_not_sent_again_to_an_address_that_mails_come_back_from(made, full):
    invite(made, full)
    browser, page = sign_in(made.anna), reverse("guidance:own_access", args=[full.pseudonym])
    again = reverse("guidance:own_resend", args=[full.pseudonym])
    assert again in browser.get(page).content.decode()
    record_bounce(email=MAIL, reason="550")
    before = ClientInvitation.objects.get()

    shown, said = browser.get(page), browser.post(again, follow=True)

    assert (b'class="note danger"' in shown.content, again in shown.content.decode(), [one.level_tag for one in said.context["messages"]]) == (True, False, ["error"])
    assert (ClientInvitation.objects.get().key_hash, OutboxMessage.objects.count()) == (before.key_hash, 1)
