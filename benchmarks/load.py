"""Mixed traffic on a large portal: five minutes of wrk against gunicorn as configured, with the floor beside it.

    python -m benchmarks.load [--clients 30000] [--minutes 5] [--connections 8] [--filled ADDRESS]

Starts a throw-away PostgreSQL, makes 30,000 clients with everything else and 1,000,000 rows in the read log (minutes), and lets
wrk (Debian's package) read and write as visitors, counsellors and service handlers do. Beside it one more reader asks for each page
in turn with the floor F. Ends with 1 after any error, and when a worker's memory grows by a tenth after the first minute.
"""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.prepared import cookies_of, name_settings, set_up, tell, told_by
from benchmarks.runner import Page, Worker, floor_page
from tests.servers import throwaway_postgres

PORT = 8775
LOG_ROWS = 1_000_000
COUNSELLORS, PATHWAYS_OF_EACH = 8, 5
MOST_GROWTH = 1.10
SETTLED = 60  # seconds
TOLD = Path(__file__).with_suffix(".lua")
# How often each comes, of all; what is asked for without signing in, by a counsellor, and by who handles services.
VISITOR = [(6, "/"), (3, "/sv/areas/"), (3, "/models/"), (2, "/models/?q=yhteis"), (3, "/obstacles/"), (2, "/search/?q=lukio"), (3, "/en/"), (2, "/api/v1/municipalities"), (2, "/account/login/")]
COUNSELLOR = [(3, "/guidance/"), (3, "/guidance/clients/"), (2, "/guidance/clients/?overdue=1&stale=1"), (1, "/guidance/clients/?mine=1")]
HANDLER = [(6, "/services/"), (4, "/services/?q=kurssi"), (3, "/services/?kind=facility&near=049&within=100"), (2, "/services/bookings/")]


def prepare() -> None:
    """In a process of its own, on DATABASE_URL: the rows of the read log, and who asks for what; told as JSON."""
    set_up()
    from django.db import connection

    from benchmarks.market import HANDLER as LENDER
    from benchmarks.own import FILL
    from guidance.queries.client_list import participations_now
    from pilots.models import Membership
    from tests.guidance.web import sign_in

    def person(email: str) -> Membership:
        return Membership.objects.active().get(user__email=email)

    guides = [person(f"employment-1-{number}@benchmark.example") for number in range(1, COUNSELLORS + 1)]
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT count(*) FROM guidance_accesslog")
        if cursor.fetchone()[0] < LOG_ROWS:
            cursor.execute(FILL, {"rows": LOG_ROWS, "every": 1_000, "user": guides[0].user_id, "organisation": guides[0].organisation_id, "pseudonym": "keksitty1"})
            cursor.execute("ANALYZE guidance_accesslog, guidance_accesslogsubject")
    pages = [Page(f"{weight} {path}", path) for weight, path in VISITOR]
    for guide in guides:
        client = sign_in(guide)
        client.get("/guidance/clients/search/")
        headers = cookies_of(client)
        pages += [Page(f"{weight} {path}", path, headers=headers) for weight, path in COUNSELLOR]
        pages.append(Page("1 search for a client", "/guidance/clients/search/", headers=headers, data={"name": "ranta", "birth_date": ""}))
        for pseudonym in participations_now(guide.organisation_id).filter(responsible=guide).values_list("pathway__pseudonym", flat=True)[:PATHWAYS_OF_EACH]:
            pages.append(Page("1 a pathway", f"/guidance/pathways/{pseudonym}/", headers=headers))
            note = {"token": "TOKEN", "kind": "note", "text": "Keksitty", "at": "1.1.2026 9.00", "at_shown": "1.1.2026 9.00", "visibility": "participants"}
            pages.append(Page("1 note written", f"/guidance/pathways/{pseudonym}/log/", headers=headers, data=note, status=302))
    handler = cookies_of(sign_in(person(LENDER)))
    pages += [Page(f"{weight} {path}", path, headers=handler) for weight, path in HANDLER]
    floor = floor_page()
    floor.headers = cookies_of(sign_in(guides[0]))
    tell(floor=[floor], pages=pages)


def write_requests(pages: list[Page], path: Path) -> None:
    lines = []
    for page in pages:
        headers = page.headers
        method = "POST" if page.data is not None else "GET"
        lines.append("\t".join([page.name.split()[0], method, page.path, headers.get("Cookie", ""), headers.get("X-CSRFToken", ""), urlencode(page.data or {})]))
    path.write_text("\n".join(lines) + "\n")


