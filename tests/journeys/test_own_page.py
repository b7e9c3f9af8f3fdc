"""A client joins by invitation, corrects an error and says that nobody has called; the counsellor's and the lead's side of each. By keyboard, at 320 px, in Finnish and Swedish."""
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Page

from accounts.models import OutboxMessage
from guidance.choices import EntryKind, EventKind, LogAction
from guidance.models import AccessLog, ClientAccount, ClientEntry, Pathway, RightsRequest
from pilots.models import Membership
from tests.guidance.factories import make_partnership, make_pathway, new_client
from tests.guidance.web import sign_in
from tests.journeys.conftest import PASSWORD, Keyboard, code_of
from tests.journeys.test_network import fits

pytestmark = pytest.mark.once
MAIL, WRONG, ANSWER, CALLED = "oma@example.org", "Syntymäaikani on väärin.", "Korjasin sen.", "Soitan tänään."


class Person:
    """Somebody at a page of 320 px with a keyboard alone; whatever opens is whole and does not scroll sideways."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language, self.keys = page, language, Keyboard(page)
        page.set_viewport_size({"width": 320, "height": 720})

    def address(self, name: str, *args: object) -> str:
        with translation.override(self.language):
            return reverse(name, args=args)

    def open(self, path: str) -> None:
        self.page.goto(path)
        self._look()

    def follow(self, name: str, *args: object, query: str = "") -> None:
        self.keys.follow(self.page.locator(f"main a[href='{self.address(name, *args)}{query}']").first)
        self._look()

    def write(self, **fields: str) -> None:
        for name, text in fields.items():
            self.keys.write(self.page.locator(f"main [name={name}]:is(input, textarea)"), text)

    def choose(self, name: str, value: str) -> None:
        """A radio button: Tab comes to the group, the arrows go through it."""
        wanted = self.page.locator(f"main input[name={name}][value='{value}']")
        self.keys.go_to(self.page.locator(f"main input[name={name}]:checked"))
        for _turn in range(10):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value} cannot be chosen by keyboard")

    def send(self) -> None:
        self.keys.follow(self.page.locator("main form[method=post] .button-row button[type=submit]").first)
        self._look()

    def _look(self) -> None:
        assert fits(self.page), f"{self.page.url} scrolls sideways"


@pytest.fixture
def made(transactional_db):
    return make_partnership(people=1)


@pytest.fixture
def worker(new_context, live_server):
    """worker(membership, language): a counsellor who has signed in already."""

    def make(membership: Membership, language: str) -> Person:
        context = new_context()
        cookie = sign_in(membership).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"https://{urlsplit(live_server.url).hostname}/", "secure": True, "httpOnly": True, "sameSite": "Lax"}])
        return Person(context.new_page(), language)

    return make


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_client_joins_corrects_an_error_and_says_that_nobody_has_called(made, worker, page, language):
    pathway = make_pathway(made, client=new_client(service_language=language))
    counsellor, client = worker(made.anna, language), Person(page, language)

    invites(counsellor, pathway)
    joins(client, pathway)
    corrects(client, counsellor, pathway)
    says_that_nobody_has_called(client, counsellor, worker(made.lead, language), pathway, made)


def invites(counsellor: Person, pathway: Pathway) -> None:
    counsellor.open(counsellor.address("guidance:pathway_detail", pathway.pseudonym))
    counsellor.follow("guidance:own_access", pathway.pseudonym)
    counsellor.follow("guidance:own_invite", pathway.pseudonym)
    counsellor.write(email=MAIL)
    counsellor.choose("local_reason", "no_means")
    counsellor.write(local_text="Keksitty syy")
    counsellor.send()
    assert urlsplit(counsellor.page.url).path == counsellor.address("guidance:own_access", pathway.pseudonym)


def joins(client: Person, pathway: Pathway) -> None:
    mail = OutboxMessage.objects.get(kind="own_invitation")
    client.open(re.search(r"https://[^/]+(/\S+)", mail.body)[1])
    client.write(password=PASSWORD)
    client.send()
    account = ClientAccount.objects.get()
    assert (account.client_id, pathway.pseudonym in client.page.content()) == (pathway.client_id, False)
    client.keys.follow(client.page.locator(f"main a[href^='{client.address('mfa_activate_totp')}']"))
    secret = client.page.locator(".code-key").inner_text().strip()
    client.write(code=code_of(secret))
    client.send()
    client.open(client.address("own:path"))
    client.write(code=code_of(secret))
    with client.page.expect_navigation():
        client.page.keyboard.press("Enter")
    assert urlsplit(client.page.url).path == client.address("own:path")
    assert pathway.pseudonym in client.page.content()


def corrects(client: Person, counsellor: Person, pathway: Pathway) -> None:
    client.follow("own:write", pathway.pseudonym, EntryKind.NOT_RIGHT.value)
    client.write(text=WRONG)
    client.send()
    entry, request = ClientEntry.objects.get(kind=EntryKind.NOT_RIGHT), RightsRequest.objects.get()
    assert (urlsplit(client.page.url).path, entry.request) == (client.address("own:written"), request)

    answers(counsellor, pathway, entry, ANSWER)
    client.open(client.address("own:written"))
    assert ANSWER in client.page.locator(f"#entry-{entry.pk}").inner_text()


def says_that_nobody_has_called(client: Person, counsellor: Person, lead: Person, pathway: Pathway, made) -> None:
    client.open(client.address("own:path"))
    client.follow("own:write", pathway.pseudonym, EntryKind.NOT_CONTACTED.value)
    client.send()
    entry = ClientEntry.objects.get(kind=EntryKind.NOT_CONTACTED)

    lead.open(lead.address("guidance:waiting"))
    lead.follow("guidance:lead_list", made.partnership.slug, query="?show=not-called")
    assert pathway.pseudonym in lead.page.locator("main").inner_text()
    answers(counsellor, pathway, entry, CALLED)
    client.open(client.address("own:path"))
    assert CALLED in client.page.locator("main").inner_text()
    lead.page.reload()
    assert pathway.pseudonym not in lead.page.locator("main").inner_text()
    assert list(pathway.events.filter(kind__in=(EventKind.CLIENT, EventKind.ANSWER)).order_by("pk").values_list("text", flat=True)) == [WRONG, ANSWER, "", CALLED]
    assert AccessLog.objects.filter(action=LogAction.OWN).values_list("user_id", flat=True).distinct().get() == ClientAccount.objects.get().user_id


def answers(counsellor: Person, pathway: Pathway, entry: ClientEntry, text: str) -> None:
    counsellor.open(counsellor.address("guidance:waiting"))
    counsellor.follow("guidance:entry_answer", pathway.pseudonym, entry.pk)
    counsellor.write(text=text)
    counsellor.send()
    entry.refresh_from_db()
    assert entry.answer.text == text
