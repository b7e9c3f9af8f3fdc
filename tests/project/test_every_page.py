"""Every page in a real browser: no fault of accessibility, no sideways scrolling at 320 px, every template seen.

`page` watches: a request that leaves the server, a breach of the policy or a script error fails the test.
"""
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from guidance.queries.invariants import GUIDING_ROLES
from pilots.models import Membership
from pilots.queries.invitations import invitation_token
from tests.project.conftest import GuardClient
from tests.project.walk import Stop, stops
from tests.project.world import PASSWORD, VISITOR, World, make_world

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW, WIDE = {"width": 320, "height": 720}, {"width": 1280, "height": 900}
# Templates of a state that the walk does not reach, and the test that opens each.
SEEN_ELSEWHERE = {
    **dict.fromkeys(("guidance/outside_closed.html", "guidance/outside_link.html", "guidance/outside_open.html"), "tests/guidance/test_outside.py"),
    **dict.fromkeys(("guidance/handoff_preview.html", "guidance/handoff_contact.html", "guidance/handoff_met.html"), "tests/guidance/test_views_handoffs.py"),
    "guidance/client_conflict.html": "tests/guidance/test_views_clients.py",
    **dict.fromkeys(("guidance/pathway_conflict.html", "guidance/option_move.html"), "tests/guidance/test_views_pathways.py and its neighbours"),
    "429.html": "tests/accounts/test_sign_in.py",
    "mfa/authenticate.html": "test_every_page_of_signing_in_with_a_code_is_accessible",
    "mfa/webauthn/reauthenticate.html": "tests/accounts/test_passkeys.py",
    "pilots/area_conflict.html": "test_every_page_of_a_conflict_is_accessible",
}
# Not pages: a file, a redirect, a step of the sign-in.
NOT_OPENED = {"guidance:pathway_plain_text", "guidance:pathway_export", "guidance:step_calendar", "set_language", "mfa_download_recovery_codes", "mfa_authenticate", "mfa_login_webauthn", "mfa_view_recovery_codes", "mfa_deactivate_totp", "mfa_reauthenticate_webauthn"}


@pytest.fixture
def world(transactional_db) -> World:
    """With a person who has every kind of second factor, and one without a password."""
    world = make_world()
    secured = world.people["secured"] = User.objects.create_user("secured@example.org", PASSWORD, name="Keksitty Turvattu")
    EmailAddress.objects.create(user=secured, email=secured.email, verified=True, primary=True)
    TOTP.activate(secured, generate_totp_secret())
    RecoveryCodes.activate(secured)
    world.passkey = Authenticator.objects.create(user=secured, type=Authenticator.Type.WEBAUTHN, data={"name": "Työkone", "credential": {}})
    world.people["passwordless"] = User.objects.create_user("passwordless@example.org", name="Keksitty Salasanaton")
    return world


@pytest.fixture
def client_of(world: World):
    clients: dict[str, Client] = {}

    def client(name: str) -> Client:
        return clients.setdefault(name, signed_in(world.people[name]))

    return client


def signed_in(user: User | None) -> Client:
    """A client whose person has given the password a moment ago, as account pages want it."""
    client = GuardClient(raise_request_exception=False)
    if user:
        if Membership.objects.filter(user=user, role__in=GUIDING_ROLES).exists() and not Authenticator.objects.filter(user=user).exists():
            TOTP.activate(user, generate_totp_secret())
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}, {"method": "mfa", "at": time.time(), "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def sign_in(context, user: User | None, live_server) -> None:
    cookie = signed_in(user).cookies.get(settings.SESSION_COOKIE_NAME)
    if cookie:
        address = f"https://{urlsplit(live_server.url).hostname}/"
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address, "secure": True, "httpOnly": True, "sameSite": "Lax"}])


def pages_to_open(world: World, language: str) -> list[Stop]:
    """Each address, and the states of a page that have a template or a look of their own."""
    prefix = "" if language == "fi" else f"/{language}"
    return [
        *(stop for stop in stops(world, language) if stop.name not in NOT_OPENED),
        *account_stops(world, language),
        Stop("home, coordinator", "coordinator", f"{prefix}/"),
        Stop("home, administrator", "administrator", f"{prefix}/"),
        Stop("home, Kuntaliitto", "kuntaliitto", f"{prefix}/"),
        Stop("search, found", VISITOR, f"{prefix}/search/?q=alfala"),
        Stop("search, nothing found", VISITOR, f"{prefix}/search/?q=olematonta"),
        Stop("list, filtered to nothing", VISITOR, f"{prefix}/areas/?q=olematonta"),
        Stop("list, bad filter", VISITOR, f"{prefix}/areas/?region=%00&kind=x"),
        Stop("not found", VISITOR, f"{prefix}/ei-ole/"),
        Stop("not allowed", "officer", f"{prefix}/areas/alfa/edit/"),
        Stop("unknown invitation", VISITOR, f"{prefix}/invitation/ei-ole/"),
    ]


