"""The whole of Kuvio 1 about one client: three organisations, a browser for each person, from registration to work.

Source: the partnership model of the City of Kuopio and Savon koulutuskuntayhtymä, "asiakas ei tipahda nivelvaiheissa".
After each step every invariant holds: nobody is ever without an owner.
"""
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from guidance.actions.ladder import climb_ladder
from guidance.choices import AssessmentCode, EndReason, HandoffState, OptionState, Outcome, Stage
from guidance.models import EducationOption, Handoff, NextStep, Pathway, StagePeriod
from guidance.queries.invariants import check_everything
from pilots.models import Membership, Organisation
from tests.guidance.factories import days_from_now, make_partnership, make_pathway
from tests.journeys.conftest import PASSWORD, code_of
from tests.journeys.test_network import fits

NARROW, WIDE = {"width": 320, "height": 720}, {"width": 1280, "height": 900}


def day(value: date) -> str:
    return f"{value.day}.{value.month}.{value.year}"


def moment(value: datetime) -> str:
    local = timezone.localtime(value)
    return f"{day(local.date())} {local.hour}.{local.minute:02}"


def nobody_is_lost(now: datetime | None = None) -> None:
    assert {finding.rule: finding.pseudonyms for finding in check_everything(now or timezone.now()) if finding.count} == {}


class Worker:
    """A counsellor at a page of their own: each page is whole, and whatever they send, nobody is lost."""

    def __init__(self, page: Page, membership: Membership) -> None:
        self.page, self.membership = page, membership
        self.main = page.locator("main")

    def sign_in(self) -> "Worker":
        """With password and the code of an authenticator app."""
        user = self.membership.user
        user.set_password(PASSWORD)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        self.open("/account/login/")
        self.write(login=user.email, password=PASSWORD)
        self.send()
        self.write(code=code_of(secret))
        self.send()
        assert "/account/" not in self.page.url, self.main.inner_text()
        return self

    def open(self, path: str) -> None:
        self.page.goto(path)
        self._look()

    def see(self, name: str, *args: object) -> None:
        """Open the page by its address."""
        self.open(reverse(f"guidance:{name}", args=args))

    def follow(self, name: str, *args: object, query: str = "") -> None:
        """Follow the link to a page that is offered on this one."""
        link = self.main.locator(f"a[href='{reverse(f'guidance:{name}', args=args)}{query}']").first
        with self.page.expect_navigation():
            link.click()
        self._look()

    def write(self, **fields: str) -> None:
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]:is(input, textarea)").fill(text)

    def tick(self, **fields: str) -> None:
        """Radio buttons and boxes."""
        for name, value in fields.items():
            self.page.locator(f"main input[name={name}][value='{value}']").check()

    def pick(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"main select[name={name}]").select_option(value)

    def press(self, words: str) -> None:
        """Press the button with these words."""
        self._act(self.main.get_by_role("button", name=re.compile(f"^{words}")))

    def send(self) -> None:
        """Press the main button of the page's form."""
        self._act(self.main.locator("form[method=post] .button-row button[type=submit]"))

    def _act(self, button: Locator) -> None:
        with self.page.expect_navigation():
            button.first.click()
        self._look()
        nobody_is_lost()

    def reads(self, *words: str) -> None:
        for text in words:
            expect(self.main).to_contain_text(text)

    def _look(self) -> None:
        assert self.page.locator("h1").count() == 1
        assert fits(self.page), f"{self.page.url} scrolls sideways"


