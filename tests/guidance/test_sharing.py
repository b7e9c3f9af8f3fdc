"""What a client shares by a link: what it shows, whom it tells, and every way in which it shows nothing."""
import hashlib
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from guidance.actions.clients import protect_client
from guidance.actions.merging import merge_pathways
from guidance.actions.sharing import a_year_after, make_link, open_shared, revoke_link
from guidance.choices import LogAction, Purpose, SharedSection
from guidance.models import AccessLog, ShareLink, ShareOpening, WorkplacePeriod
from guidance.models.log import NOBODY
from guidance.queries.sharing import find_shared, shared_parts
from tests.guidance.factories import days_from_now, make_option, make_pathway, make_workplace, new_client
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.web import counted, logged, sign_in, told

NAME, GIVEN, GOAL, LABEL, EMPLOYER = "Sukunimimerkki", "Etunimimerkki", "Tavoitemerkki", "Työnantajamerkki", "Paikkamerkki"
ALL = SharedSection.values


@pytest.fixture
def full(made):
    return make_pathway(made, client=new_client(family_name=NAME, given_names=GIVEN), goal=GOAL)


@pytest.fixture
def account(full):
    return make_account(full.client)


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


def shared(account, pathway, **fields) -> tuple[ShareLink, str]:
    values = {"label": LABEL, "sections": ALL, "starts_on": days_from_now(0), "ends_on": days_from_now(30)} | fields
    return make_link(by_user=account.user, pathway=pathway, **values)


def address(key: str) -> str:
    return reverse("guidance:share_open", args=[key])


# What it shows ------------------------------------------------------------------------------------


def test_link_by_itself_shows_and_consumes_nothing(full, account):
    _link, key = shared(account, full)

    answer = Browser().get(address(key))

    words = answer.content.decode()
    assert (answer.status_code, [mark for mark in (NAME, GIVEN, GOAL, LABEL, full.pseudonym) if mark in words]) == (200, [])
    assert (ShareOpening.objects.count(), logged()) == (0, [])


def test_opened_link_shows_the_chosen_without_who_it_is_and_is_logged(made, full, account):
    _link, key = shared(account, full)
    make_workplace(full, made.anna, make_option(full, made.anna, "started"))
    WorkplacePeriod.objects.update(employer=EMPLOYER)

    answer = Browser().post(address(key))

    words = answer.content.decode()
    assert (answer.status_code, [mark for mark in (NAME, GIVEN, LABEL, EMPLOYER, full.pseudonym, made.anna.user.name, made.anna.user.email) if mark in words]) == (200, [])
    assert GOAL in words
    assert ("no-store" in answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"].split(",")[0]) == (True, "noindex")
    assert logged() == [(LogAction.LINK, "guidance:share_open", [full.pseudonym])]
    log = AccessLog.objects.get()
    assert (log.user_id, log.organisation_id, log.purpose, ShareOpening.objects.count()) == (NOBODY, None, Purpose.SHARED, 1)


def test_opened_page_names_no_outside_address(full, account):
    _link, key = shared(account, full)

    words = Browser().post(address(key)).content.decode()

    assert "http" not in words.replace("http://www.w3.org/", "")


@pytest.mark.parametrize("section", ALL)
def test_link_shows_the_chosen_section_alone(full, account, section):
    _link, key = shared(account, full, sections=[section])

    assert [part.section for part in Browser().post(address(key)).context["parts"]] == [section]


def test_list_of_sections_is_closed(full):
    assert shared_parts(full, ["identity", "events", "assessment", "notes"]) == []


def test_worker_who_opens_a_link_is_told_of_by_organisation(made, full, account):
    _link, key = shared(account, full)

    sign_in(made.taru).post(address(key))

    log = AccessLog.objects.get()
    assert (log.user_id, log.organisation_id) == (made.taru.user_id, made.te.pk)


# How it shows nothing -----------------------------------------------------------------------------


def revoked(link):
    revoke_link(by_user=link.pathway.client.account.user, pathway=link.pathway, link=link)


def over(link):
    ShareLink.objects.update(starts_on=days_from_now(-9), ends_on=days_from_now(-1))


def coming(link):
    ShareLink.objects.update(starts_on=days_from_now(1))


def protected(link):
    link.pathway.client.is_protected = True
    link.pathway.client.save()


def erased(link):
    link.delete()


ENDS = [revoked, over, coming, protected, erased]


@pytest.mark.parametrize("end", ENDS)
def test_link_shows_nothing_from_the_very_next_request_on(full, account, end):
    link, key = shared(account, full)
    browser = Browser()
    assert browser.post(address(key)).status_code == 200

    end(link)

    wrong = key[::-1]
    answers = [browser.get(address(key)), browser.post(address(key)), browser.get(address(wrong)), browser.post(address(wrong))]
    assert {answer.status_code for answer in answers} == {404}
    # Nobody learns which it was: byte for byte the same, but for the address itself.
    bodies = {hashlib.sha256(answer.content.replace(key.encode(), b"").replace(wrong.encode(), b"")).hexdigest() for answer in (answers[0], answers[2])}
    assert len(bodies) == 1
    assert all(answers[0].headers[name] == answers[2].headers[name] for name in answers[0].headers if name not in ("Expires", "X-Request-ID"))


def test_link_ended_between_look_and_press_is_not_opened(full, account):
    link, key = shared(account, full)
    seen = find_shared(key)
    revoked(link)

    assert (open_shared(seen), ShareOpening.objects.count()) == (None, 0)


def test_key_is_kept_as_a_digest_alone(full, account):
    _link, key = shared(account, full)

    assert ShareLink.objects.filter(key_digest=hashlib.sha256(key.encode()).hexdigest()).exists()
    assert not any(key in str(value) for value in ShareLink.objects.values_list().get())


def test_opening_is_throttled_by_link(full, account):
    _link, key = shared(account, full)
    statuses = [Browser(REMOTE_ADDR=f"10.0.0.{turn}").post(address(key)).status_code for turn in range(32)]

    assert (statuses[0], statuses[-1]) == (200, 429)


# Made and ended by the client ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"starts_on": days_from_now(-1)}, "starts_on"), ({"ends_on": a_year_after(days_from_now(0)) + timedelta(days=1)}, "ends_on"), ({"sections": []}, "sections"),
        ({"sections": ["identity"]}, "sections"), ({"starts_on": days_from_now(3), "ends_on": days_from_now(2)}, "__all__"), ({"label": ""}, "label"),
    ],
)  # fmt: skip
def test_link_is_refused(full, account, fields, field):
    with pytest.raises(ValidationError) as refusal:
        shared(account, full, **fields)

    assert (list(refusal.value.message_dict), ShareLink.objects.count()) == ([field], 0)


