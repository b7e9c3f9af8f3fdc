"""Figures that lead to what they count: who is ahead on a goal and why, where clients wait longest, and a workbook that can be reckoned with."""
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from pilots.choices import Role
from pilots.models import Goal, PilotArea
from tests.guidance.factories import make_counsellor
from tests.journeys.conftest import Keyboard
from tests.journeys.test_guidance import NARROW, Worker
from tests.journeys.test_network import fits, sign_in
from tests.pilots.factories import make_model
from tests.summaries.histories import make_histories

LANGUAGES = pytest.mark.parametrize("language", ["fi", "sv"])


def downloaded(keyboard: Keyboard, address: str):
    """The workbook behind a link of the page, unfolded first where it is folded away."""
    fold = keyboard.page.locator(f"main details:has(a[href^='{address}']) > summary")
    if fold.count():
        keyboard.go_to(fold.first)
        keyboard.page.keyboard.press("Enter")
    keyboard.go_to(keyboard.page.locator(f"main a[href^='{address}']").first)
    with keyboard.page.expect_download() as download:
        keyboard.page.keyboard.press("Enter")
    return load_workbook(BytesIO(Path(download.value.path()).read_bytes()))


def is_told_on_paper(page: Page) -> bool:
    """Printed, the tables are there and the ways through the portal are not."""
    page.emulate_media(media="print")
    told = page.locator("main table").first.is_visible() and not page.locator("header nav").first.is_visible()
    page.emulate_media(media="screen")
    return told and page.pdf().startswith(b"%PDF-")


@LANGUAGES
def test_kuntaliitto_sees_which_area_is_ahead_on_a_goal_and_why(language, person, page: Page, keyboard: Keyboard):
    goal, ahead, behind = Goal.objects.get(number=3), PilotArea.objects.get(slug="yla-savo"), PilotArea.objects.get(slug="suupohja")
    ours = [make_model(ahead, goals=(goal,), name_fi=f"Etälukio {number}", name_sv=f"Distansgymnasium {number}") for number in (1, 2)]
    make_model(behind, goals=(goal,), name_fi="Yhteinen opettaja", name_sv="Gemensam lärare")
    with translation.override(language):
        start, parts, file, model = reverse("summaries:network_summary"), "?part=goals", reverse("summaries:network_file", args=["xlsx"]), ours[0].get_absolute_url()
    sign_in(keyboard, "" if language == "fi" else f"/{language}", person(Role.KUNTALIITTO_STAFF, "kuntaliitto"))

    page.goto(start)
    keyboard.follow(page.locator(f"main a[href$='{parts}']").first)
    order = page.locator("main select[name=sort]")
    (third,) = [value for value in order.locator("option").evaluate_all("options => options.map(option => option.value)") if value.endswith("-3")]
    keyboard.go_to(order)
    order.select_option(third)
    keyboard.follow(page.locator("main form.summary-order button[type=submit]"))
    assert page.locator("main tbody th").first.inner_text().startswith(ahead.name_sv if language == "sv" and ahead.name_sv else ahead.name_fi)
    assert (fits(page), is_told_on_paper(page)) == (True, True)

    number = page.locator("main tbody tr").first.locator(f"td a[href*='goal={goal.number}']").first
    assert "2" in number.inner_text()
    keyboard.follow(number)
    keyboard.follow(page.locator(f"main a[href='{model}']").first)
    expect(page.locator("main")).to_contain_text("Näin 3")
    assert fits(page)

    page.goto(start + parts)
    book = downloaded(keyboard, file)
    figures = [row for row in book.worksheets[0].iter_rows(values_only=True) if any(isinstance(value, int) for value in row)]
    assert (len(figures) > 13, len(book.worksheets)) == (True, 3)


@LANGUAGES
def test_counsellor_sees_where_clients_wait_longest(language, page: Page, transactional_db, monkeypatch):
    # Of made histories no rule has been asked.
    monkeypatch.setattr("tests.journeys.test_guidance.nobody_is_lost", lambda now=None: None)
    histories = make_histories(pathways=24)
    worker = Worker(page, make_counsellor(histories.made.city)).sign_in()
    page.set_viewport_size(NARROW)
    keyboard = Keyboard(page)
    with translation.override(language):
        desk, summary, file = reverse("guidance:waiting"), reverse("summaries:our_pathways"), reverse("summaries:our_pathways_file", args=["xlsx"])

    worker.open(desk)
    keyboard.follow(page.locator(f"main a[href='{summary}']").first)
    longest = page.locator("main p:not(.lead-text)").first.inner_text()
    assert any(str(body.name) in longest for body in (histories.made.city, histories.made.college, histories.made.te))
    assert (fits(page), is_told_on_paper(page)) == (True, True)

    sent = page.locator("section[aria-labelledby=transitions] tbody tr td a").first
    number = int("".join(sign for sign in sent.inner_text().split(":")[-1] if sign.isdigit()))
    keyboard.follow(sent)
    assert (page.locator("main ul.rows > li").count(), fits(page)) == (number, True)

    page.goto(summary)
    book = downloaded(keyboard, file)
    assert any(isinstance(value, int) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for value in row)