class Client:
    """The one client, as the database knows the pathway."""

    def __init__(self, pseudonym: str) -> None:
        self.pseudonym = pseudonym

    @property
    def pathway(self) -> Pathway:
        return Pathway.objects.get(pseudonym=self.pseudonym)

    @property
    def handoff(self) -> Handoff:
        return Handoff.objects.filter(pathway__pseudonym=self.pseudonym).latest("pk")

    @property
    def responsible(self) -> tuple[Membership | None, Membership | None]:
        pathway = self.pathway
        return pathway.process_person, pathway.guidance_lead

    def option(self, title: str) -> EducationOption:
        return EducationOption.objects.get(pathway__pseudonym=self.pseudonym, title=title)

    def move(self, by: Worker, target: str, reason: str = "") -> None:
        by.see("pathway_detail", self.pseudonym)
        by.follow("pathway_move", self.pseudonym, query=f"?to={target}")
        if reason:
            by.write(reason=reason)
        if target == Stage.INTERRUPTED:
            by.pick(interruption="family")
        by.send()
        assert self.pathway.stage == target, by.main.inner_text()

    def move_option(self, by: Worker, title: str, state: str, **fields: str) -> None:
        """From the option's own page, by the link to the state that asks for more, or by its button."""
        option = self.option(title)
        by.see("pathway_detail", self.pseudonym)
        by.follow("option_change", self.pseudonym, option.pk)
        by.follow("option_move", self.pseudonym, option.pk, query=f"?target={state}")
        if benefit := fields.pop("benefit_decision", ""):
            by.tick(benefit_decision=benefit)
        by.write(**fields)
        by.send()
        assert self.option(title).state == state, by.main.inner_text()

    def hand_over(self, by: Worker, to: Organisation, reason: str) -> Handoff:
        by.see("pathway_detail", self.pseudonym)
        by.follow("handoff_send", self.pseudonym)
        by.pick(to=f"organisation:{to.pk}")
        by.tick(basis="statute")
        by.write(basis_statute="keksitty säännös", reason=reason)
        by.press("Katso, mitä vastaanottaja näkee")
        by.reads(reason)
        by.press("Lähetä siirto")
        assert self.handoff.state == HandoffState.SENT, by.main.inner_text()
        return self.handoff

    def accept_and_meet(self, by: Worker, handoff: Handoff) -> None:
        by.see("waiting")
        by.follow("handoff_detail", handoff.pk)
        by.follow("handoff_accept", handoff.pk)
        by.write(first_contact_at=moment(timezone.now() + timedelta(days=2)))
        by.tick(first_contact_way="visit")
        by.send()
        handoff.refresh_from_db()
        assert handoff.state == HandoffState.ACCEPTED, by.main.inner_text()
        by.follow("handoff_met", handoff.pk)
        by.write(text="Tavattiin ja sovittiin seuraavasta askeleesta.")
        by.send()
        handoff.refresh_from_db()
        expect(by.main.locator(".passages li").first).to_contain_text("Ensikontakti pidetty")
        assert handoff.state == HandoffState.MET, by.main.inner_text()


@pytest.fixture
def made(transactional_db):
    return make_partnership()


@pytest.fixture
def worker(made, new_context) -> Callable[..., Worker]:
    def make(membership: Membership, viewport: dict = WIDE) -> Worker:
        return Worker(new_context(viewport=viewport).new_page(), membership).sign_in()

    return make


def test_three_organisations_walk_a_client_from_registration_to_work_and_lose_nobody(made, worker):
    anna, ossi, taru, lead = worker(made.anna), worker(made.ossi, NARROW), worker(made.taru), worker(made.lead)

    client = registered(anna)
    assessed(anna, client)
    hidden_from(taru, client)
    handed_over_in_spite_of_silence(client, made, anna, ossi, lead)
    planned(client, anna, ossi)
    studying(client, anna, ossi)
    oona = inherited(client, made, ossi, worker)
    graduated(client, oona)
    employed(client, made, anna, oona, taru)

    stages = list(StagePeriod.objects.filter(pathway=client.pathway).order_by("started_at").values_list("stage", flat=True))
    assert set(stages) == set(Stage.values)
    assert (stages[0], stages[-1]) == (Stage.REGISTERED, Stage.JOB_SEARCH_SUPPORT)


def registered(anna: Worker) -> Client:
    anna.see("client_list")
    anna.follow("client_add")
    anna.write(family_name="Esimerkki", given_names="Keksi", birth_date="4.5.1996", first_step="Keskustellaan palvelutarpeesta", first_due_on=day(days_from_now(7)))
    anna.pick(target_group="no_qualification")
    anna.press("Avaa ohjauspolku")
    pathway = Pathway.objects.get()
    assert (pathway.stage, pathway.process_person) == (Stage.REGISTERED, anna.membership)
    anna.reads("Keksi Esimerkki", "Keskustellaan palvelutarpeesta")
    return Client(pathway.pseudonym)