def test_a_year_after_the_leap_day_is_the_last_of_february():
    assert (a_year_after(date(2028, 2, 29)), a_year_after(date(2027, 3, 1))) == (date(2029, 2, 28), date(2028, 3, 1))


def test_no_link_is_made_under_non_disclosure(made, full, account):
    protect_client(by=made.anna, pathway=full, contact_address="Keksitty yhteysosoite 1")

    with pytest.raises(ValidationError, match="non-disclosure"):
        shared(account, full)


def test_links_go_with_a_merged_file(made, full, account):
    other = make_pathway(made, client=new_client(birth_date=full.client.birth_date))
    _link, key = shared(account, other)
    merge_pathways(by=made.anna, keep=full, other=other, is_same_person=True)

    assert find_shared(key).pathway == full


def test_client_makes_sees_and_ends_a_link(full, account):
    browser = sign_in_client(account)
    page = browser.get(reverse("own:share_add"))
    filled = {"label": LABEL, "sections": ["goal", "contact"], "starts_on": days_from_now(0).isoformat(), "ends_on": days_from_now(9).isoformat(), "token": page.context["form"]["token"].value()}

    preview = browser.post(reverse("own:share_add"), filled)
    assert ([part.section for part in preview.context["parts"]], ShareLink.objects.count()) == (["goal", "contact"], 0)
    made_page = browser.post(reverse("own:share_add"), filled | {"phase": "make"})
    path = made_page.context["address"].partition("example.org")[2] or made_page.context["address"]
    assert browser.post(reverse("own:share_add"), filled | {"phase": "make"}).status_code == 302, "the key is told once"
    Browser().post("/" + path.partition("://")[2].partition("/")[2] if "://" in path else path)
    [shown] = browser.get(reverse("own:share_list")).context["links"]
    assert (shown.state, shown.count) == ("works", 1)

    assert browser.post(reverse("own:share_revoke", args=[shown.link.pk])).status_code == 302
    assert browser.get(reverse("own:share_list")).context["links"][0].state == "revoked"


def test_link_of_another_client_cannot_be_ended(made, full, account):
    stranger = make_account(make_pathway(made, client=new_client()).client)
    link, _key = shared(account, full)

    assert sign_in_client(stranger).post(reverse("own:share_revoke", args=[link.pk])).status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None


def test_list_of_links_costs_the_same_however_often_they_were_opened(full, account):
    browser = sign_in_client(account)
    link, _key = shared(account, full)
    with counted() as few:
        browser.get(reverse("own:share_list"))
    for _turn in range(3):
        other, _key = shared(account, full)
        ShareOpening.objects.bulk_create(ShareOpening(link=other, at=timezone.now()) for _opening in range(12))
    with counted() as many:
        page = browser.get(reverse("own:share_list"))

    assert len(few) <= len(many) <= len(few) + 1, told(many)
    assert [(one.count, one.more) for one in page.context["links"]] == [(12, 2), (12, 2), (12, 2), (0, 0)]
    assert link.pk
