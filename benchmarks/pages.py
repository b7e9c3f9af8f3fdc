"""Pages of the network against their bars: at most so many queries, so many bytes, so many times the floor.

    python -m benchmarks.pages [--rounds 60]

Starts a throw-away PostgreSQL, loads the real network, fills the country up to 309 municipalities, starts one
production worker and asks it for the pages in turn with the floor between them.
"""
import argparse
import os
import sys
from urllib.parse import quote

from benchmarks.runner import Page, floor_page, interleave, report, worker
from tests.servers import throwaway_postgres

PORT = 8765
MUNICIPALITIES = 309


def pages() -> list[Page]:
    paths = {
        "home": "/",
        "area list": "/areas/",
        "area page": "/areas/yla-savo/",
        "municipality list, 309": "/municipalities/",
        "municipality list, page 7": "/municipalities/?page=7",
        "municipality page": "/municipalities/140/",
        "figures of a municipality": "/municipalities/140/environment/?theme=ages",
        "figures of an area": "/areas/yla-savo/environment/?theme=ages",
        "compare five": "/municipalities/compare/?theme=ages&m=140&m=263&m=925&m=762&m=297",
        "organisation list": "/organisations/",
        "search, common": "/search/?q=" + quote("järvi"),
        "search, rare": "/search/?q=" + quote("Närpiön"),
        "search, absent": "/search/?q=olematonta",
        "network summary": "/summary/",
        "network summary, use": "/summary/?part=use",
    }
    return [Page(name, path) for name, path in paths.items()]


def prepare(measured: list[Page]) -> str:
    """Fill the database, count each page's queries with Django's own client; gives the officer's cookie."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.country import fill_figures, fill_up, make_officer

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_network", verbosity=0)
    fill_up(MUNICIPALITIES)
    fill_figures()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(HTTP_HOST="localhost")
    client.force_login(make_officer())
    for page in measured:
        client.get(page.path)
        with CaptureQueriesContext(connection) as queries:
            client.get(page.path)
        page.queries = len(queries)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def measure(rounds: int, database: str) -> bool:
    measured, floor = pages(), floor_page()
    cookie = prepare([floor, *measured])
    with worker(PORT, {"Cookie": cookie}, database) as asked:
        interleave(rounds, [(asked, floor, measured)])
    return report(floor, measured)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
    os.environ.setdefault("PUBLIC_ORIGIN", "https://kopa.example.org")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    with throwaway_postgres() as url:
        os.environ["DATABASE_URL"] = url
        met = measure(rounds, url)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
