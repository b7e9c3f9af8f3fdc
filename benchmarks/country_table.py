"""Every bar of the portal's speed in one run, in a country of 300,000 clients beside one of 3,000. One table at the end.

    python -m benchmarks.country_table [--rounds 40] [--clients 300000] [--filled SMALL LARGE]

Starts two throw-away PostgreSQL, fills both with everything (`benchmarks.national --everything`, minutes), asks one production
worker on each for the pages in turn with the floor between them, then imports, exports, writes and rebuilds on the larger one.
Beside each page's time its queries, its bytes and its plans are judged: none may read a large table whole. Every row is told,
also where another one fails; ends with 1 where a row misses its bar. `--filled` takes two databases that were filled before; they keep what the measuring writes.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from benchmarks import guidance, services
from benchmarks.prepared import count, count_summaries, name_settings, set_up, tell, told_by
from benchmarks.runner import Page, Worker, interleave, worker
from tests.servers import throwaway_postgres

SMALL, LARGE = 3_000, 300_000
PORTS = {"small": 8771, "large": 8772}
OWN_LISTS = ("client list, one stage", "client list, late and stale", "client list, under 30 of a group", "client list, own")
EXPORTED = 100_000
EXPORTS = 5
EXPORT = "/services/own/lists/bookings/csv/"


def prepare() -> None:
    """In a process of its own, on DATABASE_URL: who asks, for what, in how many queries; told as JSON."""
    set_up()
    from django.test import Client

    from benchmarks import market
    from benchmarks.country import make_staff
    from benchmarks.national import EVERYWHERE
    from pilots.models import Membership
    from tests.guidance.web import sign_in

    def person(email: str) -> Membership:
        return Membership.objects.active().get(user__email=email)

    everywhere = [Page(f"{one}, whole country", f"{guidance.LIST}{query}", floors=5.0, most_bytes=40_000) for one, query in (("client list", ""), ("one stage", "?stage=identification"), ("late and stale", "?overdue=1&stale=1"))]
    peer = [Page("admin, list", "/admin/guidance/pathway/"), Page("admin, search", "/admin/guidance/pathway/?q=ranta"), Page("admin, participations", "/admin/guidance/participation/")]
    of_counsellor = {page.name: page for page in guidance.asked_by_counsellor()}
    handler = [page for page in services.asked_by_handler()[0] if page.name == services.FIRST_PAGE or page.name.startswith("search")]
    staff, lender = sign_in(make_staff()), person(market.LENDER)
    live = count_summaries()
    tell(
        floor=[of_counsellor["floor F"]],
        login=count(Client(), [Page("sign-in page", "/account/login/", floors=1.5, most_queries=0)]),
        home=[of_counsellor[guidance.HOME]],
        own=[of_counsellor[name] for name in (guidance.FIRST_PAGE, *OWN_LISTS)],
        deep=[of_counsellor[guidance.DEEP_PAGE]],
        everywhere=count(sign_in(person(EVERYWHERE)), everywhere),
        search=[page for name, page in of_counsellor.items() if name.startswith("search")],
        pathway=[of_counsellor["pathway, 30 events"]],
        services=handler,
        summary=count(staff, [Page("network summary", "/summary/", floors=5.0), Page("network summary, use", "/summary/?part=use", floors=5.0)]),
        frozen=count(Client(), [Page(f"pathways of the network, {table}", f"/summary/pathways/?table={table}", floors=5.0) for table in ("age", "funnel")]),
        live=[Page("what the network summary reads, counted for each reader", "", times=live)],
        peer=count(staff, peer),
        export=count(sign_in(lender), [Page("bookings as CSV", f"{EXPORT}?first_day={written(first)}&last_day={written(last)}") for first, last in [period_of(lender)]]),
    )


def written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def period_of(lender) -> tuple[date, date]:
    """The days of about so many bookings as are exported: the first ones that the organisation lends."""
    from django.db.models.functions import TruncDate

    from services.queries.lists import bookings_between

    days = list(bookings_between(lender, date(2000, 1, 1), date(2100, 1, 1)).order_by("starts_at").values_list(TruncDate("starts_at"), flat=True)[: EXPORTED + 1])
    return days[0], days[-1]


@dataclass
class Row:
    """A line of the table. `measured` is to be at most `must` (at least, where `at_least`); `broken`: further conditions that do not hold."""

    name: str
    must: float
    stretch: float
    unit: str = "F"
    measured: float | None = None
    at_least: bool = False
    broken: list[str] = field(default_factory=list)
    beside: str = ""

    def holds(self, bar: float) -> bool:
        return self.measured is not None and (self.measured >= bar if self.at_least else self.measured <= bar)

    @property
    def met(self) -> bool:
        return self.holds(self.must) and not self.broken

    def __str__(self) -> str:
        told = "not measured" if self.measured is None else f"{self.measured:.2f} {self.unit}"
        verdict = ("met, stretch too" if self.holds(self.stretch) else "met") if self.met else "MISSES"
        return f"{self.name:44}{self.must:>7g}{self.stretch:>9g}{told:>14}  {verdict:17}{'; '.join([*self.broken, *filter(None, [self.beside])])}"


def row_of(name: str, stretch: float, pages: list[Page], floor: Page) -> Row:
    """The slowest of the pages, and whether each keeps to its queries, its bytes and its indexes."""
    slowest = max(pages, key=lambda page: page.median)
    row = Row(name, slowest.floors, stretch, measured=slowest.median / floor.median)
    for page in pages:
        row.broken += [page.fault] if page.fault else []
        row.broken += [f"{page.name}: {page.queries} queries, at most {page.most_queries}"] if page.queries > page.most_queries else []
        row.broken += [f"{page.name}: {page.bytes} bytes, at most {page.most_bytes}"] if page.bytes > page.most_bytes else []
        row.broken += [f"{page.name} reads {', '.join(page.scanned)} whole"] if page.scanned else []
    most = max(pages, key=lambda page: page.queries)
    row.beside = f"{most.queries} queries, {max(page.bytes for page in pages) // 1000} kB" + (f", slowest of {len(pages)}: {slowest.name}" if len(pages) > 1 else "")
    return row


class Run:
    """What has been asked for so far: a row is measured when its turn comes, and what goes wrong with one is told in it."""

    def __init__(self, rounds: int, urls: dict[str, str], workers: dict[str, Worker]) -> None:
        self.urls, self.workers, self.url = urls, workers, urls["large"]
        self.told = {side: told_by("benchmarks.country_table", url) for side, url in urls.items()}
        pages = {side: [page for what, group in self.told[side].items() if what not in ("floor", "live", "export") for page in group] for side in urls}
        interleave(rounds, [(workers[side], self.told[side]["floor"][0], pages[side]) for side in urls])
        self.large, self.floor = self.told["large"], self.told["large"]["floor"][0]

    def page(self, name: str, what: str, stretch: float) -> Row:
        return row_of(name, stretch, self.large[what], self.floor)

    def growth(self) -> Row:
        growth = [(many.median / few.median, many.name) for many, few in zip(self.large["own"], self.told["small"]["own"], strict=True)]
        return Row("", 1.3, 1.15, "x", max(growth)[0], beside=max(growth)[1])

    def deep(self) -> Row:
        return Row("", 1.3, 1.1, "x", self.large["deep"][0].median / self.large["own"][0].median)

    def summary(self) -> Row:
        row = self.page("", "summary", 4.0)
        faster = statistics.median(self.large["live"][0].times) / max(page.median for page in self.large["summary"])
        row.beside += f"; counting its figures for each reader takes {faster:.0f} times as long as the page"
        return row

    def against_live(self) -> Row:
        """The live query is what the rebuild is measured by, too: every fact of every pathway, grouped, nothing written."""
        alone, slowest = self.rollups["rebuild"][0], max(page.median for page in self.large["frozen"])
        return Row("", 200, 1000, "x", alone / slowest, at_least=True, beside=f"page {1000 * slowest:.0f} ms, GROUP BY {alone:.2f} s")

    @cached_property
    def rollups(self) -> dict[str, tuple[float, ...]]:
        return json_of("benchmarks.country_table", self.url, "--rollups")

    def event(self) -> Row:
        plain, marked, unmarked = (1000 * seconds for seconds in self.rollups["event"])
        return Row("", 1.6, 1.4, "x", marked / plain, beside=f"{marked:.2f} ms, a plain insert {plain:.2f} ms, the action without its mark {unmarked:.2f} ms")

    def rebuild(self) -> Row:
        alone, anew, again = self.rollups["rebuild"]
        return Row("", 2.0, 1.3, "x", anew / alone, beside=f"from empty tables {anew:.2f} s, where all is there {again:.2f} s, GROUP BY {alone:.2f} s")

    def imported(self) -> Row:
        told = json_of("benchmarks.figures", self.url, "--against-copy")
        row = Row("", 50, 80, "%", 100 * told["copy"] / told["stored"], at_least=True, beside=f"{told['rows']:,.0f} rows: {told['stored']:.2f} s, COPY {told['copy']:.2f} s; refused with {told['faults']:.0f} faults in {told['refused']:.2f} s")
        row.broken = [] if told["right"] else ["not every fault was named, or something was stored"]
        return row

    def export(self) -> Row:
        """Through the worker, against COPY TO of the same rows; and how much more memory the worker has had at once."""
        asked, page = self.workers["large"], self.large["export"][0]
        copied, before = json_of("benchmarks.copying", self.url, page.path), asked.memory_mb()
        # The worker has closed it while something else was measured; the next request opens another.
        asked.connection.close()
        for _turn in range(EXPORTS):
            asked.ask(page)
        more, took = asked.memory_mb() - before, statistics.median(page.times)
        row = Row("", 15, 40, "%", 100 * copied["seconds"] / took, at_least=True, beside=f"{copied['rows']:,.0f} rows: {took:.2f} s, COPY TO {copied['seconds']:.2f} s; {more:.0f} MB more")
        row.broken = [page.fault] if page.fault else [f"{more:.0f} MB more memory, at most 30"] if more > 30 else []
        return row

    def memory(self) -> Row:
        asked = self.workers["large"]
        return Row("", 120, 90, "MB", asked.share_mb(), beside=f"its own and its part of what it shares; with all of that {asked.memory_mb('VmRSS'):.0f} MB, at most {asked.memory_mb():.0f}")


# In the order of the goals; the memory last, after whatever the worker has had to do.
ROWS: tuple[tuple[str, Callable[[Run], Row]], ...] = (
    ("login", lambda run: run.page("", "login", 1.0)),
    ("home", lambda run: run.page("", "home", 3.0)),
    ("client list, own organisation, filtered", lambda run: run.page("", "own", 3.0)),
    ("client list, whole country", lambda run: run.page("", "everywhere", 4.0)),
    ("list growth to the whole country", Run.growth),
    ("deep page against page 1", Run.deep),
    ("client search: common, rare, absent", lambda run: run.page("", "search", 4.0)),
    ("pathway page, 30 events", lambda run: run.page("", "pathway", 4.0)),
    ("service search", lambda run: run.page("", "services", 4.0)),
    ("network summary", Run.summary),
    ("network summary of clients, frozen", lambda run: run.page("", "frozen", 4.0)),
    ("the same against the live query", Run.against_live),
    ("event write with its rollup", Run.event),
    ("rollup rebuild, row for row as live", Run.rebuild),
    ("import of 100,000 rows, errors by row", Run.imported),
    ("CSV export of 100,000 rows", Run.export),
    ("worker memory after the whole run", Run.memory),
)


def told_row(name: str, made: Callable[[Run], Row], run: Run) -> Row:
    """Whatever goes wrong belongs to its row: the others are measured all the same."""
    try:
        row = made(run)
    except Exception as error:
        row = Row(name, 0, 0, broken=[f"{type(error).__name__}: {error}"])
    row.name = name
    return row


def tell_rollups() -> None:
    """In a process of its own, on DATABASE_URL. The rebuild ends the run where a row differs from the live query."""
    set_up()
    from django.db import connection

    from benchmarks.rollups import event_write, rebuild

    print(json.dumps({"event": event_write(connection), "rebuild": rebuild(connection)}))


def json_of(module: str, url: str, *more: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", module, *more], env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(rounds: int, urls: dict[str, str]) -> bool:
    load = os.getloadavg()[0]
    with worker(PORTS["small"], urls["small"]) as small, worker(PORTS["large"], urls["large"]) as large:
        run = Run(rounds, urls, {"small": small, "large": large})
        rows = [told_row(name, made, run) for name, made in ROWS]
    print(f"floor F: {run.floor.median * 1000:.2f} ms, {run.floor.queries} queries; load of the machine {load:.1f} before and {os.getloadavg()[0]:.1f} after; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; {time.strftime('%Y-%m-%d')}")
    print(f"{'row':44}{'must':>7}{'stretch':>9}{'measured':>14}")
    for row in rows:
        print(row)
    for page in run.large["peer"]:
        print(f"beside it: {page.name:33}{page.median / run.floor.median:>24.2f} F  {page.queries} queries, {page.bytes // 1000} kB, reads whole: {', '.join(page.scanned) or 'nothing large'}")
    return all(row.met for row in rows)


@contextmanager
def filled(clients: int) -> Iterator[str]:
    """A database of its own with so many clients and all that goes with them."""
    with throwaway_postgres() as url:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "benchmarks.national", "--clients", str(clients), "--everything"], env=os.environ | {"DATABASE_URL": url}, check=True)
        print(f"{clients} clients and the rest made in {time.perf_counter() - started:.0f} s", flush=True)
        yield url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--clients", type=int, default=LARGE)
    parser.add_argument("--filled", nargs=2, metavar=("SMALL", "LARGE"), help="addresses of two databases that are filled already")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rollups", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name_settings()
    if chosen.prepare:
        return prepare()
    if chosen.rollups:
        return tell_rollups()
    if chosen.filled:
        sys.exit(0 if measure(chosen.rounds, dict(zip(PORTS, chosen.filled, strict=True))) else 1)
    with filled(SMALL) as small, filled(chosen.clients) as large:
        met = measure(chosen.rounds, {"small": small, "large": large})
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
