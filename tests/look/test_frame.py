"""The frame in a real browser, without script: one menu for both widths, the skip link, light, dark and paper."""
import pytest

from tests.look.test_colours import COLOURS, roles

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = ".places a"


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*(int(colour[start : start + 2], 16) for start in (1, 3, 5)))


def test_menu_lies_open_on_a_wide_screen_and_needs_no_button(new_context):
    page = new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False).new_page()
    page.goto("/")

    assert page.locator(".menu[open]").count() == 0
    assert page.locator(PLACES).first.is_visible()
    assert not page.locator(".menu > summary").is_visible()


def test_menu_opens_on_a_narrow_screen_without_script(new_context):
    page = new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False).new_page()
    page.goto("/")
    closed = page.locator(PLACES).first.is_visible()
    page.locator(".menu > summary").click()

    assert not closed
    assert page.locator(PLACES).first.is_visible()
    assert page.locator(".search .form-control").first.is_visible()


def test_skip_link_is_first_and_leads_to_the_content(page):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("scheme, media, at", [("light", "screen", 0), ("dark", "screen", 1), ("dark", "print", 0)])
def test_colours_follow_the_readers_scheme_and_paper_is_light(page, scheme, media, at):
    page.emulate_media(color_scheme=scheme, media=media)
    page.goto("/")

    ground, text = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")

    values = roles(COLOURS.read_text())
    assert (ground, text) == (rgb(values["paper"][at]), rgb(values["ink"][at]))


def test_focus_ring_is_three_pixels_and_off_its_element(page):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    ring = page.evaluate("(({outlineWidth, outlineStyle, outlineOffset}) => [outlineWidth, outlineStyle, outlineOffset])(getComputedStyle(document.activeElement))")

    assert ring == ["3px", "solid", "2px"]
