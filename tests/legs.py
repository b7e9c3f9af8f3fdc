"""Runs the suite in legs, one after the other: everything on PostgreSQL, then on SQLite what may depend on the database.

The whole suite has a process and a database for each processor (pytest-xdist), who take each other's tests when their own
are done; a chosen part has one, for the second database costs more than the part.

`python -m tests.legs [--only sqlite|postgres] [what pytest takes]`; the Makefile is the usual way in.
Installs nothing: a leg whose program is missing is left out in so many words, or, with REQUIRE_ALL=1, fails the run.
"""
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import NamedTuple

from tests.servers import ADD_CHROMIUM, ADD_POSTGRES, NEVER_COUNTED, chromium_path, postgres_programs, throwaway_postgres

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
    results = {}
    with ExitStack() as stack:
        if only != "sqlite" and can_postgres:
            legs.append(Leg("PostgreSQL", url or stack.enter_context(throwaway_postgres(*NEVER_COUNTED)), ""))
        if only != "postgres":
            # What is marked `once` stays here when there is no PostgreSQL to run it on.
            legs.append(Leg("SQLite", "", "not once" if legs else ""))
        for leg in legs:
            print(f"\n== {leg.name} ==", flush=True)
            began = time.monotonic()
            results[leg.name] = _run(leg, can_browse, arguments), time.monotonic() - began

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


def _run(leg: Leg, can_browse: bool, arguments: list[str]) -> int:
    marks = " and ".join(part for part in (leg.marks, "" if can_browse else "not browser") if part)
    processes = [] if arguments else ["--numprocesses", "auto", "--dist", "worksteal"]
    command = [sys.executable, "-m", "pytest", f"--hypothesis-seed={os.environ['SEED']}", *processes, *(["-m", marks] if marks else []), *arguments]
    # A group of its own keeps the terminal's Ctrl-C from it: it hears it once, from here, and closes its databases.
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": leg.database_url}, process_group=0)
    try:
        return process.wait()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


def _stop(*_: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
