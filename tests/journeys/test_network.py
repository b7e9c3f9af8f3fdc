"""The journeys of issue-sized promises: in a real browser, by keyboard alone, at 320 px, in each language."""
import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from pilots.choices import Role
from pilots.models import Membership, PilotArea
from tests.journeys.conftest import PASSWORD, Keyboard

LANGUAGES = pytest.mark.parametrize("prefix", ["", "/sv", "/en"], ids=["fi", "sv", "en"])


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def sign_in(keyboard: Keyboard, prefix: str, user: User) -> None:
    keyboard.page.goto(f"{prefix}/account/login/")
    keyboard.write(keyboard.page.locator("input[name=login]"), user.email)
    keyboard.write(keyboard.page.locator("input[name=password]"), PASSWORD)
    with keyboard.page.expect_navigation():
        keyboard.page.keyboard.press("Enter")


@LANGUAGES
def test_officer_finds_who_teaches_what_and_whom_to_call(prefix, network, page, keyboard):
    page.goto(f"{prefix}/")
    keyboard.write(page.locator("main input[name=q]"), "Ylä-Savossa")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keyboard.follow(page.locator(f"main a[href='{prefix}/areas/yla-savo/']").first)
    expect(page.locator("main")).to_contain_text("Keksitty Yhteyshenkilö")
    expect(page.locator("main a[href='mailto:etaopetus@example.org']").first).to_be_visible()
    assert fits(page)

    keyboard.follow(page.locator(f"main a[href='{prefix}/organisations/yla-savon-koulutuskuntayhtyma/']").first)

    form = {"": "ammatillinen koulutus", "/sv": "yrkesutbildning", "/en": "vocational education"}[prefix]
    expect(page.locator("main")).to_contain_text(form)
    assert fits(page)


@LANGUAGES
def test_officer_sees_why_46_are_counted_and_44_quoted(prefix, network, page, keyboard):
    page.goto(f"{prefix}/")

    keyboard.follow(page.locator(f"main a[href='{prefix}/totals/']").first)

    main = page.locator("main")
    for text in ("44", "46", "Isojoki" if prefix != "/sv" else "Storå", "Karijoki" if prefix != "/sv" else "Bötom"):
        expect(main).to_contain_text(text)
    assert fits(page)


@LANGUAGES
def test_administrator_invites_a_colleague_who_joins(prefix, person, page, keyboard, new_context, last_link):
    administrator = person(Role.ORGANISATION_ADMINISTRATOR, "savon-koulutuskuntayhtyma")
    sign_in(keyboard, prefix, administrator)
    page.goto(f"{prefix}/people/savon-koulutuskuntayhtyma/invite/")
    keyboard.write(page.locator("input[name=email]"), "uusi.kollega@example.org")
    keyboard.choose(page.locator("input[name=role][value=counsellor]"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("uusi.kollega@example.org")

    other = Keyboard(new_context(viewport={"width": 320, "height": 720}).new_page())
    other.page.goto(last_link())
    other.write(other.page.locator("input[name=name]"), "Uusi Kollega")
    other.write(other.page.locator("input[name=password]"), "kolme tavallista sanaa")
    with other.page.expect_navigation():
        other.page.keyboard.press("Enter")

    membership = Membership.objects.get(user__email="uusi.kollega@example.org")
    assert (membership.role, membership.organisation.slug, membership.ended_at) == (Role.COUNSELLOR, "savon-koulutuskuntayhtyma", None)
    page.goto(f"{prefix}/people/savon-koulutuskuntayhtyma/")
    expect(page.locator("main")).to_contain_text("Uusi Kollega")
    assert fits(page)


@LANGUAGES
def test_coordinator_edits_the_own_area(prefix, person, page, keyboard):
    coordinator = person(Role.AREA_COORDINATOR, "suupohjan-koulutuskuntayhtyma", "suupohja")
    sign_in(keyboard, prefix, coordinator)
    page.goto(f"{prefix}/areas/suupohja/")
    keyboard.follow(page.locator(f"main a[href='{prefix}/areas/suupohja/edit/']").first)
    keyboard.write(page.locator("textarea[name=description_fi]"), "Yhteiset opettajat kahdessa kunnassa.")
    keyboard.write(page.locator("textarea[name=description_sv]"), "Gemensamma lärare i två kommuner.")
    keyboard.follow(page.locator("main form[method=post] button[type=submit]").first)

    area = PilotArea.objects.get(slug="suupohja")
    assert (area.description_fi, area.description_sv) == ("Yhteiset opettajat kahdessa kunnassa.", "Gemensamma lärare i två kommuner.")
    expect(page.locator("main")).to_contain_text("Gemensamma lärare" if prefix == "/sv" else "Yhteiset opettajat")

    page.goto(f"{prefix}/areas/suupohja/history/")

    expect(page.locator("main")).to_contain_text("Yhteiset opettajat")
    expect(page.locator("main")).to_contain_text("Keksitty Henkilö")
    assert fits(page)