def assessed(anna: Worker, client: Client) -> None:
    client.move(anna, Stage.IDENTIFICATION)
    anna.see("pathway_detail", client.pseudonym)
    assert anna.main.locator(f"a[href$='?to={Stage.REFERRAL}']").count() == 0, "a referral needs an assessment first"
    anna.follow("assessment_add", client.pseudonym)
    anna.tick(need=AssessmentCode.GUIDANCE, obstacle=AssessmentCode.NO_QUALIFICATION, competence=AssessmentCode.VOCATIONAL)
    anna.send()
    client.move(anna, Stage.REFERRAL)


def hidden_from(stranger: Worker, client: Client) -> None:
    """An organisation that takes no part gets the page of a missing thing."""
    answer = stranger.page.goto(reverse("guidance:pathway_detail", args=[client.pseudonym]))
    assert answer.status == 404
    assert "Esimerkki" not in stranger.page.content()


def handed_over_in_spite_of_silence(client: Client, made, anna: Worker, ossi: Worker, lead: Worker) -> None:
    declined = client.hand_over(anna, made.college, "Toivotaan opinto-ohjausta.")
    ossi.see("waiting")
    ossi.follow("handoff_detail", declined.pk)
    ossi.follow("handoff_decline", declined.pk)
    ossi.write(decline_reason="Ohjausajat ovat tällä viikolla täynnä.")
    ossi.send()
    declined.refresh_from_db()
    assert declined.state == HandoffState.DECLINED
    assert client.responsible == (made.anna, None), "the client is where they were"

    anna.see("pathway_detail", client.pseudonym)
    anna.reads("Ohjausajat ovat tällä viikolla täynnä.")
    anna.follow("handoff_detail", declined.pk)
    anna.follow("handoff_again", declined.pk)
    anna.write(reason="Ensi viikko sopii myös.")
    anna.press("Katso, mitä vastaanottaja näkee")
    anna.press("Lähetä siirto")
    silent = client.handoff
    assert (silent.state, silent.reopens) == (HandoffState.SENT, declined)
    assert not NextStep.objects.open().filter(handoff=declined).exists(), "sending it again is what the step asked for"

    rungs = []
    for days in range(1, 16):
        now = timezone.now() + timedelta(days=days)
        climb_ladder(now)
        nobody_is_lost(now)
        silent.refresh_from_db()
        rungs.append(silent.ladder_step)
    assert rungs == [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3], "reminded, colleagues told, and from then on on the lead's list"
    assert (silent.state, client.responsible) == (HandoffState.SENT, (made.anna, None)), "silence cancels nothing"
    lead.see("partnership_detail", made.partnership.slug)
    lead.follow("lead_list", made.partnership.slug)
    lead.reads(client.pseudonym)
    assert "Esimerkki" not in lead.page.content(), "the lead's list carries no name"

    client.accept_and_meet(ossi, silent)
    assert client.responsible == (made.anna, made.ossi)
    lead.see("lead_list", made.partnership.slug)
    expect(lead.main).not_to_contain_text(client.pseudonym)


def planned(client: Client, anna: Worker, ossi: Worker) -> None:
    client.move(ossi, Stage.MAPPING)
    for kind, title in (("qualification", "Keksitty perustutkinto"), ("apprenticeship", "Keksitty oppisopimus")):
        ossi.see("pathway_detail", client.pseudonym)
        ossi.follow("option_add", client.pseudonym)
        ossi.pick(kind=kind)
        ossi.write(title=title)
        ossi.send()
    client.move(ossi, Stage.PLANNING)
    ossi.see("pathway_detail", client.pseudonym)
    ossi.follow("option_compare", client.pseudonym)
    ossi.press(r"Valitse\s*: Keksitty perustutkinto")
    assert client.option("Keksitty perustutkinto").state == OptionState.CHOSEN
    client.move(anna, Stage.SUPPORT_BEFORE)
    client.move_option(ossi, "Keksitty perustutkinto", OptionState.APPLIED, applied_to="Keksilän opisto")
    client.move_option(ossi, "Keksitty perustutkinto", OptionState.ADMITTED, starts_on=day(timezone.localdate()), benefit_decision="made")
    client.move(anna, Stage.STARTING)


