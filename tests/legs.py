"""Runs the suite in legs at the same time: everything on SQLite, everything on PostgreSQL, what cannot depend on the database once.

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
from typing import IO

from tests.servers import ADD_CHROMIUM, ADD_POSTGRES, chromium_path, postgres_programs, throwaway_postgres


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

    legs: list[tuple[str, dict[str, str], list[str]]] = []
    results: dict[str, tuple[int, float]] = {}
    with ExitStack() as stack:
        if only != "sqlite" and can_postgres:
            url = url or stack.enter_context(throwaway_postgres())
            legs.append(("PostgreSQL", {"DATABASE_URL": url}, []))
        if only != "postgres":
            # The tests marked `once` move here when there is no PostgreSQL to run them on.
            legs.append(("SQLite", {"DATABASE_URL": ""}, ["not once"] if legs else []))
        results = _run(legs, can_browse, arguments)

    print()
    for line in left_out:
        print(line)
    if not can_postgres and can_browse and not only:
        print("Without PostgreSQL the tests marked once (browser, accessibility, languages) ran on SQLite.")
    for name, (code, seconds) in results.items():
        print(f"{name}: {'passed' if code == 0 else f'FAILED (pytest exit code {code})'} in {seconds:.0f} s")
    print(f"SEED={os.environ['SEED']}")
    return 0 if results and not any(code for code, _ in results.values()) else 1


def _run(legs: list[tuple[str, dict[str, str], list[str]]], can_browse: bool, arguments: list[str]) -> dict[str, tuple[int, float]]:
    """All legs at the same time, a process each: the first tells its progress as it goes, the others all at once when they end."""
    began = time.monotonic()
    results: dict[str, tuple[int, float]] = {}
    with ExitStack() as stack:
        running: dict[str, tuple[subprocess.Popen, IO[str] | None]] = {}
        try:
            for name, environment, marks in legs:
                aside = stack.enter_context(tempfile.TemporaryFile("w+")) if running else None
                if aside is None:
                    print(f"\n== {name} ==", flush=True)
                marks = marks if can_browse else [*marks, "not browser"]
                selection = ["-m", " and ".join(marks)] if marks else []
                command = [sys.executable, "-m", "pytest", f"--hypothesis-seed={os.environ['SEED']}", *selection, *arguments]
                running[name] = subprocess.Popen(command, env={**os.environ, **environment}, stdout=aside, stderr=aside, process_group=0), aside
            while running:
                time.sleep(0.2)
                for name in [name for name, (process, _) in running.items() if process.poll() is not None]:
                    process, aside = running.pop(name)
                    results[name] = process.returncode, time.monotonic() - began
                    if aside is not None:
                        aside.seek(0)
                        print(f"\n== {name} ==\n{aside.read()}", flush=True)
        except BaseException:
            # A group of their own keeps the terminal's Ctrl-C from them: they hear it once, from here, and close their databases.
            for process, _ in running.values():
                process.send_signal(signal.SIGINT)
            for process, _ in running.values():
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
