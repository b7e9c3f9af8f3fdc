"""What a run asks for: made in a process of its own on one database, which knows who asks, in how many queries and by which plans."""
import json
import os
import subprocess
import sys
import time
from typing import Any

from benchmarks.runner import Page

# Rows from which reading a table whole is more than a page may do.
LARGE_TABLE = 20_000
READING = ("SELECT", "WITH", "EXECUTE", "(")


def set_up() -> None:
    """Django, on the database of DATABASE_URL."""
    name_settings()
    import django

    django.setup()


def name_settings() -> None:
    os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
    os.environ.setdefault("PUBLIC_ORIGIN", "https://kopa.example.org")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"


def told_by(module: str, url: str, *more: str) -> dict[str, list[Page]]:
    """What `python -m module --prepare` prints: lists of pages by a name."""
    done = subprocess.run([sys.executable, "-m", module, "--prepare", *more], env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True)
    return {name: [Page(**page) for page in pages] for name, pages in json.loads(done.stdout).items()}


def tell(**pages: list[Page]) -> None:
    print(json.dumps({name: [page.__dict__ for page in found] for name, found in pages.items()}))


def cookies_of(client) -> dict[str, str]:
    found = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())} if client.cookies else {}
    return found | ({"X-CSRFToken": client.cookies["__Host-csrf"].value} if "__Host-csrf" in client.cookies else {})


def count(client, pages: list[Page], after=None) -> list[Page]:
    """Each asked for twice by Django's own client: of the second time the queries and their plans. `after` takes back what a page stored."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.guidance.web import TRANSACTION

    for page in pages:
        ask = (lambda page=page: client.post(page.path, page.data)) if page.data else (lambda page=page: client.get(page.path))
        ask()
        if after:
            after()
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        if after:
            after()
        if answer.status_code != page.status:
            page.fault = f"{page.path} answered {answer.status_code}"
        asked = [query["sql"] for query in queries if not query["sql"].startswith(TRANSACTION)]
        page.queries, page.scanned, page.headers = len(asked), scanned_by(asked), cookies_of(client)
    return pages


def scanned_by(queries: list[str]) -> list[str]:
    """The large tables that PostgreSQL would read whole for them."""
    from django.db import connection

    found: set[str] = set()
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE_TABLE])
        large = {name for (name,) in cursor.fetchall()}
        for query in queries:
            if query.startswith(READING):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query}")
                found |= {name for name in _read_whole(cursor.fetchone()[0][0]["Plan"]) if name in large}
    return sorted(found)


def _read_whole(plan: dict[str, Any]) -> set[str]:
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*(_read_whole(one) for one in plan.get("Plans", ())))


def count_summaries() -> list[float]:
    """What the clock does each minute; here it has to last as long as the measuring. How long it takes."""
    from datetime import timedelta

    from django.utils import timezone

    from summaries.actions.counting_ahead import count_ahead
    from summaries.queries import kept

    kept.LASTS, took = timedelta(days=1), []
    for _turn in range(3):
        started = time.perf_counter()
        count_ahead(timezone.now())
        took.append(time.perf_counter() - started)
    return took
