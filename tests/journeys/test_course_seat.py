"""A counsellor finds and holds a seat for a client: in Swedish, by keyboard alone, at 320 px."""
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from guidance.models import AccessLog, PathwayEnrolment
from guidance.queries.invariants import check_everything
from services.choices import EnrolmentState, ServiceKind
from services.models import Enrolment
from tests.guidance.factories import make_partnership, make_pathway, new_client
from tests.journeys.conftest import PASSWORD, Keyboard, code_of
from tests.journeys.test_network import fits
from tests.pilots.factories import make_municipality
from tests.services.courses import make_run
from tests.services.factories import make_place, make_service

pytestmark = pytest.mark.once


@pytest.fixture
def made(transactional_db):
    return make_partnership()


def sign_in(keyboard: Keyboard, user) -> None:
    """With password and the code of an authenticator app."""
    page, secret = keyboard.page, generate_totp_secret()
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    TOTP.activate(user, secret)
    page.goto("/sv/account/login/")
    keyboard.write(page.locator("input[name=login]"), user.email)
    keyboard.write(page.locator("input[name=password]"), PASSWORD)
    for _turn in ("password", "code"):
        with page.expect_navigation():
            page.keyboard.press("Enter")
        if page.locator("main input[name=code]").count():
            keyboard.write(page.locator("main input[name=code]"), code_of(secret))


def test_a_counsellor_finds_and_holds_a_seat_for_a_client(made, page, keyboard):
    home = make_municipality(latitude=62.9, longitude=27.7)
    pathway = make_pathway(made, goal="Haluaa hitsaajaksi", client=new_client(service_language="sv", municipality=home, municipality_code=home.code))
    for name, languages in (("Keittiön perusteet", ["fi"]), ("Hitsauksen perusteet", ["sv"]), ("Ompelun perusteet", ["fi"]), ("Kirjanpidon perusteet", ["fi"])):
        make_run(service=make_service(kind=ServiceKind.COURSE, name_fi=name, languages=languages, place=make_place(municipality=home)))
    sign_in(keyboard, made.anna.user)

    page.goto(f"/sv/guidance/pathways/{pathway.pseudonym}/")
    keyboard.follow(page.locator(f"main a[href$='/{pathway.pseudonym}/courses/']"))
    assert fits(page)
    first = page.locator("main .rows > li").first
    assert "Hitsauksen perusteet" in first.inner_text()
    keyboard.follow(first.locator("a[href*='/courses/']"))
    assert fits(page)
    keyboard.choose(page.locator("input[name=how][value=hold]"))
    keyboard.follow(page.locator("main form[method=post] .button-row button"))

    assert page.url.endswith(f"/sv/guidance/pathways/{pathway.pseudonym}/")
    assert fits(page)
    link = PathwayEnrolment.objects.get(pathway=pathway)
    assert link.enrolment.state == EnrolmentState.HELD
    assert page.locator(f"main a[href$='/seats/{link.pk}/']").count() == 1
    keyboard.follow(page.locator(f"main a[href$='/seats/{link.pk}/']"))
    assert fits(page)
    keyboard.follow(page.locator("main button[name=target][value=enrolled]"))
    assert Enrolment.objects.get().state == EnrolmentState.ENROLLED
    assert not re.search(re.escape(pathway.client.family_name), str(Enrolment.objects.values().get()))
    assert AccessLog.objects.filter(page="guidance:course_find").count() == 1
    assert [finding.rule for finding in check_everything(timezone.now()) if finding.count] == []
