"""Pages of issue-sized bars: at most so many queries, so many bytes, so many times the floor.

    python -m benchmarks.pages [--rounds 60]

Starts a throw-away PostgreSQL, loads the real network, fills the country up to 309 municipalities, starts one
production worker and asks it for the pages in turn with the floor between them, over one kept connection.
The median of each page is divided by the median of the floor of the same run.
"""
import argparse
import http.client
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import quote

from tests.servers import throwaway_postgres

PORT = 8765
MUNICIPALITIES = 309
MOST_QUERIES, MOST_BYTES, MOST_FLOORS = 8, 60_000, 4.0


@dataclass
class Page:
    name: str
    path: str
    times: list[float]
    bytes: int = 0
    queries: int = 0


def pages() -> list[Page]:
    paths = {
        "home": "/",
        "area list": "/areas/",
        "area page": "/areas/yla-savo/",
        "municipality list, 309": "/municipalities/",
        "municipality list, page 7": "/municipalities/?page=7",
        "municipality page": "/municipalities/140/",
        "organisation list": "/organisations/",
        "search, common": "/search/?q=" + quote("järvi"),
        "search, rare": "/search/?q=" + quote("Närpiön"),
        "search, absent": "/search/?q=olematonta",
    }
    return [Page(name, path, []) for name, path in paths.items()]


def ask(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, int]:
    started = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie, "Host": f"localhost:{PORT}"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"{path} answered {response.status}")
    return time.perf_counter() - started, len(body)


def prepare(measured: list[Page]) -> str:
    """Fill the database, count each page's queries with Django's own client; gives the officer's cookie."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.country import fill_up, make_officer

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_network", verbosity=0)
    fill_up(MUNICIPALITIES)
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


def measure(rounds: int) -> bool:
    measured, floor = pages(), Page("floor F", "/floor/", [])
    everything = [floor, *measured]
    cookie = prepare(everything)
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "kopa_portal.wsgi:application", "--bind", f"127.0.0.1:{PORT}", "--workers", "1", "--threads", "1", "--worker-class", "gthread", "--log-level", "warning"])
    try:
        time.sleep(4)
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        for turn in range(rounds + 3):
            for page in measured:
                for asked in (floor, page):
                    seconds, asked.bytes = ask(connection, asked.path, cookie)
                    if turn >= 3:
                        asked.times.append(seconds)
    finally:
        server.terminate()
        server.wait()
    return report(floor, measured)


def report(floor: Page, measured: list[Page]) -> bool:
    base = statistics.median(floor.times)
    print(f"floor F: median {base * 1000:.2f} ms, {floor.queries} queries, {len(floor.times)} times")
    print(f"{'page':28}{'F':>6}{'ms':>8}{'queries':>9}{'bytes':>8}  met")
    all_met = True
    for page in measured:
        median = statistics.median(page.times)
        met = median / base <= MOST_FLOORS and page.queries <= MOST_QUERIES and page.bytes <= MOST_BYTES
        all_met &= met
        print(f"{page.name:28}{median / base:>6.2f}{median * 1000:>8.2f}{page.queries:>9}{page.bytes:>8}  {'yes' if met else 'NO'}")
    return all_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
    os.environ.setdefault("PUBLIC_ORIGIN", "https://kopa.example.org")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    with throwaway_postgres() as url:
        os.environ["DATABASE_URL"] = url
        met = measure(rounds)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