def workers_of(master: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def megabytes(pid: int) -> float:
    """What the process has now; 0 when it is gone."""
    try:
        return next(int(line.split()[1]) / 1024 for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    except OSError:
        return 0.0


class Watch:
    """While wrk asks: memory each second, and one more reader who takes the pages in turn with the floor."""

    def __init__(self, master: int, floor: Page, pages: list[Page]) -> None:
        self.floor, self.master = floor, master
        # One of each kind.
        self.pages = list({page.name: page for page in pages if page.status == 200}.values())
        self.memory: dict[int, list[tuple[float, float]]] = {}
        self.began = time.monotonic()
        self.over = threading.Event()
        self.fault = ""

    def read(self) -> None:
        asker = Worker(PORT, self.master)
        try:
            while not self.over.is_set():
                for page in self.pages:
                    asker.ask(self.floor)
                    asker.ask(page)
                    if self.over.wait(0.1):
                        return
        except (SystemExit, OSError) as fault:
            self.fault = str(fault)

    def weigh(self) -> None:
        while not self.over.wait(1):
            for pid in workers_of(self.master):
                self.memory.setdefault(pid, []).append((time.monotonic() - self.began, megabytes(pid)))

    def growth(self) -> list[tuple[float, float]]:
        """Of each worker: what it had after the first minute, and the most that it had afterwards."""
        found = []
        for samples in self.memory.values():
            early = [size for at, size in samples if at <= SETTLED]
            late = [size for at, size in samples if at > SETTLED]
            if early and late:
                found.append((max(early[-10:]), max(late)))
        return found


def measure(url: str, minutes: float, connections: int) -> bool:
    told = told_by("benchmarks.load", url)
    floor, pages = told["floor"][0], told["pages"]
    with tempfile.TemporaryDirectory() as folder:
        requests = Path(folder, "requests")
        write_requests(pages, requests)
        settings = os.environ | {"DATABASE_URL": url, "API_MOST_WITHOUT_KEY": "1000000", "WEB_WORKERS": "2", "LOG_FORMAT": "line"}
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen([sys.executable, "-m", "gunicorn", "kopa_portal.wsgi", "--bind", f"127.0.0.1:{PORT}", "--log-level", "warning"], env=settings, stdout=log, stderr=log)
        try:
            asker = Worker(PORT, server.pid)
            wait_for(asker)
            for page in {page.name: page for page in pages}.values():
                if page.status == 200:
                    asker.ask(page, keep=False)
            watch = Watch(server.pid, floor, pages)
            threads = [threading.Thread(target=work) for work in (watch.read, watch.weigh)]
            for thread in threads:
                thread.start()
            command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{minutes * 60:.0f}s", "--timeout", "30s", "--script", str(TOLD), f"http://127.0.0.1:{PORT}", "--", str(requests), str(random.randrange(10**6))]
            done = subprocess.run(command, capture_output=True, text=True)
            watch.over.set()
            for thread in threads:
                thread.join()
            said = Path(folder, "log").read_text(errors="replace")
        finally:
            server.terminate()
            server.wait()
    line = next((line for line in done.stdout.splitlines() if line.startswith("LOAD ")), None)
    if line is None:
        raise SystemExit(f"wrk failed:\n{done.stdout}{done.stderr}")
    return judge(json.loads(line.partition(" ")[2]), watch, said)


def wait_for(asker: Worker) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return asker.connection.connect()
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit("The portal did not start.") from None
            time.sleep(0.2)


def judge(load: dict[str, float], watch: Watch, said: str) -> bool:
    errors = {name: int(load[name]) for name in ("connect", "read", "write", "timeout", "status") if load[name]}
    grown = watch.growth()
    base = statistics.median(watch.floor.times)
    print(f"{load['requests']:.0f} requests in {load['seconds']:.0f} s, {load['requests'] / load['seconds']:.1f} a second; errors: {errors or 0}")
    print(f"p50 {load['p50']:.0f} ms, p90 {load['p90']:.0f} ms, p99 {load['p99']:.0f} ms, at most {load['most']:.0f} ms; load of the machine {os.getloadavg()[1]:.1f}")
    print(f"memory of the workers, after the first minute and at most: {', '.join(f'{early:.0f} -> {late:.0f} MB ({late / early:.2f})' for early, late in grown)}")
    print(f"floor F under the same load: {base * 1000:.1f} ms ({len(watch.floor.times)} times)")
    for page in sorted(watch.pages, key=lambda page: page.median if page.times else 0):
        if page.times:
            print(f"{page.name.partition(' ')[2]:46}{page.median * 1000:>9.1f} ms{page.median / base:>8.2f} F  ({len(page.times)} times)")
    wrong = ([f"errors: {errors}"] if errors else []) + ([watch.fault] if watch.fault else []) + [f"memory grew from {early:.0f} to {late:.0f} MB" for early, late in grown if late > early * MOST_GROWTH]
    wrong += ["a worker was replaced"] if len(watch.memory) != 2 else []
    if wrong:
        print("MISSED:", "; ".join(wrong), said[-1500:], sep="\n")
    else:
        print("met")
    return not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=30_000)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--filled", metavar="ADDRESS", help="a database that an earlier benchmarks.national --everything has filled")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name_settings()
    if chosen.prepare:
        return prepare()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not on this machine; add it with: sudo apt-get install wrk")
    if chosen.filled:
        sys.exit(0 if measure(chosen.filled, chosen.minutes, chosen.connections) else 1)
    with throwaway_postgres() as url:
        subprocess.run([sys.executable, "-m", "benchmarks.national", "--clients", str(chosen.clients), "--everything"], env=os.environ | {"DATABASE_URL": url}, check=True)
        met = measure(url, chosen.minutes, chosen.connections)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
