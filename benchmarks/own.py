"""A client's own pages, and what the read log costs.

    python -m benchmarks.own [--rounds 40]

Starts a throw-away PostgreSQL and asks a production worker, in turn with the floor, for My path and for "who has read
about me" of a client about whom there are 100,000 rows in the log, among 200,000 of others. Then eight counsellors at once
ask for a pathway, with its row in the log and without.
"""
import argparse
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prepared import cookies_of, count, name_settings, set_up, tell, told_by
from benchmarks.runner import UNLOGGED, Page, floor_page, interleave, report, worker
from tests.servers import throwaway_postgres

ROWS, OF_OTHERS = 100_000, 200_000
PORT = 8768
PATH = "/my-path/readers/"
MOST_QUERIES = 18
EVENTS = 30
READERS, MOST_FOR_THE_LOG = 8, 1.25

FILL = """
insert into guidance_accesslog (at, user_id, organisation_id, action, purpose, basis, page, request_id)
select now() - (%(rows)s - n) * interval '1 second', %(user)s, %(organisation)s, 'view', 'guidance', '', 'guidance:pathway_detail', gen_random_uuid() from generate_series(1, %(rows)s) n;
insert into guidance_accesslogsubject (log_id, pseudonym)
select id, case when id %% %(every)s = 0 then %(pseudonym)s else lpad(to_hex(id %% 300000), 9, '0') end from guidance_accesslog
"""


def prepare() -> None:
    """In a process of its own, on DATABASE_URL: the rows, who asks, and in how many queries; told as JSON."""
    set_up()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from guidance.actions.contacts import log_event
    from guidance.choices import EventKind
    from tests.guidance.factories import make_partnership, make_shared_pathway
    from tests.guidance.own import make_account, sign_in_client
    from tests.guidance.web import sign_in

    # The pages of the log tell where the next one begins in their context.
    setup_test_environment()
    call_command("migrate", verbosity=0)
    made = make_partnership()
    pathway = make_shared_pathway(made)
    for number in range(EVENTS):
        log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=f"Keksitty merkintä {number}")
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        cursor.execute(FILL, {"rows": ROWS + OF_OTHERS, "every": (ROWS + OF_OTHERS) // ROWS, "user": made.anna.user_id, "organisation": made.city.pk, "pseudonym": pathway.pseudonym})
        cursor.execute("analyze")
    client = sign_in_client(make_account(pathway.client))
    after = client.get(PATH).context["page"].after
    deep = client.get(PATH, {"after": (ROWS + OF_OTHERS) // 10}).context["page"].after
    pages = [floor_page(), Page("My path, 30 events", "/my-path/", floors=5.0, most_queries=12), *(Page(name, path, floors=5.0, most_queries=MOST_QUERIES) for name, path in (("who has read, first page", PATH), ("who has read, second page", f"{PATH}?after={after}"), ("who has read, deep page", f"{PATH}?after={deep}")))]
    # With 100,000 rows about one person her own pages may read the log by whichever index they like.
    tell(pages=count(client, pages), staff=[Page("a pathway", f"/guidance/pathways/{pathway.pseudonym}/", headers=cookies_of(sign_in(made.anna)))])


def log_cost(rounds: int, url: str, asked_for: Page) -> bool:
    """The median of a pathway's page with its row in the read log against the one without, at eight readers."""
    with worker(PORT, url, threads=READERS) as found, ThreadPoolExecutor(READERS) as readers:

        def read(_number: int) -> tuple[Page, Page]:
            sides = Page("logged", asked_for.path), Page("not logged", asked_for.path)
            askers = found.beside(asked_for.headers), found.beside(asked_for.headers | {UNLOGGED: "1"})
            for turn in range(rounds):
                for asked, page in zip(askers, sides, strict=True):
                    asked.ask(page, keep=turn > 0)
            return sides

        read_pages = list(readers.map(read, range(READERS)))
    logged, unlogged = (statistics.median(time for sides in read_pages for time in sides[side].times) for side in (0, 1))
    print(f"{READERS} readers at once: {logged * 1000:.1f} ms with the read log, {unlogged * 1000:.1f} ms without: {logged / unlogged:.2f}, bar {MOST_FOR_THE_LOG}")
    return logged / unlogged <= MOST_FOR_THE_LOG


def measure(rounds: int, url: str) -> bool:
    told = told_by("benchmarks.own", url)
    floor, *pages = told["pages"]
    with worker(PORT, url) as asked:
        interleave(rounds, [(asked, floor, pages)])
    held = log_cost(rounds, url, told["staff"][0])
    return report(floor, pages) and held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name_settings()
    if chosen.prepare:
        return prepare()
    with throwaway_postgres() as url:
        sys.exit(0 if measure(chosen.rounds, url) else 1)


if __name__ == "__main__":
    main()
