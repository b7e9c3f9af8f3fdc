"""Asks a production worker for pages in turn with the floor between them, and judges the medians against the floor's.

Two measures for each page: the time that the asker waits, which is judged, and the processor time of the worker
alone (`Server-Timing`), which stays steady when the machine is busy and leaves out the database.
"""
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

FLOOR = "/floor/"
# A request with this header is not written into the read log: to measure what writing costs.
UNLOGGED = "X-Unlogged"
WARM_UP = 3
START_LIMIT = 30  # seconds
FORM = "application/x-www-form-urlencoded"


@dataclass
class Page:
    """What is asked for and its bars: at most so many floors, queries and bytes. With `data` it is a POST."""

    name: str
    path: str
    floors: float = 4.0
    most_queries: int = 8
    most_bytes: int = 60_000
    data: dict[str, str] | None = None
    status: int = 200
    # Who asks: cookies and the like.
    headers: dict[str, str] = field(default_factory=dict)
    queries: int = 0
    # Large tables that a query of it reads whole.
    scanned: list[str] = field(default_factory=list)
    bytes: int = 0
    times: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    # What it answered instead of what it should.
    fault: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)


def floor_page() -> Page:
    return Page("floor F", FLOOR)


class Worker:
    """One production worker on one database, over one kept connection."""

    def __init__(self, port: int, master: int, headers: dict[str, str] | None = None) -> None:
        self.port, self.master, self.headers = port, master, {"Host": f"localhost:{port}"} | (headers or {})
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.peak_mb = 0

    def beside(self, headers: dict[str, str]) -> "Worker":
        """Another asker of the same worker, over a connection of its own."""
        return Worker(self.port, self.master, headers)

    def memory_mb(self, what: str = "VmHWM") -> float:
        """The most memory that the worker has had at once, with what it shares with other processes; or with VmRSS what it has now."""
        return self._told("status", what)

    def share_mb(self) -> float:
        """What the worker has now: its own memory, and of what it shares with the process that started it each one's part (PSS)."""
        return self._told("smaps_rollup", "Pss:")

    def _told(self, file_name: str, what: str) -> float:
        with open(f"/proc/{self.master}/task/{self.master}/children") as file:
            child = file.read().split()[0]
        with open(f"/proc/{child}/{file_name}") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith(what))

    def ask(self, page: Page, *, keep: bool = True) -> None:
        body = urlencode(page.data) if page.data is not None else None
        headers = self.headers | page.headers | ({"Content-Type": FORM} if body else {})
        started = time.perf_counter()
        self.connection.request("POST" if body else "GET", page.path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        if response.status != page.status:
            page.fault = f"{page.path} answered {response.status}"
        page.bytes = len(content)
        if keep:
            page.times.append(seconds)
            page.cpu.append(float(response.headers.get("Server-Timing", "dur=0").partition("dur=")[2]) / 1000)


@contextmanager
def worker(port: int, database: str, threads: int = 1) -> Iterator[Worker]:
    command = [sys.executable, "-m", "gunicorn", "kopa_portal.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", str(threads), "--worker-class", "gthread", "--keep-alive", "75", "--log-level", "warning"]
    server = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": database})
    try:
        made = Worker(port, server.pid)
        _wait_for(made.connection)
        yield made
        made.peak_mb = round(made.memory_mb())
    finally:
        server.terminate()
        server.wait()


def _wait_for(connection: http.client.HTTPConnection) -> None:
    deadline = time.monotonic() + START_LIMIT
    while True:
        try:
            return connection.connect()
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit("The worker did not start.") from None
            time.sleep(0.1)


def interleave(rounds: int, sides: list[tuple[Worker, Page, list[Page]]], warm_up: int = WARM_UP) -> None:
    """Every page of every side (worker, its floor, its pages) once a round, each with a floor before it; same pages of two sides one after the other."""
    for turn in range(rounds + warm_up):
        for same in zip(*(pages for _worker, _floor, pages in sides), strict=True):
            for (asked, floor, _pages), page in zip(sides, same, strict=True):
                for one in (floor, page):
                    asked.ask(one, keep=turn >= warm_up)


def report(floor: Page, pages: list[Page], against: list[tuple[str, float, list[Page]]] = ()) -> bool:
    """The table; whether every bar is met. `against`: what else each page is compared with (its heading, the bar, the pages)."""
    base, base_cpu = floor.median, floor.median_cpu
    print(f"floor F: median {base * 1000:.2f} ms ({base_cpu * 1000:.2f} ms of the worker), {floor.queries} queries, {len(floor.times)} times")
    headings = "".join(f"{heading:>9}" for heading, _bar, _pages in against)
    print(f"{'page':34}{'F':>6}{'bar':>5}{'F cpu':>7}{'ms':>8}{'queries':>9}{'bar':>4}{'bytes':>8}{headings}  met")
    all_met = True
    for number, page in enumerate(pages):
        floors = page.median / base
        ratios = [(page.median / others[number].median, bar) for _heading, bar, others in against]
        met = not page.fault and floors <= page.floors and page.queries <= page.most_queries and page.bytes <= page.most_bytes and all(ratio <= bar for ratio, bar in ratios)
        all_met &= met
        words = "".join(f"{ratio:>9.2f}" for ratio, _bar in ratios)
        print(f"{page.name:34}{floors:>6.2f}{page.floors:>5.1f}{page.median_cpu / base_cpu:>7.2f}{page.median * 1000:>8.2f}{page.queries:>9}{page.most_queries:>4}{page.bytes:>8}{words}  {'yes' if met else 'NO'} {page.fault}")
    return all_met
