"""Debian's Chromium for tests, watched: what a page may not do fails the test that opened it.

A test that takes `page` (or `context`, `new_context`) is marked `browser` and `once` by itself. Addresses are relative
to the live server: page.goto("/sv/").
"""
import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError
from pytest_django.live_server_helper import LiveServer

from tests.servers import chromium_path

BROWSER_FIXTURES = {"page", "context", "new_context", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.once)


class Watch:
    """Collects what no page of the portal may do; `allow(part)` takes back what the test itself provokes."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.allowed: list[str] = []

    def allow(self, part: str) -> None:
        self.allowed.append(part)

    def follow(self, context: BrowserContext) -> None:
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)

    def left(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.allowed)]

    def _on_request(self, request: Request) -> None:
        # data: and blob: stay in the browser.
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.faults.append(f"request left the server: {request.url}")

    def _on_response(self, response: Response) -> None:
        # A page may be a 403 or 404 on purpose, and its test says so; what a page loads may not.
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            self.faults.append(f"answer {response.status}: {response.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium tells a violation of the content security policy here; failed loads are judged by their status above.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _on_error(self, error: WebError) -> None:
        self.faults.append(f"script error: {error.error}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    program = chromium_path()
    if program is None:
        pytest.skip("Chromium is not on this machine")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
    # No name but the live server's can be looked up: a page that asks for more fails at once and leaves no trace outside.
    closed = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": program, "args": [*quiet, *closed, *root]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "fi-FI", "timezone_id": "Europe/Helsinki", "reduced_motion": "reduce"}


@pytest.fixture
def watch(live_server: LiveServer) -> Iterator[Watch]:
    watch = Watch(live_server.url)
    yield watch
    if watch.left():
        pytest.fail("The browser saw what no page may do:\n" + "\n".join(watch.left()), pytrace=False)


@pytest.fixture
def new_context(new_context: Callable[..., BrowserContext], watch: Watch) -> Callable[..., BrowserContext]:
    """Several people at once: a context each, for example new_context(viewport={"width": 320, "height": 640})."""

    def make(**options: object) -> BrowserContext:
        context = new_context(**options)
        # Pages answer in milliseconds; what is not there after this long will not come.
        context.set_default_timeout(15_000)
        watch.follow(context)
        return context

    return make


@pytest.fixture
def sign_in_browser(live_server: LiveServer) -> Callable[[BrowserContext, object], None]:
    """sign_in_browser(context, user): the context's pages are the user's from now on, without the sign-in form."""

    def sign_in(context: BrowserContext, user: object) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        # Cookies know no port; a Secure one can only be put in by an https address.
        address = f"https://{urlsplit(live_server.url).hostname}/"
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address, "secure": True, "httpOnly": True, "sameSite": "Lax"}])

    return sign_in
