"""Every page in a real browser: no fault of accessibility, no sideways scrolling at 320 px, every template seen.

`page` watches: a request that leaves the server, a breach of the policy or a script error fails the test.
"""
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import translation

from accounts.identity_providers import IdentityProvider
from accounts.models import User
from accounts.unavailable import server_error
from guidance.models import ClientAccount
from pilots.choices import CLIENT_ROLES
from pilots.models import Membership
from pilots.queries.invitations import invitation_token
from tests.project.conftest import GuardClient
from tests.project.states import answer_of, make_states, open_in_browser, states
from tests.project.walk import Stop, stops
from tests.project.world import PASSWORD, VISITOR, World, make_world

AXE = Axe().axe_script
UNSECURED, UNSECURED_CLIENT = "unsecured@example.org", "unsecured-client@example.org"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW, WIDE = 320, 1280
VIEWPORTS = {NARROW: {"width": NARROW, "height": 720}, WIDE: {"width": WIDE, "height": 900}}
# Templates that the walk does not reach, and where they are opened.
SEEN_ELSEWHERE = {
    "mfa/authenticate.html": "test_every_page_of_signing_in_with_a_code_is_accessible: half signed in",
    "mfa/webauthn/reauthenticate.html": "tests/accounts/test_passkeys.py: it asks for a real key, which the walk's passkey is not",
    "guidance/own_link_open.html": "tests/guidance/test_own_join.py: a link opens once",
    "pilots/comment_add.html": "tests/pilots/test_discussion.py: a comment that was refused",
    **{f"{name}.html": "test_every_page_of_a_failure_is_accessible" for name in ("400", "403_csrf", "413", "429", "500", "503")},
}
# Not pages: a file, a redirect, a step of the sign-in.
NOT_OPENED = {"guidance:pathway_plain_text", "guidance:pathway_export", "guidance:step_calendar", "set_language", "mfa_download_recovery_codes", "mfa_authenticate", "mfa_login_webauthn", "mfa_view_recovery_codes", "mfa_deactivate_totp", "mfa_reauthenticate_webauthn"}


# A sign-in service that is never asked: what the pages show of it.
SERVICE = IdentityProvider("house", {"fi": "Keksitty kirjautuminen", "sv": "Påhittad inloggning", "en": "Made sign-in"}, "https://id.example.org", "kopa", "s", "both")


@pytest.fixture
def world(transactional_db, monkeypatch) -> World:
    """With a sign-in service, a person who has every kind of second factor, one without a password, and a counsellor without a second factor."""
    monkeypatch.setattr(settings, "IDENTITY_PROVIDERS", (SERVICE,))
    world = make_world()
    secured = world.people["secured"] = User.objects.create_user("secured@example.org", PASSWORD, name="Keksitty Turvattu")
    EmailAddress.objects.create(user=secured, email=secured.email, verified=True, primary=True)
    TOTP.activate(secured, generate_totp_secret())
    RecoveryCodes.activate(secured)
    SocialAccount.objects.create(user=secured, provider=SERVICE.id, uid="made")
    world.passkey = Authenticator.objects.create(user=secured, type=Authenticator.Type.WEBAUTHN, data={"name": "Työkone", "credential": {}})
    world.people["passwordless"] = User.objects.create_user("passwordless@example.org", name="Keksitty Salasanaton")
    place = world.memberships["counsellor"]
    unsecured = world.people["unsecured"] = User.objects.create_user(UNSECURED, name="Keksitty Turvaton")
    Membership.objects.create(user=unsecured, organisation=place.organisation, role=place.role, started_at=place.started_at)
    unsecured_client = world.people["unsecured_client"] = User.objects.create_user(UNSECURED_CLIENT)
    world.people["unknown_client"] = User.objects.create_user("unknown-client@example.org")
    make_states(world)
    ClientAccount.objects.create(client=world.own.alone.client, user=unsecured_client, joined_at=place.started_at)
    ClientAccount.objects.create(client=world.own.protected.client, user=world.people["unknown_client"], joined_at=place.started_at)
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
        needs = Membership.objects.filter(user=user, role__in=CLIENT_ROLES).exists() or ClientAccount.objects.filter(user=user).exists()
        if needs and user.email not in (UNSECURED, UNSECURED_CLIENT) and not Authenticator.objects.filter(user=user).exists():
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
        *states(world, language),
        Stop("own page, no second factor", "unsecured_client", f"{prefix}/my-path/"),
        Stop("own page, next appointment only", "unknown_client", f"{prefix}/my-path/"),
        Stop("home, coordinator", "coordinator", f"{prefix}/"),
        Stop("home, administrator", "administrator", f"{prefix}/"),
        Stop("home, Kuntaliitto", "kuntaliitto", f"{prefix}/"),
        Stop("search, found", VISITOR, f"{prefix}/search/?q=alfala"),
        Stop("search, nothing found", VISITOR, f"{prefix}/search/?q=olematonta"),
        Stop("list, filtered to nothing", VISITOR, f"{prefix}/areas/?q=olematonta"),
        Stop("list, bad filter", VISITOR, f"{prefix}/areas/?region=%00&kind=x"),
        Stop("sign-in service, failed", VISITOR, reverse("openid_connect_callback", args=[SERVICE.id])),
        Stop("not found", VISITOR, f"{prefix}/ei-ole/"),
        Stop("not allowed", "officer", f"{prefix}/areas/alfa/edit/"),
        Stop("unknown invitation", VISITOR, f"{prefix}/invitation/ei-ole/"),
    ]


