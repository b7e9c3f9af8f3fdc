"""An employment area sets up its own partnership from nothing: by keyboard, from the first sign-in to the first client.

Three people: the lead, the substitute, and the education provider's own partnership lead, who states its basis.
"""
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from playwright.sync_api import Page

from accounts.models import AuditEvent, User
from guidance.choices import Part, ProgrammeKind, Stage
from guidance.models import Partnership, Pathway, Programme
from guidance.queries.invariants import check_everything
from pilots.choices import OrganisationKind, Role
from pilots.models import Membership, Organisation
from tests.guidance.factories import days_from_now, make_organisation
from tests.journeys.conftest import PASSWORD, Keyboard, code_of
from tests.journeys.test_network import fits

NAME = "Demo-Ylä-Savo"


class Walker(Keyboard):
    """A person of one membership who finds each page by its links; every page is whole and fits."""

    def __init__(self, page: Page, membership: Membership, language: str) -> None:
        super().__init__(page)
        self.membership, self.language, self.main = membership, language, page.locator("main")

    def address(self, name: str, *args: object) -> str:
        with translation.override(self.language):
            return reverse(name if ":" in name or name.startswith(("mfa", "account")) else f"guidance:{name}", args=args)

    def sign_in(self, secret: str = "") -> "Walker":
        self.page.goto(self.address("account_login"))
        self.write(self.page.locator("input[name=login]"), self.membership.user.email)
        self.write(self.page.locator("input[name=password]"), PASSWORD)
        self.enter()
        if secret:
            self.write(self.main.locator("input[name=code]"), code_of(secret))
            self.enter()
            assert "/account/" not in self.page.url, self.main.inner_text()
        return self

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def go(self, name: str, *args: object, extra: str = "") -> None:
        """Along a link that the page offers."""
        self.follow(self.main.locator(f"a[href='{self.address(name, *args)}{extra}']").first)
        self.look()

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.write(self.main.locator(f"[name={name}]:is(input, textarea)"), text)

    def pick(self, name: str, value: object) -> None:
        self.choose(self.main.locator(f"input[name={name}][value='{value}']"))

    def turn(self, name: str, value: object) -> None:
        """A box: on when it was off, off when it was on."""
        self.go_to(self.main.locator(f"input[name={name}][value='{value}']"))
        self.page.keyboard.press("Space")

    def send(self) -> None:
        self.follow(self.main.locator("form[method=post] .button-row button[type=submit]").last)
        self.look()

    def look(self) -> None:
        assert self.page.locator("h1").count() == 1
        assert fits(self.page), f"{self.page.url} scrolls sideways"
        assert self.main.locator(".error-summary").count() == 0, self.main.inner_text()

    def missing(self) -> set[str]:
        """The lines of the checklist that are still to be done."""
        return {row.get_attribute("data-condition") for row in self.main.locator("li.missing[data-condition]").all()}


@pytest.fixture
def authority(transactional_db) -> Organisation:
    return make_organisation("Demo-Ylä-Savon työllisyysalue", OrganisationKind.EMPLOYMENT_AUTHORITY)


@pytest.fixture
def college(transactional_db) -> Organisation:
    return make_organisation("Demo-Ylä-Savon koulutuskuntayhtymä", OrganisationKind.JOINT_AUTHORITY)


