"""One thing after the other goes wrong while people write; each turn says what it saw."""
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.portal import Portal
from tests.faults.writers import Told, look_at_503
from tests.servers import Postgres

BACK_WITHIN = 5.0  # seconds
# A locked row is waited for so long by the database, and a page is no longer than this beside it.
LOCK_TIMEOUT = 5


@dataclass
class Report:
    rows: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    slowest_back: float = 0.0

    def say(self, what: str, seen: str) -> None:
        self.rows.append((what, seen))
        print(f"{what:46} {seen}", flush=True)

    def back(self, told: Told, since: float, what: str, limit: float = 30) -> float:
        """Waits until something is stored again; seconds since that moment."""
        deadline = time.monotonic() + limit
        while (found := told.first_after(since)) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if found is None or found > BACK_WITHIN:
            self.wrong.append(f"{what}: no service within {BACK_WITHIN:.0f} s (first answer after {found} s)")
        self.slowest_back = max(self.slowest_back, found or limit)
        return found or limit


def kill_workers(portal: Portal, told: Told, report: Report, rng: random.Random, kills: int, pause: float = 1.0) -> None:
    """Web workers one by one, each fourth time all of them, and the background worker each third."""
    done = background = 0
    slowest = 0.0
    for number in range(kills):
        time.sleep(rng.uniform(0.3, 0.6) * pause)
        # All at once leaves nobody to answer.
        for _one in portal.web_workers() if number % 4 == 3 else (0,):
            done += portal.kill_web_worker(rng)
        if number % 3 == 2 and portal.worker:
            portal.kill_worker()
            background += 1
        slowest = max(slowest, report.back(told, time.monotonic(), "killed web worker"))
    report.say("web workers killed", f"{done}, stored again after {slowest:.1f} s at most")
    report.say("background workers killed", str(background))


def kill_postgres(portal: Portal, told: Told, report: Report, server: Postgres, times: int, down: float = 4) -> None:
    for _time in range(times):
        server.stop(signal.SIGQUIT)
        fell = time.monotonic()
        time.sleep(0.5)
        seen, wrong = look_at_503(portal)
        report.wrong += wrong
        time.sleep(max(0.0, down - (time.monotonic() - fell)))
        server.start()
        back = report.back(told, time.monotonic(), "killed PostgreSQL")
        portal.start_ended()
        report.say("PostgreSQL killed (immediate), started again", f"503 in the reader's language {seen} of 7 times, stored again after {back:.1f} s")


def lock_row(told: Told, report: Report, url: str, table: str, target: int, seconds: float) -> None:
    """One row is held by somebody who does not let go: who wants it is told, all others go on."""
    import psycopg2

    holder = psycopg2.connect(url)
    try:
        with holder.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [target])
            began = time.monotonic()
            time.sleep(seconds)
            others = [write for at, write in told.acknowledged if at > began and write.target != target]
            times = sorted(took for at, took in told.seconds if at > began)
    finally:
        holder.rollback()
        holder.close()
    back = report.back(told, time.monotonic(), "locked row")
    if len(others) < seconds / 4:
        report.wrong.append(f"beside a locked row only {len(others)} writes were stored in {seconds:.0f} s")
    report.say(f"a row of {table} locked for {seconds:.0f} s", f"{len(others)} other writes stored meanwhile, half of them within {times[len(times) // 2] if times else 0:.2f} s; stored again after {back:.1f} s")


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """The disk has no room left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1_048_576, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def fill_disk(portal: Portal, told: Told, report: Report, disk: Path, what: str, kind: str | None, seconds: float, restart: Callable[[], None] = lambda: None) -> None:
    """`kind`: what cannot be stored meanwhile; None for nothing at all. `restart` is what the system does with a database that ended."""
    before = sum(count for answer, count in told.answers.items() if answer.endswith(": 503"))
    with filled(disk):
        began = time.monotonic()
        time.sleep(seconds)
        stored = [write for at, write in told.acknowledged if at > began + 1 and (kind is None or write.kind == kind)]
    refused = sum(count for answer, count in told.answers.items() if answer.endswith(": 503")) - before
    restart()
    back = report.back(told, time.monotonic(), f"full disk of {what}")
    portal.start_ended()
    if not refused:
        report.wrong.append(f"full disk of {what}: nothing was refused, so nothing was tried")
    report.say(f"disk of {what} full for {seconds:.0f} s", f"{refused} answers 503, {len(stored)} {kind or 'writes'} stored all the same; stored again after {back:.1f} s")
