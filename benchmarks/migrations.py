"""Each migration backwards and forwards on a large data set: how long it takes, and how long it keeps others from a table.

    python -m benchmarks.migrations [--clients 30000] [--filled DATABASE_URL] [--newest 5]

Starts a throw-away PostgreSQL and fills it with the whole country (benchmarks/national.py --everything), or takes one that is
filled already, which does not survive it. Newest first, each migration goes back, forwards and back again: so all that was there
before it is full when it goes forwards. Locks are those on tables that were there before it began, from the moment they are held
to the moment they are let go, looked for every few milliseconds: `reading` (nobody can even read the table) and `writing`.
"""
import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.prepared import set_up
from tests.servers import throwaway_postgres

APPS = {"accounts", "pilots", "services", "guidance", "summaries"}
BAR = 2.0  # seconds
EVERY = 0.005
READING = {"AccessExclusiveLock"}
WRITING = READING | {"ExclusiveLock", "ShareRowExclusiveLock", "ShareLock"}
HELD = """
SELECT pg_class.relname, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE pid = %s AND granted AND locktype = 'relation' AND relkind = 'r' AND relation::bigint = ANY(%s)
"""


@dataclass
class Locks:
    """What one backend holds on these tables, looked at until `stop`."""

    pid: int
    tables: list[int]
    longest: dict[str, tuple[float, str]] = field(default_factory=lambda: {"reading": (0.0, ""), "writing": (0.0, "")})

    def watch(self, stop: threading.Event) -> None:
        from django.db import connection

        other = connection.copy()
        since: dict[tuple[str, str], float] = {}
        try:
            with other.cursor() as cursor:
                while not stop.is_set():
                    cursor.execute(HELD, [self.pid, self.tables])
                    now, held = time.monotonic(), set(cursor.fetchall())
                    holding = {(what, table) for table, mode in held for what, modes in (("reading", READING), ("writing", WRITING)) if mode in modes}
                    for gone in since.keys() - holding:
                        self._note(gone, now - since.pop(gone))
                    for one in holding:
                        since.setdefault(one, now)
                    time.sleep(EVERY)
        finally:
            for left, began in since.items():
                self._note(left, time.monotonic() - began)
            other.close()

    def _note(self, what: tuple[str, str], seconds: float) -> None:
        if seconds > self.longest[what[0]][0]:
            self.longest[what[0]] = seconds, what[1]


def timed(work: Callable[[], object]) -> tuple[float, Locks]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), ARRAY(SELECT oid::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)")
        locks = Locks(*cursor.fetchone())
    stop = threading.Event()
    watcher = threading.Thread(target=locks.watch, args=[stop])
    watcher.start()
    began = time.monotonic()
    try:
        work()
    finally:
        seconds = time.monotonic() - began
        stop.set()
        watcher.join()
    return seconds, locks


def measure(newest: int | None) -> bool:
    """The table, on DATABASE_URL; whether every migration that goes forwards keeps the bar."""
    set_up()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        # What the portal allows a page is not meant for these.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0")
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]
    state, states = executor._create_project_state(with_applied_migrations=False), {}
    for migration in plan:
        states[migration] = state
        state = migration.mutate_state(state, preserve=True)
    first = {key for key in executor.loader.graph.nodes if key[1].startswith("0001")}
    own = [one for one in reversed(plan) if one.app_label in APPS and (one.app_label, one.name) not in first]
    print(f"{'migration':52}{'way':>10}{'seconds':>9}{'reading':>9}{'writing':>9}  table", flush=True)
    over = []
    for migration in own[:newest]:
        for way in ("backwards", "forwards", ""):
            before = states[migration].clone()
            seconds, locks = timed(lambda way=way, migration=migration, before=before: (executor.apply_migration if way == "forwards" else executor.unapply_migration)(before, migration))
            worst, table = max(locks.longest.values())
            if way:
                told = "".join(f"{locks.longest[what][0]:>9.2f}" for what in ("reading", "writing"))
                print(f"{migration.app_label + ' ' + migration.name:52}{way:>10}{seconds:>9.2f}{told}  {table if worst > EVERY else ''}", flush=True)
            if way == "forwards" and worst > BAR:
                over.append(f"{migration.app_label} {migration.name} ({worst:.1f} s on {table})")
    print(f"Forwards with a lock of more than {BAR:.0f} s: {', '.join(over) or 'none'}.")
    return not over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=30_000)
    parser.add_argument("--newest", type=int, help="only so many, the newest")
    parser.add_argument("--filled", metavar="DATABASE_URL")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        raise SystemExit(not measure(chosen.newest))
    if chosen.filled:
        raise SystemExit(_here(chosen.filled, chosen.newest))
    with throwaway_postgres() as url:
        subprocess.run([sys.executable, "-m", "benchmarks.national", "--clients", str(chosen.clients), "--everything"], env=os.environ | {"DATABASE_URL": url}, check=True)
        code = _here(url, chosen.newest)
    raise SystemExit(code)


def _here(url: str, newest: int | None) -> int:
    command = [sys.executable, "-m", "benchmarks.migrations", "--here", *(["--newest", str(newest)] if newest else [])]
    return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode


if __name__ == "__main__":
    main()