@pytest.fixture
def walker(new_context) -> Callable[..., Walker]:
    def make(organisation: Organisation, name: str, language: str, width: int) -> Walker:
        user = User.objects.create_user(f"{slugify(name)}@example.org", PASSWORD, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        membership = Membership.objects.create(user=user, role=Role.PARTNERSHIP_LEAD, organisation=organisation, started_at=timezone.now())
        return Walker(new_context(viewport={"width": width, "height": 800}).new_page(), membership, language)

    return make


def with_factor(walker: Walker) -> str:
    secret = generate_totp_secret()
    TOTP.activate(walker.membership.user, secret)
    return secret


@pytest.mark.parametrize("language, width", [("fi", 320), ("sv", 1280)])
def test_an_employment_area_sets_up_its_partnership_and_enters_its_first_client(authority, college, walker, language, width):
    lead, substitute, provider = (walker(organisation, name, language, width) for organisation, name in ((authority, "Demo Vetäjä"), (authority, "Demo Varalla"), (college, "Demo Opistosta")))
    with_factor(substitute)

    sets_up_a_second_factor(lead)
    partnership = sets_up(lead)
    assert lead.missing() == {"college", "basis", "agreement", "dpia", "lead", "substitute"}
    adds_the_provider(lead, partnership, college)
    states_its_basis(provider.sign_in(with_factor(provider)), partnership, college)
    completes(lead, partnership, substitute.membership)
    changes_a_stage(lead, partnership)
    adds_and_ends_a_programme(lead, partnership)
    opens(lead, partnership)
    enters_the_first_client(lead, partnership)


def sets_up_a_second_factor(lead: Walker) -> None:
    """The first page with a client says how; then the code of an app."""
    lead.sign_in()
    lead.page.goto(lead.address("waiting"))
    lead.go("mfa_index")
    lead.go("mfa_activate_totp")
    lead.fill(password=PASSWORD)
    lead.enter()
    secret = lead.main.locator(".code-key").inner_text().strip()
    lead.fill(code=code_of(secret))
    lead.send()
    lead.page.goto(lead.address("waiting"))
    lead.fill(code=code_of(secret))
    lead.enter()


def sets_up(lead: Walker) -> Partnership:
    lead.go("partnership_list")
    lead.go("partnership_add")
    lead.fill(name_fi=NAME, name_sv="Demo-Övre Savolax")
    lead.send()
    return Partnership.objects.get(name_fi=NAME)


def adds_the_provider(lead: Walker, partnership: Partnership, college: Organisation) -> None:
    lead.go("partnership_part_add", partnership.slug)
    lead.fill(q="Demo-Ylä-Savon")
    lead.enter()
    lead.pick("organisation", college.slug)
    lead.pick("part", Part.COLLEGE)
    lead.send()
    assert "college" not in lead.missing()
    # Whom to ask for the statement that nobody makes for another organisation.
    assert "Demo Opistosta" in lead.main.inner_text()


def states_its_basis(provider: Walker, partnership: Partnership, college: Organisation) -> None:
    part = partnership.parts.get(organisation=college)
    provider.page.goto(provider.address("waiting"))
    provider.go("partnership_list")
    provider.go("partnership_detail", partnership.slug)
    assert provider.main.locator("[data-condition]").count() == 0
    provider.go("partnership_part_edit", partnership.slug, part.pk)
    provider.pick("acts_as_authority", "no")
    provider.fill(processing_statute="keksitty säännös")
    provider.send()


def completes(lead: Walker, partnership: Partnership, substitute: Membership) -> None:
    """Down the checklist, line by line, each by its link."""
    lead.go("partnership_part_edit", partnership.slug, partnership.parts.get(part=Part.EMPLOYMENT).pk)
    lead.pick("acts_as_authority", "yes")
    lead.send()
    lead.go("partnership_edit", partnership.slug, extra="#id_roles_agreement")
    lead.fill(roles_agreement="Keksitty sopimus 1", roles_agreed_on="1.2.2026", dpia_reference="Keksitty arvio 1", remind_after="2")
    lead.send()
    assert lead.missing() == {"lead", "substitute"}
    lead.go("partnership_lead", partnership.slug)
    lead.pick("lead", lead.membership.pk)
    lead.pick("substitute", substitute.pk)
    lead.send()
    assert lead.missing() == set()


def changes_a_stage(lead: Walker, partnership: Partnership) -> None:
    """Identifying needs is shared here; the first figure says so."""
    lead.go("partnership_stages", partnership.slug)
    lead.turn(Stage.IDENTIFICATION, Part.COLLEGE)
    lead.send()
    partnership.refresh_from_db()
    assert partnership.stage_parts[Stage.IDENTIFICATION] == [Part.EMPLOYMENT, Part.COLLEGE]
    lead.go("figure_kuvio1", partnership.slug)
    drawing = lead.main.locator("svg.narrow, svg.wide").locator("visible=true")
    assert drawing.locator(f"[data-step={Stage.IDENTIFICATION}] g.part").count() == 2
    lead.page.go_back()


def adds_and_ends_a_programme(lead: Walker, partnership: Partnership) -> None:
    for name in ("Keksitty valmennus", "Keksitty kokeilu"):
        lead.go("programme_add", partnership.slug)
        lead.pick("kind", ProgrammeKind.MEASURE)
        lead.fill(name_fi=name, purpose_fi="Keksitty tarkoitus.")
        lead.turn("run_by", partnership.process_organisation_id)
        lead.send()
    ended = Programme.objects.get(partnership=partnership, name_fi="Keksitty kokeilu")
    lead.go("programme_end", partnership.slug, ended.pk)
    lead.send()
    assert [(one.name_fi, one.is_historical, one.ended_on) for one in partnership.programmes.all()] == [("Keksitty valmennus", False, None), ("Keksitty kokeilu", True, timezone.localdate())]


def opens(lead: Walker, partnership: Partnership) -> None:
    lead.go("partnership_open", partnership.slug)
    lead.send()
    partnership.refresh_from_db()
    assert partnership.opened_at is not None
    verbs = set(AuditEvent.objects.filter(actor_id=lead.membership.user_id).values_list("verb", flat=True))
    assert verbs >= {"partnership_set_up", "partnership_part_added", "partnership_basis_stated", "partnership_edited", "partnership_leads_named", "partnership_stage_parts_edited", "programme_added", "programme_ended", "partnership_opened"}


def enters_the_first_client(lead: Walker, partnership: Partnership) -> None:
    lead.go("client_add")
    lead.fill(family_name="Esimerkki", given_names="Keksi", birth_date="4.5.1996", first_step="Keskustellaan palvelutarpeesta", first_due_on="{0.day}.{0.month}.{0.year}".format(days_from_now(7)))
    lead.send()
    pathway = Pathway.objects.get()
    assert (pathway.partnership, pathway.stage, pathway.process_person) == (partnership, Stage.REGISTERED, lead.membership)
    assert [finding.rule for finding in check_everything(timezone.now()) if finding.count] == []
