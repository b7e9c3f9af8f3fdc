"""The real network, invented people, and a keyboard: a journey touches no mouse."""
import re
import time
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Locator, Page

from accounts.models import OutboxMessage, User
from pilots.choices import ContactTask, Role
from pilots.models import Contact, Membership, Organisation, PilotArea

PASSWORD = "three plain words here"
MOST_TABS = 260
TIME_TO_TYPE = 6
"""Seconds in which a code is typed and sent on a busy machine."""


def code_of(secret: str) -> str:
    """What the app shows, read when it does not turn while it is typed: the code of a period that is over is refused."""
    left = app_settings.TOTP_PERIOD - time.time() % app_settings.TOTP_PERIOD
    if left < TIME_TO_TYPE:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))


@pytest.fixture
def network(transactional_db) -> None:
    call_command("load_network", verbosity=0)
    area = PilotArea.objects.get(slug="yla-savo")
    Contact.objects.create(
        area=area, name="Keksitty Yhteyshenkilö", title_fi="Etäopetuksen koordinaattori", title_sv="Koordinator för distansundervisning", task=ContactTask.REMOTE_TEACHING, email="etaopetus@example.org", phone="+358 40 000 0000", confirmed_on=timezone.localdate(), speaks_swedish=True
    )


@pytest.fixture
def person(network) -> Callable[..., User]:
    """person(Role.AREA_COORDINATOR, "yla-savon-koulutuskuntayhtyma", "yla-savo"): somebody who can sign in."""

    def make(role: Role, organisation: str, area: str = "") -> User:
        user = User.objects.create_user(f"{role}@example.org".replace("_", "-"), PASSWORD, name="Keksitty Henkilö")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Membership.objects.create(
            user=user, role=role, organisation=Organisation.objects.get(slug=organisation), area=PilotArea.objects.get(slug=area) if area else None, started_at=timezone.now()
        )
        return user

    return make


class Keyboard:
    """A person at a page with a keyboard alone: goes from element to element until the wanted one has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, wanted: Locator) -> None:
        target = wanted.element_handle()
        for _turn in range(MOST_TABS):
            if self.page.evaluate("element => document.activeElement === element", target):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} cannot be reached by keyboard within {MOST_TABS} steps")

    def follow(self, wanted: Locator) -> None:
        """Focus a link or button and press Enter; the page that opens has its heading."""
        self.go_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        assert self.page.locator("h1").count() == 1

    def write(self, wanted: Locator, text: str) -> None:
        self.go_to(wanted)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, wanted: Locator) -> None:
        """A radio button: focus the group, then the arrow keys, as a keyboard does it."""
        group = self.page.locator(f"input[name='{wanted.get_attribute('name')}']")
        reachable = group.locator("xpath=self::*[@checked]") if group.locator("xpath=self::*[@checked]").count() else group.first
        self.go_to(reachable.first)
        for _turn in range(group.count() + 1):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        assert wanted.is_checked()


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    page.set_viewport_size({"width": 320, "height": 720})
    return Keyboard(page)


@pytest.fixture
def last_link() -> Callable[[], str]:
    """The path of the only link in the latest mail."""

    def find() -> str:
        (link,) = re.findall(r"https?://[^/\s]+(/\S*)", OutboxMessage.objects.latest("id").body)
        return link

    return find
