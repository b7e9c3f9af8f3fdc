"""`make faults`: on PostgreSQL, then on SQLite. Minutes; needs PostgreSQL, and root for the small disks (without it these turns are left out in so many words)."""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults import turns, verdict
from tests.faults.portal import ROOT, Portal, environment
from tests.faults.prepared import prepare
from tests.faults.writers import Writers
from tests.servers import postgres_server
from tests.smtp import mail_server

CLIENTS, LEAST_WRITES, LEAST_KILLS = 6, 500, 10
PORTS = {"postgres": 8781, "sqlite": 8782}
SENT_WITHIN = 120  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PORTS)
    parser.add_argument("--locked", type=float, default=60, help="seconds that a row stays locked")
    chosen = parser.parse_args()
    if chosen.only:
        return run(chosen.only, chosen.locked)
    # A process for each: Django has one database.
    codes = [subprocess.run([sys.executable, "-m", "tests.faults", "--only", name, "--locked", str(chosen.locked)], cwd=ROOT).returncode for name in PORTS]
    return max(codes)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of its own in memory; None where this process may not make one."""
    folder.mkdir()
    folder.chmod(0o755)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "kopa-faults", str(folder)], capture_output=True)
    try:
        yield folder if made.returncode == 0 else None
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run(database: str, locked: float) -> int:
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    rng, report = random.Random(seed), turns.Report()
    print(f"\n== {database}: SEED={seed} ==", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kopa-faults-")))
        folder.chmod(0o755)
        media_disk, data_disk = (stack.enter_context(small_disk(folder / name, size)) for name, size in (("media", 24), ("data", 700)))
        for what in [what for what, disk in (("media", media_disk), ("database", data_disk)) if disk is None]:
            print(f"Left out: the full disk of {what}, for which this needs to be root.")
        smtp = stack.enter_context(mail_server())
        server = stack.enter_context(postgres_server(within=data_disk)) if database == "postgres" else None
        url = server.url if server else f"sqlite:///{(data_disk or folder) / 'portal.sqlite3'}"
        settings = environment(url, (media_disk or folder) / "private", smtp.port)
        next_write = set_up(settings)
        portal = Portal(PORTS[database], settings, folder / "log")
        stack.callback(portal.stop)
        portal.start()
        portal.start_worker()
        writers = Writers(portal, next_write)
        with writers.at_work(CLIENTS) as told:
            report.back(told, time.monotonic(), "start")
            turns.kill_workers(portal, told, report, rng, 14)
            if server:
                turns.kill_postgres(portal, told, report, server, 2)
                turns.lock_row(told, report, server.url, "services_resource", first(told, "booking"), locked)
                turns.lock_row(told, report, server.url, "guidance_pathway", first(told, "note"), min(locked, 15))
            if media_disk:
                turns.fill_disk(portal, told, report, media_disk, "files", "file", 6)
            if data_disk:
                turns.fill_disk(portal, told, report, data_disk, "the database", None, 8, restart=lambda: server and server.process.poll() is not None and server.start())
            while len(told.acknowledged) < LEAST_WRITES * 1.1:
                time.sleep(0.2)
        return judge(report, writers, smtp, folder / "log", portal)


def set_up(settings: dict[str, str]):
    os.environ.update(settings)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    next_write = prepare(pathways=120, services=12)
    connections.close_all()
    return next_write


def first(told, kind: str) -> int:
    return next(write.target for _at, write in told.acknowledged if write.kind == kind)


def judge(report: turns.Report, writers: Writers, smtp, log: Path, portal: Portal) -> int:
    told = writers.told
    stored = [write for _at, write in told.acknowledged]
    report.say("acknowledged writes", f"{len(stored)}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(write.kind for write in stored).items())))
    report.say("answers", ", ".join(f"{count} {answer}" for answer, count in sorted(Counter({status: sum(n for name, n in told.answers.items() if name.endswith(f': {status}')) for status in {name.rpartition(': ')[2] for name in told.answers}}).items())))
    deadline = time.monotonic() + SENT_WITHIN
    while verdict.unsent() and time.monotonic() < deadline:
        portal.start_ended()
        time.sleep(0.5)
    found = verdict.faults(stored)
    report.wrong += [*found, *told.wrong, *(f"given up: {one}" for one in told.given_up)]
    if left := verdict.unsent():
        report.wrong += [f"not done in {SENT_WITHIN} s: {one}" for one in left]
    report.say("background worker that ended with the database", f"{portal.ended_by_itself} times, started again as the system does")
    sent = Counter(smtp.accepted)
    report.say("mails", f"{len(sent)}, of them {sum(count > 1 for count in sent.values())} twice (killed between the mail server's answer and our note of it)")
    report.say("lost, twice, half-written", f"{sum(one.startswith('lost') for one in found)}, {sum(one.startswith('twice') for one in found)}, {sum(one.startswith('half') for one in found)}")
    report.say("files that no row names", f"{verdict.strays()} (killed between file and row; never handed out)")
    report.say("service again, at the slowest", f"{report.slowest_back:.1f} s")
    if len(stored) < LEAST_WRITES:
        report.wrong.append(f"only {len(stored)} writes")
    for line, count in Counter(report.wrong).most_common(25):
        print(f"WRONG ({count}): {line}")
    if report.wrong:
        errors = [line for line in log.read_text(errors="replace").splitlines() if '"level": "ERROR"' in line]
        print("Errors in the log:", *(f"{count} x {last}" for last, count in Counter(line.rpartition("\\n")[2] for line in errors).most_common()), sep="\n")
    print("met" if not report.wrong else f"MISSED: {len(report.wrong)} faults", flush=True)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