def account_stops(world: World, language: str) -> list[Stop]:
    secured = {
        "account_logout": {},
        "account_reauthenticate": {},
        "mfa_index": {},
        "mfa_reauthenticate": {},
        "mfa_view_recovery_codes": {},
        "mfa_generate_recovery_codes": {},
        "mfa_deactivate_totp": {},
        "mfa_list_webauthn": {},
        "mfa_edit_webauthn": {"pk": world.passkey.pk},
        "mfa_remove_webauthn": {"pk": world.passkey.pk},
    }
    with translation.override(language):
        return [
            *(Stop(f"{name}, secured", "secured", reverse(name, kwargs=arguments)) for name, arguments in secured.items()),
            *(Stop(f"{name}, confirmed", "officer", reverse(name)) for name in ("mfa_activate_totp", "mfa_add_webauthn")),
            Stop("password, first", "passwordless", reverse("account_set_password")),
            Stop("leave", "officer", reverse("pilots:membership_leave", args=[world.memberships["officer"].pk])),
            Stop("ask to join", "officer", f"{reverse('pilots:join_ask')}?organisation=beta"),
            Stop("invitation", VISITOR, reverse("pilots:invitation_accept", args=[invitation_token(world.own.invitation)])),
        ]


def faults_of(page, stop: Stop) -> list[str]:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [f"{stop.name} {stop.path}: {fault['id']} at {fault['nodes'][0]['target']}" for fault in results.response["violations"]]


@contextmanager
def rendered_templates() -> Iterator[set[str]]:
    found: set[str] = set()

    def note(sender, template, **kwargs):
        if template.name:
            found.add(template.name)

    template_rendered.connect(note)
    try:
        yield found
    finally:
        template_rendered.disconnect(note)


def walk(stops_to_open, viewport, live_server, new_context, world) -> list[str]:
    faults, pages = [], {}
    for stop in stops_to_open:
        if stop.person not in pages:
            context = new_context(viewport=viewport)
            sign_in(context, world.people[stop.person], live_server)
            pages[stop.person] = context.new_page()
        page = pages[stop.person]
        page.goto(stop.path)
        faults += faults_of(page, stop)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append(f"{stop.name} {stop.path}: scrolls sideways at {viewport['width']} px")
    return faults


@pytest.mark.parametrize("language,viewport", [("fi", NARROW), ("fi", WIDE), ("sv", NARROW)], ids=["fi-narrow", "fi-wide", "sv-narrow"])
def test_every_page_is_accessible(language, viewport, live_server, new_context, world):
    faults = walk(pages_to_open(world, language), viewport, live_server, new_context, world)

    assert not faults, "\n".join(faults)


def test_every_page_is_accessible_in_english_where_it_differs(live_server, new_context, world, client_of):
    """Axe runs on every page in Finnish and Swedish; in English where the page has other elements than the Finnish one."""
    pairs = zip(pages_to_open(world, "fi"), pages_to_open(world, "en"), strict=True)
    different = [english for finnish, english in pairs if shape_of(client_of(finnish.person).get(finnish.path)) != shape_of(client_of(finnish.person).get(english.path))]

    faults = walk(different, NARROW, live_server, new_context, world)

    assert different
    assert not faults, "\n".join(faults)


def test_every_page_of_signing_in_with_a_code_is_accessible(page, live_server, world):
    world.passkey.delete()  # made without a real key, which the page would ask for
    page.set_viewport_size(NARROW)
    page.goto(reverse("account_login"))
    page.locator("input[type=email]").first.fill("secured@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()

    assert "authenticate" in page.url
    assert faults_of(page, Stop("authenticate", "secured", page.url)) == []


def test_every_page_of_a_conflict_is_accessible(page, context, live_server, world):
    page.set_viewport_size(NARROW)
    sign_in(context, world.people["coordinator"], live_server)
    page.goto(reverse("pilots:area_edit", args=["alfa"]))
    page.locator("textarea").first.fill("Oma teksti.")
    area = world.own.area
    area.description_fi, area.version = "Toisen teksti.", area.version + 1
    area.save()
    page.locator("main form button[type=submit]").first.click()

    assert "Oma teksti." in page.content()
    assert "Toisen teksti." in page.content()
    assert faults_of(page, Stop("conflict", "coordinator", page.url)) == []


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_every_page_template_is_opened(world, client_of):
    """A page template that no guard opens is one that no guard checks."""
    with rendered_templates() as seen:
        for stop in pages_to_open(world, "fi"):
            client_of(stop.person).get(stop.path)
    root = settings.BASE_DIR / "templates"
    pages = {path.relative_to(root).as_posix() for path in root.rglob("*.html") if re.search(r"{%\s*extends", path.read_text())}
    pages = {name for name in pages if not name.startswith(("components/", "allauth/", "bootstrap5/"))} - {"400.html", "500.html", "503.html", "403_csrf.html"}

    missing = sorted(pages - seen - set(SEEN_ELSEWHERE))
    assert not missing, "\n".join(missing)


def shape_of(response) -> list[str]:
    """Opening tags in their order, less the spans that only mark another language or tell of a fallback."""
    html = re.sub(r"<(span|p|bdi)\b[^>]*>|</(span|p|bdi)>", "", response.content.decode())
    return re.findall(r"<([a-z][a-z0-9]*)\b", html)


def test_every_page_guard_sees_a_fault(page, live_server):
    page.goto(reverse("about"))
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\"><input>')")

    assert len(faults_of(page, Stop("made", VISITOR, "/"))) >= 2
