"""What a client sees of who has read and who may, and what a consent that is taken back or over leaves."""
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone, translation

from guidance.actions import expiry
from guidance.actions.consents import withdraw_own_consent
from guidance.actions.reading_rules import set_reader_naming
from guidance.actions.sharing import make_link
from guidance.actions.timeline import add_step
from guidance.choices import ConsentEnd, DisclosureBasis, EventKind, HandoffState, LogAction, Purpose, StepKind
from guidance.models import AccessLog, AccessLogSubject, Consent, Event, Handoff, NextStep, OutsideLink, Pathway, PathwayAlias
from guidance.queries.outside import link_token
from guidance.queries.own_readings import PAGES
from pilots.choices import Role
from tests.guidance.factories import accept, days_from_now, make_counsellor, make_handoff, make_pathway, meet, new_client
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.web import counted, sign_in, told

BY_CONSENT = {"basis": DisclosureBasis.CONSENT, "basis_statute": "", "consented_on": days_from_now(0)}


@pytest.fixture
def pathway(made):
    """The college takes part by consent, TE services by law; a body outside has been told by consent."""
    pathway = make_pathway(made, client=new_client())
    meet(accept(make_handoff(made, pathway, **BY_CONSENT), made.ossi), made.ossi)
    accept(make_handoff(made, pathway, to=made.te), made.taru)
    make_handoff(made, pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org", **BY_CONSENT)
    return type(pathway).objects.get(pk=pathway.pk)


@pytest.fixture
def account(pathway):
    return make_account(pathway.client)


@pytest.fixture(autouse=True)
def _new_day(db):
    cache.clear()
    expiry._ended.clear()
    yield
    expiry._ended.clear()


def read(pathway, *, by=None, action=LogAction.VIEW, page="guidance:pathway_detail", **fields) -> AccessLog:
    values = {"at": timezone.now(), "user_id": by.user_id if by else 0, "organisation_id": by.organisation_id if by else None, "purpose": Purpose.GUIDANCE, "request_id": uuid4()} | fields
    log = AccessLog.objects.create(action=action, page=page, **values)
    AccessLogSubject.objects.create(log_id=log.pk, pseudonym=pathway.pseudonym)
    return log


def rows(account, **asked):
    return sign_in_client(account).get("/en/my-path/readers/", asked).context["page"].rows


# Who has read -------------------------------------------------------------------------------------


def test_reading_is_told_by_organisation_without_own_visits_and_names(made, pathway, account):
    read(pathway, by=made.taru)
    read(pathway, by=made.anna, page="guidance:pathway_export", action=LogAction.EXPORT)
    read(pathway, page="guidance:outside_answer", action=LogAction.LINK, purpose=Purpose.HANDOFF, basis="consent")
    read(pathway, page="guidance:share_open", action=LogAction.LINK, purpose=Purpose.SHARED)
    read(pathway, page="own:path", action=LogAction.OWN, purpose=Purpose.OWN, user_id=account.user_id)
    read(pathway, page="guidance:share_open", action=LogAction.LINK, user_id=account.user_id)
    read(make_pathway(made), by=made.anna)

    assert [(row.organisation, row.person) for row in rows(account)] == [("", ""), ("", ""), (made.city.name, ""), (made.te.name, "")]
    assert [row.page for row in rows(account)] == ["what you shared by a link", "a request about you, by its link", "everything that is kept of you", "your file"]


def test_ground_is_the_one_of_that_time(made, pathway, account):
    read(pathway, by=made.ossi)
    read(pathway, by=made.taru, action=LogAction.REFUSAL)
    read(pathway, by=made.anna, purpose=Purpose.LEAD)
    withdraw_own_consent(by_user=account.user, pathway=pathway, organisation=made.college)
    read(pathway, by=made.ossi, at=timezone.now() + timedelta(minutes=1))

    after, lead, refused, before = (row.ground for row in rows(account))
    assert ("consent" in before, after, refused, bool(lead)) == (True, "", "Nothing was shown.", True)


def test_readers_are_named_only_where_their_organisation_has_chosen_so(made, pathway, account):
    read(pathway, by=made.taru)
    read(pathway, by=made.anna)
    set_reader_naming(by=make_counsellor(made.te, Role.DATA_PROTECTION_OFFICER), shows_names=True)

    assert [row.person for row in rows(account)] == ["", made.taru.user.name]


def test_what_was_read_under_a_merged_identifier_is_there_too(made, pathway, account):
    PathwayAlias.objects.create(pseudonym="2222-3333", pathway=pathway, merged_at=timezone.now(), by=made.anna)
    log = read(pathway, by=made.anna)
    AccessLogSubject.objects.create(log_id=read(make_pathway(made), by=made.taru).pk, pseudonym="2222-3333")

    assert [row.organisation for row in rows(account)] == [made.te.name, made.city.name]
    assert log.pk


def test_pages_go_on_from_a_row_and_cost_the_same(made, pathway, account):
    browser, address = sign_in_client(account), reverse("own:reading_list")
    read(pathway, by=made.anna)
    browser.get(address)
    with counted() as few:
        browser.get(address)
    for _turn in range(30):
        read(pathway, by=made.taru)
    with counted() as many:
        first = browser.get(address).context["page"]
    second = browser.get(address, {"after": first.after}).context["page"]

    assert len(few) == len(many) <= 18, told(many)
    assert (len(first.rows), len(second.rows), first.count) == (25, 6, 31)
    assert browser.get(address, {"before": second.before}).context["page"].rows == first.rows


def test_handoffs_are_told_with_their_ground(made, pathway, account):
    found = sign_in_client(account).get(reverse("own:reading_list")).context["told"]

    assert [(one.sender, one.receiver) for one in found] == [(made.city.name, "Keksitty paja"), (made.city.name, made.te.name), (made.city.name, made.college.name)]


def test_beginnings_of_pages_stand_before_the_shorter_ones():
    names = [name for name, _words in PAGES]

    assert [(name, other) for index, name in enumerate(names) for other in names[index + 1 :] if other.startswith(name)] == []


# Who may, and a consent taken back ------------------------------------------------------------------


def test_page_says_body_by_body_what_rests_on_law(made, pathway, account):
    bodies = sign_in_client(account).get(reverse("own:access_list")).context["bodies"]

    assert [(body.name, body.rests_on_law, body.may_withdraw) for body in bodies] == [(made.city.name, True, False), (made.college.name, False, True), (made.te.name, True, False), ("Keksitty paja", False, True)]


def addresses(pathway, handoff: Handoff) -> list[str]:
    """What whoever takes part reads of the pathway: pages, lists, downloads, documents and a link."""
    one = ("pathway_detail", "pathway_timeline", "pathway_text", "pathway_plain_text", "pathway_print", "pathway_export", "pathway_export_print", "pathway_grounds", "pathway_log", "option_compare", "handoff_send", "attachment_add", "step_add")
    step = NextStep.objects.filter(pathway=pathway, kind=StepKind.APPOINTMENT).latest("pk")
    return [
        *(reverse(f"guidance:{name}", args=[pathway.pseudonym]) for name in one),
        *(reverse(f"guidance:{name}", args=[pathway.pseudonym, step.pk]) for name in ("step_change", "step_text", "step_print", "step_calendar")),
        reverse("guidance:handoff_detail", args=[handoff.pk]),
    ]  # fmt: skip


def withdrawn(made, pathway, account):
    browser = sign_in_client(account)
    assert browser.get(reverse("own:consent_withdraw", args=[made.college.pk])).status_code == 200
    assert browser.post(reverse("own:consent_withdraw", args=[made.college.pk])).status_code == 302


def over(made, pathway, account):
    """Its last day was yesterday, and nothing has run since."""
    Consent.objects.filter(organisation=made.college).update(given_on=days_from_now(-9), valid_until=days_from_now(-1))
    expiry._ended.clear()


@pytest.mark.parametrize("end", [withdrawn, over])
def test_nothing_is_seen_from_the_very_next_request_on(made, pathway, account, end, nobody_lost):
    add_step(by=made.ossi, pathway=pathway, responsible=made.ossi, kind=StepKind.APPOINTMENT, what="Tapaaminen", starts_at=timezone.now() + timedelta(days=2), due_on=None)
    handoff = Handoff.objects.get(to_organisation=made.college)
    browser, asked = sign_in(made.ossi), addresses(pathway, handoff)
    assert {address: browser.get(address).status_code for address in asked} == dict.fromkeys(asked, 200)
    assert pathway.pseudonym in browser.get(reverse("guidance:client_list")).content.decode()

    end(made, pathway, account)

    # In each order: whichever is the first request, it shows nothing.
    assert pathway.pseudonym not in browser.get(reverse("guidance:client_list")).content.decode()
    assert {address: browser.get(address).status_code for address in asked} == dict.fromkeys(asked, 404)
    assert pathway.pseudonym not in browser.post(reverse("guidance:client_search"), {"name": pathway.client.family_name, "birth_date": ""}).content.decode()
    assert [sign_in(person).get(asked[0]).status_code for person in (made.anna, made.taru)] == [200, 200], "what rests on law goes on"
    nobody_lost()


@pytest.mark.parametrize("number", range(18))
def test_each_address_is_closed_as_the_first_request_after_the_last_day(made, pathway, account, number):
    add_step(by=made.ossi, pathway=pathway, responsible=made.ossi, kind=StepKind.APPOINTMENT, what="Tapaaminen", starts_at=timezone.now() + timedelta(days=2), due_on=None)
    address = addresses(pathway, Handoff.objects.get(to_organisation=made.college))[number]
    browser = sign_in(made.ossi)
    over(made, pathway, account)

    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("is_over", [False, True])
def test_link_of_a_body_outside_ends_with_its_consent(made, pathway, account, is_over):
    link = OutsideLink.objects.get(handoff__to_outside="Keksitty paja")
    address = reverse("guidance:outside_answer", args=[link_token(link)])
    assert Browser().get(address).status_code == 200

    consent = Consent.objects.get(organisation=None)
    if is_over:
        Consent.objects.filter(pk=consent.pk).update(given_on=days_from_now(-9), valid_until=days_from_now(-1))
        expiry._ended.clear()
    else:
        sign_in_client(account).post(reverse("own:consent_withdraw_outside", args=[consent.pk]))

    assert Browser().post(address, {"press": "open"}).status_code == 410


def test_withdrawal_by_the_client_is_on_the_timeline_and_twice_is_once(made, pathway, account):
    for _turn in range(2):
        withdraw_own_consent(by_user=account.user, pathway=pathway, organisation=made.college)

    consent = Consent.objects.get(organisation=made.college)
    assert (consent.end, consent.ended_by) == (ConsentEnd.WITHDRAWN, None)
    assert Event.objects.filter(kind=EventKind.CONSENT, detail__own=True).count() == 1


def test_expiry_is_on_the_timeline_and_takes_open_hand_offs_back(made, pathway, account):
    Consent.objects.filter(organisation=None).update(given_on=days_from_now(-9), valid_until=days_from_now(-1))

    assert (expiry.end_expired_consents(timezone.now()), expiry.end_expired_consents(timezone.now())) == (1, 0)
    assert Handoff.objects.get(to_outside="Keksitty paja").state == HandoffState.WITHDRAWN
    assert Event.objects.filter(kind=EventKind.CONSENT, detail__consent="expired").count() == 1


def test_last_day_is_a_whole_day(made, pathway, account):
    Consent.objects.filter(organisation=made.college).update(valid_until=days_from_now(0))

    assert expiry.end_expired_consents(timezone.now()) == 0


def test_first_request_of_a_day_looks_and_the_later_ones_do_not(made, pathway):
    browser = sign_in(made.ossi)
    address = reverse("guidance:pathway_detail", args=[pathway.pseudonym])
    browser.get(address)
    with counted() as usual:
        browser.get(address)
    expiry._ended.clear()
    with counted() as first:
        browser.get(address)

    assert len(first) == len(usual) + 1, told(first)


def test_withdrawn_consent_costs_no_request_more_than_one_query(made, pathway, account):
    add_step(by=made.ossi, pathway=pathway, responsible=made.ossi, kind=StepKind.APPOINTMENT, what="Tapaaminen", starts_at=timezone.now() + timedelta(days=2), due_on=None)
    pages = [*addresses(pathway, Handoff.objects.get(to_organisation=made.college)), *(reverse(f"guidance:{name}") for name in ("client_list", "waiting", "handoff_list"))]
    own = [reverse(f"own:{name}") for name in ("path", "written", "reading_list", "access_list", "share_list")]
    asked = [(browser, page) for browser, some in ((sign_in(made.anna), pages), (sign_in(made.ossi), pages), (sign_in_client(account), own)) for page in some]

    def costs() -> list[int]:
        found = []
        for browser, page in asked:
            browser.get(page)
            with counted() as statements:
                browser.get(page)
            found.append(len(statements))
        return found

    before = costs()
    withdraw_own_consent(by_user=account.user, pathway=pathway, organisation=made.college)
    assert [(page, few, many) for (_browser, page), few, many in zip(asked, before, costs(), strict=True) if many > few + 1] == []


def test_client_withdraws_nothing_that_rests_on_law_or_is_anothers(made, pathway, account):
    browser = sign_in_client(account)
    stranger = sign_in_client(make_account(make_pathway(made, client=new_client()).client))

    assert [browser.post(reverse("own:consent_withdraw", args=[one.pk])).status_code for one in (made.city, made.te)] == [404, 404]
    assert stranger.post(reverse("own:consent_withdraw", args=[made.college.pk])).status_code == 404
    assert stranger.post(reverse("own:consent_withdraw_outside", args=[Consent.objects.get(organisation=None).pk])).status_code == 404
    assert Consent.objects.in_force().count() == 2


def test_client_takes_back_and_ends_what_was_shared_while_the_use_is_restricted(made, pathway, account):
    link, key = make_link(by_user=account.user, pathway=pathway, label="a", sections=["goal"], starts_on=days_from_now(0), ends_on=days_from_now(3))
    Pathway.objects.filter(pk=pathway.pk).update(restricted_at=timezone.now(), restricted_by=made.anna)
    browser = sign_in_client(account)

    assert Browser().post(reverse("guidance:share_open", args=[key])).status_code == 404
    assert {browser.post(reverse(name, args=[pk])).status_code for name, pk in (("own:share_revoke", link.pk), ("own:consent_withdraw", made.college.pk))} == {302}
    link.refresh_from_db()
    assert (link.revoked_at is not None, Consent.objects.in_force().filter(organisation=made.college).exists()) == (True, False)


def test_account_page_leads_to_the_settings_about_clients_data_and_to_the_own_page(made, account):
    with translation.override("en"):
        names, provisions, close = (reverse(name) for name in ("guidance:reader_naming", "guidance:legal_list", "own:close"))
    people = {"officer": sign_in(make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)), "counsellor": sign_in(made.anna), "client": sign_in_client(account)}

    found = {name: [address in browser.get("/en/account/").content.decode() for address in (names, provisions, close)] for name, browser in people.items()}
    assert found == {"officer": [True, False, False], "counsellor": [False, False, False], "client": [False, False, True]}
    assert [close in browser.get("/en/privacy/").content.decode() for browser in (people["client"], people["officer"], Browser())] == [True, False, False]


def test_client_is_offered_no_roles_and_nothing_of_the_work(made, account):
    browser = sign_in_client(account)
    page, choices = browser.get("/en/account/"), browser.get("/en/account/notifications/choices/").content.decode()

    assert [reverse("pilots:join_ask") in one for one in (page.content.decode(), sign_in(made.anna).get("/en/account/").content.decode())] == [False, True]
    assert [words in choices for words in ("Answers on your own page", "New services that match your saved searches", "Your own roles")] == [True, False, False]