def studying(client: Client, anna: Worker, ossi: Worker) -> None:
    client.move_option(ossi, "Keksitty perustutkinto", OptionState.STARTED)
    client.move(ossi, Stage.STUDYING)
    ossi.press("sujuu hyvin")
    ossi.see("pathway_detail", client.pseudonym)
    ossi.follow("workplace_add", client.pseudonym)
    ossi.write(employer="Keksitty työnantaja", starts_on=day(timezone.localdate()))
    ossi.send()
    client.move(ossi, Stage.WORKPLACE_LEARNING)
    client.move(anna, Stage.INTERRUPTED, "Asiakas on poissa toistaiseksi.")
    assert client.responsible == (anna.membership, ossi.membership)
    client.move(ossi, Stage.WORKPLACE_LEARNING, "Asiakas palasi.")


def inherited(client: Client, made, ossi: Worker, worker) -> Worker:
    """Whoever leaves gives the clients to a colleague first; the portal does not let them go before."""
    leave = reverse("pilots:membership_leave", args=[made.ossi.pk])
    ossi.open(reverse("account"))
    ossi.page.locator(f"main a[href='{leave}']").click()
    ossi.send()
    ossi.reads("vastaa asiakkaista")
    made.ossi.refresh_from_db()
    assert made.ossi.ended_at is None

    heir = made.college_people[1]
    ossi.see("waiting")
    ossi.follow("caseload_move")
    ossi.pick(person=str(made.ossi.pk), heir=str(heir.pk))
    ossi.send()
    ossi.reads(client.pseudonym)
    ossi.send()
    assert client.responsible == (made.anna, heir)

    ossi.open(leave)
    ossi.send()
    made.ossi.refresh_from_db()
    assert made.ossi.ended_at is not None
    return worker(heir, NARROW)


def graduated(client: Client, oona: Worker) -> None:
    client.move_option(oona, "Keksitty perustutkinto", OptionState.COMPLETED)
    client.move(oona, Stage.GRADUATED)


def employed(client: Client, made, anna: Worker, oona: Worker, taru: Worker) -> None:
    client.accept_and_meet(taru, client.hand_over(oona, made.te, "Valmistunut etsii työtä."))
    assert client.responsible == (made.anna, made.taru)
    client.move(taru, Stage.JOB_SEARCH_SUPPORT)
    taru.follow("work_add", client.pseudonym)
    taru.write(employer="Keksitty työnantaja", starts_on=day(timezone.localdate()))
    taru.send()

    anna.see("pathway_detail", client.pseudonym)
    anna.follow("pathway_end", client.pseudonym)
    anna.tick(end_reason=EndReason.GOAL_REACHED, outcome=Outcome.EMPLOYED)
    anna.send()
    pathway = client.pathway
    assert (pathway.outcome, pathway.closed_by) == (Outcome.EMPLOYED, made.anna)
    assert pathway.closed_at is not None
    nobody_is_lost()


def test_back_after_signing_out_shows_nothing_of_the_client(made, worker):
    """On a shared computer: neither Back nor the address itself, in the same tab or another one."""
    counsellor = worker(made.anna)
    pathway = make_pathway(made)
    name = pathway.client.family_name
    counsellor.see("pathway_detail", pathway.pseudonym)
    assert name in counsellor.main.inner_text()
    other_tab = counsellor.page.context.new_page()
    other_tab.goto(reverse("guidance:pathway_detail", args=[pathway.pseudonym]))

    counsellor.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    with counsellor.page.expect_navigation():
        counsellor.page.locator("form[action='/account/logout/'] button").click()
    counsellor.page.go_back()
    counsellor.page.wait_for_load_state()

    assert name not in counsellor.page.content()
    assert pathway.pseudonym not in counsellor.page.locator("body").inner_text()
    for step in (other_tab.reload, lambda: other_tab.goto(reverse("guidance:pathway_detail", args=[pathway.pseudonym]))):
        step()
        assert name not in other_tab.content()
