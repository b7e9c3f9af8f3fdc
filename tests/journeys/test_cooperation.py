"""What areas learn from each other: a small municipality finds what those like it do; Kuntaliitto merges obstacles and hands proposals over."""
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pilots.choices import Role
from pilots.models import CooperationModel, Membership, Municipality, ObstacleSupport, Organisation, PilotArea
from pilots.queries.similar import similar_municipalities
from tests.journeys.conftest import Keyboard
from tests.journeys.test_network import fits, sign_in
from tests.pilots.factories import make_membership, make_model, make_user
from tests.pilots.obstacles import make_obstacle, make_proposal

LANGUAGES = pytest.mark.parametrize("prefix", ["", "/sv"], ids=["fi", "sv"])
KEITELE = "239"


def coordinator_of(slug: str) -> Membership:
    area = PilotArea.objects.get(slug=slug)
    return make_membership(make_user(), Role.AREA_COORDINATOR, area=area, organisation=Organisation.objects.filter(area_memberships__area=area).first())


def main(page: Page):
    return page.locator("main")


@LANGUAGES
def test_officer_learns_from_three_like_it_copies_a_model_adds_weight_and_prints_the_report(prefix, person, page: Page, keyboard: Keyboard):
    like = [one.municipality for one in similar_municipalities(Municipality.objects.get(code=KEITELE))]
    models = [make_model(one.organisations.get(kind="municipality"), name_fi=f"Lukion etäopetus {one.name_fi}", name_sv=f"Distansundervisning i gymnasiet {one.name_sv}") for one in like]
    obstacle = make_obstacle(coordinator_of("suupohja"), "Etäopetuksen rahoitus puuttuu", name_sv="Finansieringen saknas")
    sign_in(keyboard, prefix, person(Role.AREA_COORDINATOR, "yla-savon-koulutuskuntayhtyma", "yla-savo"))

    page.goto(f"{prefix}/municipalities/{KEITELE}/")
    keyboard.follow(main(page).locator(f"a[href='{prefix}/municipalities/{KEITELE}/board/']"))
    for model in models:
        expect(main(page)).to_contain_text(model.name_sv if prefix else model.name_fi)
    assert (len(models), fits(page)) == (3, True)

    keyboard.follow(main(page).locator(f"a[href='{prefix}/models/{models[0].pk}/']"))
    assert fits(page)
    keyboard.follow(main(page).locator(f"a[href='{prefix}/models/{models[0].pk}/copy/']"))
    keyboard.follow(main(page).locator("form[method=post] button[type=submit]").first)
    copied = CooperationModel.objects.get(copied_from=models[0])
    assert (copied.area.slug, copied.state, fits(page)) == ("yla-savo", "draft", True)

    page.goto(f"{prefix}/obstacles/")
    keyboard.follow(main(page).locator(f"a[href='{prefix}/obstacles/{obstacle.pk}/']").first)
    keyboard.follow(main(page).locator(f"a[href='{prefix}/obstacles/{obstacle.pk}/weight/']"))
    keyboard.write(page.locator("input[name=reason_sv]" if prefix else "input[name=reason_fi]"), "Meilläkin on näin.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert ObstacleSupport.objects.get(obstacle=obstacle).area.slug == "yla-savo"
    assert fits(page)

    page.goto(f"{prefix}/areas/yla-savo/")
    keyboard.follow(main(page).locator(f"a[href='{prefix}/areas/yla-savo/report/']"))
    expect(main(page)).to_contain_text("Finansieringen saknas" if prefix else "Etäopetuksen rahoitus puuttuu")
    assert fits(page)
    keyboard.go_to(main(page).locator(f"a[href='{prefix}/areas/yla-savo/report.pdf']"))
    with page.expect_download() as downloaded:
        page.keyboard.press("Enter")
    with open(downloaded.value.path(), "rb") as file:
        assert file.read(5) == b"%PDF-"


@LANGUAGES
def test_kuntaliitto_merges_two_obstacles_and_hands_over_the_list_of_proposals(prefix, person, page: Page, keyboard: Keyboard):
    first, second = coordinator_of("suupohja"), coordinator_of("yla-savo")
    stays, duplicate = make_obstacle(first, "Tunti ei siirry", name_sv="Timmen flyttas inte"), make_obstacle(second, "Tunnit eivät siirry", name_sv="Timmarna flyttas inte")
    proposal = make_proposal(duplicate, text_fi="Muutetaan keksittyä lakia.", text_sv="En påhittad lag ändras.")
    sign_in(keyboard, prefix, person(Role.KUNTALIITTO_STAFF, "kuntaliitto"))

    page.goto(f"{prefix}/obstacles/{duplicate.pk}/")
    keyboard.follow(main(page).locator(f"a[href='{prefix}/obstacles/{duplicate.pk}/merge/']"))
    keyboard.follow(main(page).locator(f"a[href='{prefix}/obstacles/{duplicate.pk}/merge/{stays.pk}/']"))
    assert fits(page)
    keyboard.follow(main(page).locator("form[method=post] button[type=submit]").first)
    duplicate.refresh_from_db()
    proposal.refresh_from_db()
    assert (duplicate.merged_into_id, proposal.obstacle_id) == (stays.pk, stays.pk)

    page.goto(f"{prefix}/proposals/")
    keyboard.follow(main(page).locator(f"a[href^='{prefix}/proposals/print/']").first)
    expect(main(page)).to_contain_text("En påhittad lag ändras." if prefix else "Muutetaan keksittyä lakia.")
    expect(main(page)).to_contain_text("Timmen flyttas inte" if prefix else "Tunti ei siirry")
    assert fits(page)

    page.goto(f"{prefix}/obstacles/{stays.pk}/")
    keyboard.follow(main(page).locator(f"a[href='{prefix}/proposals/{proposal.pk}/status/']"))
    keyboard.choose(page.locator("input[name=status][value=handed_over]"))
    assert fits(page)
    keyboard.follow(main(page).locator("form[method=post] button[type=submit]").first)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.handed_over_on, fits(page)) == ("handed_over", timezone.localdate(), True)
