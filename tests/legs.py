"""Runs the suite in legs, two at a time: everything on PostgreSQL, everything on SQLite, what cannot depend on the database once.

`python -m tests.legs [--only sqlite|postgres] [what pytest takes]`; the Makefile is the usual way in.
Installs nothing: a leg whose program is missing is left out in so many words, or, with REQUIRE_ALL=1, fails the run.
"""
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from tests.servers import ADD_CHROMIUM, ADD_POSTGRES, chromium_path, postgres_programs, throwaway_postgres

NOTHING_CHOSEN = 5  # pytest's exit code


class Leg(NamedTuple):
    name: str
    database_url: str
    marks: str


def main(arguments: list[str]) -> int:
    only = ""
    if arguments[:1] == ["--only"]:
        only, arguments = arguments[1], arguments[2:]
        if only not in ("sqlite", "postgres"):
            raise SystemExit(f"DB={only} is no database of the portal: choose sqlite or postgres.")
    # One seed for all legs, so that one SEED=… repeats the run.
    os.environ.setdefault("SEED", str(secrets.randbelow(10**6)))
    given = os.environ.get("DATABASE_URL", "")
    url = given if given.startswith(("postgres://", "postgresql://")) else ""
    can_postgres = bool(url or postgres_programs())
    can_browse = chromium_path() is not None

    left_out = []
    if not can_postgres and only != "sqlite":
        left_out.append(f"Left out: the suite on PostgreSQL, which is not on this machine; add it with: {ADD_POSTGRES}")
    if not can_browse:
        left_out.append(f"Left out: the tests in a browser, for Chromium is not on this machine; add it with: {ADD_CHROMIUM}")
    if left_out and os.environ.get("REQUIRE_ALL") == "1":
        print(*left_out, "REQUIRE_ALL=1: a leg that is left out is a failure.", sep="\n")
        return 1

    legs: list[Leg] = []
    with ExitStack() as stack:
        if only != "sqlite" and can_postgres:
            url = url or stack.enter_context(throwaway_postgres())
            legs.append(Leg("PostgreSQL", url, "" if only else "not once"))
        if not only and legs:
            # A database of its own, so that it can run beside the first leg; before the third, for it is the longest.
            legs.append(Leg("Once, on PostgreSQL", urlsplit(url)._replace(path="/kopa_once").geturl(), "once"))
        if only != "postgres":
            # What is marked `once` stays here when there is no PostgreSQL to run it on.
            legs.append(Leg("SQLite", "", "not once" if legs else ""))
        results = _run(legs, can_browse, arguments)

    print()
    for line in left_out:
        print(line)
    if not can_postgres and can_browse and not only:
        print("Without PostgreSQL the tests marked once ran on SQLite.")
    for name, (code, seconds) in results.items():
        said = {0: "passed", NOTHING_CHOSEN: "nothing chosen"}.get(code, f"FAILED (pytest exit code {code})")
        print(f"{name}: {said} in {seconds:.0f} s")
    print(f"SEED={os.environ['SEED']}")
    codes = {code for code, _ in results.values()}
    # A part of the suite may have no test in one of the legs; the whole of it has some in each.
    return 0 if 0 in codes and codes <= ({0, NOTHING_CHOSEN} if arguments else {0}) else 1


def _run(legs: list[Leg], can_browse: bool, arguments: list[str]) -> dict[str, tuple[int, float]]:
    """Two legs at a time, a process each: the first tells its progress as it goes, the others all at once when they end."""
    waiting, results = list(legs), {}
    with ExitStack() as stack:
        running: dict[str, tuple[subprocess.Popen, IO[str] | None, float]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < 2:
                    leg = waiting.pop(0)
                    aside = stack.enter_context(tempfile.TemporaryFile("w+")) if leg is not legs[0] else None
                    if aside is None:
                        print(f"\n== {leg.name} ==", flush=True)
                    marks = " and ".join(part for part in (leg.marks, "" if can_browse else "not browser") if part)
                    command = [sys.executable, "-m", "pytest", f"--hypothesis-seed={os.environ['SEED']}", *(["-m", marks] if marks else []), *arguments]
                    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": leg.database_url}, stdout=aside, stderr=aside, process_group=0)
                    running[leg.name] = process, aside, time.monotonic()
                time.sleep(0.2)
                for name in [name for name, (process, *_) in running.items() if process.poll() is not None]:
                    process, aside, began = running.pop(name)
                    results[name] = process.returncode, time.monotonic() - began
                    if aside is not None:
                        aside.seek(0)
                        print(f"\n== {name} ==\n{aside.read()}", flush=True)
        except BaseException:
            # A group of their own keeps the terminal's Ctrl-C from them: they hear it once, from here, and close their databases.
            for process, *_ in running.values():
                process.send_signal(signal.SIGINT)
            for process, *_ in running.values():
                process.wait()
            raise
    return results


def _stop(*_: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