def account_stops(world: World, language: str) -> list[Stop]:
    secured = {
        "account": {},
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
            Stop("second factor, needed", "unsecured", reverse("guidance:waiting")),
            Stop("leave", "officer", reverse("pilots:membership_leave", args=[world.memberships["officer"].pk])),
            Stop("ask to join", "officer", f"{reverse('pilots:join_ask')}?organisation=beta"),
            Stop("invitation", VISITOR, reverse("pilots:invitation_accept", args=[invitation_token(world.own.invitation)])),
        ]


def faults_of(page, stop: Stop) -> list[str]:
    """What axe finds; what it finds in order is left in the browser, for bringing it over takes as long as the judgement."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(options).then(results => results.violations)", options)
    return [f"{stop.name} {stop.path}: {fault['id']} at {fault['nodes'][0]['target']}" for fault in violations]


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


@pytest.fixture
def faults_on_the_walk(live_server, new_context, world) -> Callable[..., list[str]]:
    """faults_on_the_walk(stops, {320: judged, 1280: judged}): each page opened once; at each width none scrolls sideways, and axe runs on those judged."""

    def walk(stops_to_open: list[Stop], judged: dict[int, set[str]]) -> list[str]:
        faults, pages = [], {}
        for stop in stops_to_open:
            if stop.person not in pages:
                context = new_context(viewport=VIEWPORTS[NARROW])
                sign_in(context, world.people[stop.person], live_server)
                pages[stop.person] = context.new_page()
            open_in_browser(pages[stop.person], stop)
            faults += [fault for width, names in judged.items() for fault in faults_at(pages[stop.person], stop, width, stop.name in names)]
        return faults

    return walk


def faults_at(page, stop: Stop, width: int, judge: bool = True) -> list[str]:
    page.set_viewport_size(VIEWPORTS[width])
    faults = [f"{width} px: {fault}" for fault in faults_of(page, stop)] if judge else []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append(f"{stop.name} {stop.path}: scrolls sideways at {width} px")
    return faults


@pytest.fixture
def share(proof: bool, rng: random.Random) -> Callable[[list[Stop]], set[str]]:
    """share(stops): the names of a sixth of them, drawn by the seed; of all in `make proof`."""

    def draw(stops_to_open: list[Stop]) -> set[str]:
        names = sorted({stop.name for stop in stops_to_open})
        return set(names if proof else rng.sample(names, -(-len(names) // 6)))

    return draw


@pytest.fixture
def one_in(proof: bool, rng: random.Random) -> Callable[[int, list], list]:
    """one_in(3, stops): every third one, from the one on that the seed says; all in `make proof`."""
    return lambda step, stops_to_open: stops_to_open if proof else stops_to_open[rng.randrange(step) :: step]


@pytest.mark.minutes
@pytest.mark.parametrize("half", range(2))  # for the second process
def test_every_page_is_accessible(faults_on_the_walk, share, one_in, world, half):
    """Axe runs on every third page as a telephone has it, drawn by the seed, in `make proof` on all; on a share of them as a desk has it. At neither width does one scroll sideways."""
    finnish = one_in(3, pages_to_open(world, "fi")[half::2])

    faults = faults_on_the_walk(finnish, {NARROW: {stop.name for stop in finnish}, WIDE: share(finnish)})

    assert not faults, "\n".join(faults)


@pytest.mark.minutes
def test_every_page_is_accessible_in_swedish(faults_on_the_walk, share, one_in, world, client_of):
    """Its words are as long as the Finnish ones: a sixth of the pages are opened, drawn by the seed, in `make proof` all. Axe runs on a share of those with other elements than the Finnish one, and of the rest."""
    swedish = one_in(6, list(zip(pages_to_open(world, "fi"), pages_to_open(world, "sv"), strict=True)))

    opened = [stop for _finnish, stop in swedish]
    faults = faults_on_the_walk(opened, {NARROW: share(opened) | share(differing(swedish, client_of))})

    assert not faults, "\n".join(faults)


@pytest.mark.minutes
def test_every_page_is_accessible_in_english_where_it_differs(faults_on_the_walk, share, one_in, world, client_of):
    different = differing(one_in(6, list(zip(pages_to_open(world, "fi"), pages_to_open(world, "en"), strict=True))), client_of)

    faults = faults_on_the_walk(different, {NARROW: share(different)})

    assert different
    assert not faults, "\n".join(faults)


def differing(pairs: list[tuple[Stop, Stop]], client_of) -> list[Stop]:
    """The second pages of the pairs, those that have other elements than the first, which is the same page in Finnish."""
    return [other for finnish, other in pairs if shape_of(answer_of(client_of(finnish.person), finnish)) != shape_of(answer_of(client_of(finnish.person), other))]


def test_every_page_of_signing_in_with_a_code_is_accessible(page, live_server, world):
    world.passkey.delete()  # made without a real key, which the page would ask for
    page.set_viewport_size(VIEWPORTS[NARROW])
    page.goto(reverse("account_login"))
    page.locator("input[type=email]").first.fill("secured@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()

    assert "authenticate" in page.url
    assert faults_of(page, Stop("authenticate", "secured", page.url)) == []


def failing(error: Exception):
    try:
        raise error
    except Exception:
        return server_error(RequestFactory().get("/"))


def too_many() -> HttpResponse:
    client = Client()
    for number in range(30):
        client.post("/account/login/", {"login": f"nobody{number}@example.org", "password": "wrong"})
    return client.post("/account/login/", {"login": "nobody@example.org", "password": "wrong"})


FAILURES = {
    "400": lambda: Client(raise_request_exception=False).get("/", headers={"host": "not ours"}),
    "403_csrf": lambda: Client(enforce_csrf_checks=True).post("/account/login/"),
    "413": lambda: Client().post("/account/login/", {"login": "a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}),
    "429": too_many,
    "500": lambda: failing(ZeroDivisionError()),
    "503": lambda: failing(OperationalError()),
}


@pytest.mark.parametrize("name", FAILURES)
def test_every_page_of_a_failure_is_accessible(name, page, live_server, transactional_db):
    """Laid before the browser as it was answered: a live server that fails would fail every other page too."""
    with rendered_templates() as seen:
        answer = FAILURES[name]()
    page.route("**/failed/", lambda route: route.fulfill(body=answer.content.decode(), content_type="text/html"))

    page.goto("/failed/")
    faults = faults_at(page, Stop(name, VISITOR, "/failed/"), NARROW)

    assert (f"{name}.html" in seen, str(answer.status_code)) == (True, name[:3])
    assert faults == []


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_every_page_template_is_opened(world, client_of):
    """A page template that no guard opens is one that no guard checks."""
    dashes = []
    with rendered_templates() as seen:
        for stop in pages_to_open(world, "fi"):
            if b">---------<" in getattr(answer_of(client_of(stop.person), stop), "content", b""):
                dashes.append(stop.path)
    # A choice of nothing says what it means.
    assert not dashes
    root = settings.BASE_DIR / "templates"
    pages = {path.relative_to(root).as_posix() for path in root.rglob("*.html") if re.search(r"{%\s*extends", path.read_text())}
    pages = {name for name in pages if not name.startswith(("components/", "allauth/", "bootstrap5/"))}

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
