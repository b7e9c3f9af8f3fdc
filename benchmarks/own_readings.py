"""“Who has read about me” of a client about whom there are 100,000 rows in the read log, among 200,000 of others.

    python -m benchmarks.own_readings [--rounds 40]

Starts a throw-away PostgreSQL and asks a production worker for the page, in turn with the floor.
"""
import argparse
import json
import os
import subprocess
import sys

from benchmarks.runner import Page, floor_page, interleave, report, worker
from tests.servers import throwaway_postgres

ROWS, OF_OTHERS = 100_000, 200_000
PORT = 8768
PATH = "/my-path/readers/"
MOST_QUERIES = 18

FILL = """
insert into guidance_accesslog (at, user_id, organisation_id, action, purpose, basis, page, request_id)
select now() - (%(rows)s - n) * interval '1 second', %(user)s, %(organisation)s, 'view', 'guidance', '', 'guidance:pathway_detail', gen_random_uuid() from generate_series(1, %(rows)s) n;
insert into guidance_accesslogsubject (log_id, pseudonym)
select id, case when id %% %(every)s = 0 then %(pseudonym)s else lpad(to_hex(id %% 300000), 9, '0') end from guidance_accesslog
"""


def prepare() -> None:
    """In a process of its own, on DATABASE_URL: the rows, who asks, and in how many queries; written as JSON."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.guidance.factories import make_partnership, make_pathway
    from tests.guidance.own import make_account, sign_in_client
    from tests.guidance.web import TRANSACTION

    call_command("migrate", verbosity=0)
    made = make_partnership()
    pathway = make_pathway(made)
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        cursor.execute(FILL, {"rows": ROWS + OF_OTHERS, "every": (ROWS + OF_OTHERS) // ROWS, "user": made.anna.user_id, "organisation": made.city.pk, "pseudonym": pathway.pseudonym})
        cursor.execute("analyze")
    client = sign_in_client(make_account(pathway.client))
    after = client.get(PATH).context["page"].after
    deep = client.get(PATH, {"after": (ROWS + OF_OTHERS) // 10}).context["page"].after
    pages = [floor_page(), *(Page(name, path, floors=5.0, most_queries=MOST_QUERIES) for name, path in (("first page", PATH), ("second page", f"{PATH}?after={after}"), ("deep page", f"{PATH}?after={deep}")))]
    for page in pages:
        client.get(page.path)
        with CaptureQueriesContext(connection) as queries:
            client.get(page.path)
        page.queries = sum(not query["sql"].startswith(TRANSACTION) for query in queries)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    print(json.dumps({"headers": {"Cookie": cookie}, "pages": [page.__dict__ for page in pages]}))


def measure(rounds: int, url: str) -> bool:
    command = [sys.executable, "-m", "benchmarks.own_readings", "--prepare"]
    told = json.loads(subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True).stdout)
    floor, *pages = [Page(**page) for page in told["pages"]]
    with worker(PORT, told["headers"], url) as asked:
        interleave(rounds, [(asked, floor, pages)])
    return report(floor, pages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
    os.environ.setdefault("PUBLIC_ORIGIN", "https://kopa.example.org")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    if chosen.prepare:
        return prepare()
    with throwaway_postgres() as url:
        sys.exit(0 if measure(chosen.rounds, url) else 1)


if __name__ == "__main__":
    main()
