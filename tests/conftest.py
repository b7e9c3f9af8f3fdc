"""What every test can ask for; tests/browser.py and tests/append_only.py bring theirs."""
import fcntl
import gc
import os
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import hypothesis
import pytest
from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).resolve().parent.parent
PROOF = os.environ.get("PROOF") == "1"
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}

pytest_plugins = ["tests.browser", "tests.append_only"]


def pytest_configure(config: pytest.Config) -> None:
    # In the environment, so that other processes of the same run draw the same.
    os.environ.setdefault("SEED", str(secrets.randbelow(10**6)))
    # No deadline: the time of one example says nothing on a shared machine.
    hypothesis.settings.register_profile("kopa", max_examples=_share(100), deadline=None, database=None, print_blob=True)
    hypothesis.settings.load_profile("kopa")
    # The collector looks for rubbish far too often for thousands of tests over the same models: a fifth of their time.
    gc.set_threshold(50_000, 20, 20)
    if not hasattr(config, "workerinput"):
        _make_what_set_up_makes()


def _make_what_set_up_makes() -> None:
    """Word forms and collected static files, as `make demo` has them, so that plain pytest sees today's; the catalogues are in tests/settings.py."""
    from django.core.management import call_command

    from kopa_portal.demo import static_is_old
    from kopa_portal.settings import VAR_DIR

    # Two runs may start at the same time; the second waits and finds everything there.
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (VAR_DIR / "test-set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("build_word_forms", verbosity=0, stdout=StringIO())
        if static_is_old():
            call_command("collectstatic", interactive=False, verbosity=0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test of one database's own ways is not chosen on the other, so that what was chosen and is skipped is told below.

    A test that asks for no database cannot depend on which it is: pytest-django refuses it every query. Views are thin: what they
    answer is asked on PostgreSQL, and SQLite has every page of theirs opened by the walks of tests/project, and their actions and queries.
    """
    from django.db import connection

    for item in items:
        if "views" in item.path.stem.split("_"):
            item.add_marker(pytest.mark.once)
        if not item.get_closest_marker("django_db") and not DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.once)
    other = [item for item in items if (mark := item.get_closest_marker("engine")) and connection.vendor not in mark.args]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if item not in other]
    # Begun last, one of minutes would be waited for by the process that has nothing left: they are the first of the second
    # process's half. Those that empty the database stay behind the others.
    long = {item for item in items if item.get_closest_marker("minutes")}
    short = [item for item in items if item not in long]
    emptying = next((place for place, item in enumerate(short) if {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))), 0)
    place = max(emptying, (len(items) + 1) // 2)
    items[:] = [*short[:place], *(item for item in items if item in long), *short[place:]]


def pytest_collection_finish() -> None:
    # What is there now stays to the end: not to be looked through again.
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With REQUIRE_ALL=1 nothing that was chosen may be left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("REQUIRE_ALL") == "1" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_report_header() -> list[str]:
    share = "in full" if PROOF else "a tenth (make proof: in full)"
    return [f"seed: SEED={os.environ['SEED']} repeats this run's random choices; batteries: {share}"]


def _share(full: int) -> int:
    return full if PROOF else max(1, full // 10)


@pytest.fixture(scope="session")
def proof() -> bool:
    """Whether this is `make proof`, where nothing is drawn and everything is run."""
    return PROOF


@pytest.fixture(scope="session")
def battery_count() -> Callable[[int], int]:
    """battery_count(full): how many rounds to run: all in `make proof`, a tenth of them otherwise, never none."""
    return _share


@pytest.fixture(scope="session")
def seed() -> int:
    """Of the run's random choices; printed in the header, set again with SEED=…"""
    return int(os.environ["SEED"])


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Draws the same in a test whichever others run before it."""
    return random.Random(f"{seed} {request.node.nodeid}")


@pytest.fixture
def at_once() -> Callable[[list[Callable[[], object]]], list[object]]:
    """at_once([call, …]): each in a thread with a connection of its own, all let go together; results or exceptions in order.

    For races; needs a transactional test, or the threads see no row of it.
    """

    def run(calls: list[Callable[[], object]]) -> list[object]:
        from django.db import connections

        gate = threading.Barrier(len(calls))

        def one(call: Callable[[], object]) -> object:
            gate.wait(timeout=60)
            try:
                return call()
            except Exception as failure:
                return failure
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(one, calls))

    return run


@pytest.fixture(scope="session")
def live_server(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker) -> Iterator[LiveServer]:
    """The portal on http://localhost, its static files through WhiteNoise as in production, not by Django's test handler.

    Begins after the database and ends before it, whichever test comes first: its threads hold connections.
    """
    server = LiveServer(request.config.getvalue("liveserver") or "localhost", start=False)
    server.thread.static_handler = lambda application: application
    server.start()
    yield server
    server.stop()
    from django.db import connections

    with django_db_blocker.unblock():
        _wait_until_alone()
        # While Playwright's loop runs, this thread has a second connection, which nobody else ends.
        connections.close_all()


def _wait_until_alone() -> None:
    """The server's last threads end after it has stopped, and PostgreSQL takes no database away that one of them still holds; one that waits for its browser is ended."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    with connection.cursor() as cursor:
        for _turn in range(40):
            cursor.execute(f"SELECT 1 {others}")
            if cursor.fetchone() is None:
                return
            time.sleep(0.05)
        cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """What pytest-playwright resolves relative addresses against; here, for a plugin's own fixture would win over one in tests/browser.py."""
    return live_server.url


@pytest.fixture(autouse=True)
def _forget_throttling(request: pytest.FixtureRequest) -> Iterator[None]:
    """The cache table is no model's, so the flush after a transactional test leaves its rows: throttling would leak into the next."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if {"transactional_db", "live_server"} & set(request.fixturenames) or (marker and marker.kwargs.get("transaction")):
        from django.core.cache import cache

        with request.getfixturevalue("django_db_blocker").unblock():
            cache.clear()
