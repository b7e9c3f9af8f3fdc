"""Pages of guidance and check_pathways against their bars, in a country of 300,000 clients beside one of 3,000.

    python -m benchmarks.guidance [--rounds 40] [--clients 300000] [--filled SMALL LARGE]

Starts a throw-away PostgreSQL, makes both countries (minutes), and asks a production worker on each for the pages of
a counsellor with a second factor, in turn with the floor between them. `--filled` takes two databases that an earlier
`python -m benchmarks.national` has filled instead; they keep what the measuring writes in the read log.
"""
import argparse
import os
import subprocess
import sys
import time

from benchmarks.prepared import count, name_settings, set_up, tell, told_by
from benchmarks.runner import Page, floor_page, interleave, report, worker
from tests.servers import throwaway_postgres

SMALL, LARGE = 3_000, 300_000
PORTS = {"small": 8766, "large": 8767}
GROWTH, DEEP = 1.3, 1.3
# Pages of different length are no measure of growth.
ALIKE = 0.85
CHECK_SECONDS, CHECK_MB = 60, 200
LIST, SEARCH = "/guidance/clients/", "/guidance/clients/search/"
HOME, FIRST_PAGE, DEEP_PAGE = "home (waiting for me)", "client list, page 1", "client list, deep page"


def pages(pathway: str, deep: int, deep_pathway: str) -> list[Page]:
    """The bars of the issue. `deep`: the row after which a page near the end of the list begins."""
    listed = {"floors": 4.0, "most_queries": 8, "most_bytes": 40_000}
    found = {"floors": 5.0, "most_queries": 8, "most_bytes": 40_000}
    of_pathway = {"floors": 5.0, "most_queries": 12}
    return [
        Page(HOME, "/guidance/", floors=4.0, most_queries=8),
        Page(FIRST_PAGE, LIST, **listed),
        Page(DEEP_PAGE, f"{LIST}?after={deep}", **listed),
        Page("client list, one stage", f"{LIST}?stage=identification", **listed),
        Page("client list, late and stale", f"{LIST}?overdue=1&stale=1", **listed),
        Page("client list, under 30 of a group", f"{LIST}?under_30=1&group=no_qualification", **listed),
        Page("client list, own", f"{LIST}?mine=1", **listed),
        Page("search, common", SEARCH, data={"name": "ranta", "birth_date": ""}, **found),
        Page("search, rare", SEARCH, data={"name": "rvinais", "birth_date": ""}, **found),
        Page("search, absent", SEARCH, data={"name": "olematon", "birth_date": ""}, **found),
        Page("pathway, 30 events", f"/guidance/pathways/{pathway}/", **of_pathway),
        Page("pathway, usual", f"/guidance/pathways/{deep_pathway}/", **of_pathway),
    ]


def prepare() -> None:
    """In a process of its own, on DATABASE_URL: who asks, for what, in how many queries; told as JSON."""
    set_up()
    tell(pages=asked_by_counsellor())


def asked_by_counsellor() -> list[Page]:
    """The floor and the pages, counted, with their cookies."""
    from benchmarks.national import COUNSELLOR
    from guidance.queries.client_list import NAME_KEY, participations_now
    from pilots.models import Membership
    from tests.guidance.web import sign_in

    person = Membership.objects.active().get(user__email=COUNSELLOR)
    client = sign_in(person)
    here = participations_now(person.organisation_id).order_by(NAME_KEY, "pk")
    deep = here[int(here.count() * 0.9)].pk
    own = here.filter(responsible=person)
    shown, usual = (own.order_by(order).values_list("pathway__pseudonym", flat=True)[0] for order in ("pathway_id", "-pathway_id"))
    client.get(SEARCH)
    return count(client, [floor_page(), *pages(shown, deep, usual)])


def fill(url: str, clients: int) -> None:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "benchmarks.national", "--clients", str(clients)], env=os.environ | {"DATABASE_URL": url}, check=True)
    print(f"{clients} clients made in {time.perf_counter() - started:.0f} s", flush=True)


def measure(rounds: int, urls: dict[str, str]) -> bool:
    read = {side: told_by("benchmarks.guidance", url)["pages"] for side, url in urls.items()}
    with worker(PORTS["small"], urls["small"]) as small, worker(PORTS["large"], urls["large"]) as large:
        interleave(rounds, [(asked, read[side][0], read[side][1:]) for side, asked in (("small", small), ("large", large))])
    (_floor, *few), (floor, *many) = read["small"], read["large"]
    met = report(floor, many, against=[("growth", GROWTH, few)])
    by_name = {page.name: page for page in many}
    deep = by_name[DEEP_PAGE].median / by_name[FIRST_PAGE].median
    print(f"deep page against page 1: {deep:.2f}, bar {DEEP}")
    print(f"the worker had at most {large.peak_mb} MB")
    shorter = [page.name for page, other in zip(many, few, strict=True) if other.bytes < ALIKE * page.bytes]
    if shorter:
        print(f"shorter in the small country, and so not compared fairly: {', '.join(shorter)}")
    return met and deep <= DEEP and not shorter


def check(url: str) -> bool:
    """check_pathways in a process of its own: how long, and the most memory that it had."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "manage.py", "check_pathways"], env=os.environ | {"DATABASE_URL": url}, stdout=subprocess.PIPE, text=True)
    words = process.stdout.read() if process.stdout else ""
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds, peak = time.perf_counter() - started, usage.ru_maxrss // 1024
    print(f"check_pathways: {seconds:.1f} s, bar {CHECK_SECONDS}; {peak} MB, bar {CHECK_MB}; {words.splitlines()[-1]}")
    return not status and seconds <= CHECK_SECONDS and peak <= CHECK_MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--clients", type=int, default=LARGE)
    parser.add_argument("--filled", nargs=2, metavar=("SMALL", "LARGE"), help="addresses of two databases that are filled already")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name_settings()
    if chosen.prepare:
        return prepare()
    if chosen.filled:
        sys.exit(0 if prove(chosen.rounds, dict(zip(PORTS, chosen.filled, strict=True))) else 1)
    with throwaway_postgres() as small, throwaway_postgres() as large:
        fill(small, SMALL)
        fill(large, chosen.clients)
        met = prove(chosen.rounds, {"small": small, "large": large})
    sys.exit(0 if met else 1)


def prove(rounds: int, urls: dict[str, str]) -> bool:
    held = check(urls["large"])
    return measure(rounds, urls) and held


if __name__ == "__main__":
    main()
