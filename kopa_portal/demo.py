"""`make demo`: the portal with the real network and demo people, served as in production on this machine alone.

The only place that sets DEMO. Every step may run again: the second start changes nothing and takes seconds.
"""
import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
# The address to listen on is this machine's own; people open localhost, which is the name passkeys need.
HOST = "127.0.0.1"
START_LIMIT = 60  # seconds
STOP_LIMIT = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--code", metavar="PERSON", help="print a demo person's one-time code instead")
    chosen = parser.parse_args()
    port = chosen.port
    if chosen.code:
        set_environment(port)
        return print_code(chosen.code)
    if taken(port):
        print(f"Port {port} is in use by another program; choose a free one, for example: make demo PORT={port + 1}")
        return 1
    # A stop by the system ends the demo as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    set_environment(port)
    try:
        return serve(port, set_up())
    except CommandError as problem:
        print(f"The demo could not be set up: {problem}")
        return 1
    except KeyboardInterrupt:
        print("\nThe demo has ended; its data stays in var/ for the next time.")
        return 0


def taken(port: int) -> bool:
    with socket.socket() as probe:
        # As the server itself does: an address that only waits for its last packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def set_environment(port: int) -> None:
    """The demo's whole configuration: nothing of the caller's environment can turn it into something else."""
    others = ("ALLOWED_HOSTS", "BEHIND_PROXY", "CONTROLLER_NAME", "CSRF_TRUSTED_ORIGINS", "DATABASE_URL", "DEFAULT_FROM_EMAIL")
    for name in (*others, "EMAIL_URL", "ERASURE_KEY", "ERASURE_KEY_FALLBACKS", "ERASURE_LEDGER", "MEDIA_PRIVATE", "OPERATION_TOKEN", "BACKUP_DIR", "SECURITY_CONTACT", "SECURITY_TXT_EXPIRES", "SEAL_KEY", "SEAL_KEY_FALLBACKS", "SECRET_KEY_FALLBACKS", "STATIC_ROOT", "WORD_FORMS_CACHE"):
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="kopa_portal.settings",
        DEMO="1",
        DEBUG="0",
        HTTPS="0",
        COOKIE_SECURE="0",
        LOG_FORMAT="line",
        SECRET_KEY=secret_key(),
        PUBLIC_ORIGIN=f"http://localhost:{port}",
        # Invented as the people are, so that the form is there to be tried; the mail is printed like all others.
        FEEDBACK_EMAIL="palaute@example.org",
    )


def secret_key() -> str:
    """This copy's own, made once and readable by its owner only."""
    path = VAR / "secret-key"
    if not path.exists():
        VAR.mkdir(exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def set_up() -> str:
    """Brings database, dictionaries, style sheets and data up to date; gives the sign-ins as load_demo prints them."""
    import django
    from django.db import connections
    from django.utils import timezone

    django.setup()
    from summaries.actions.folding import fold_summaries

    def step(saying: str, *command: str) -> str:
        print(f"{saying} …", flush=True)
        said = StringIO()
        call_command(*command, stdout=said, verbosity=0)
        return said.getvalue()

    step("Database", "migrate", "--no-input")
    step("Cache", "createcachetable")
    # Before the data, whose names are stored with their word forms.
    step("Word forms for search", "build_word_forms")
    if static_is_old():
        step("Style sheets", "collectstatic", "--no-input")
    print(step("The network", "load_network"), end="")
    step("Partnerships", "load_partnerships")
    sign_ins = step("Demo people", "load_demo")
    step("Invented facilities, staff and courses", "load_services")
    sign_ins += step("Invented clients (the first time up to a minute)", "load_caseload")
    # As the dates of those clients tell it; from now on run_due freezes each month as it ends. Since the quarter two years ago: beside
    # the thousands who were there on the first day, nothing later could be seen in a drawing.
    today = timezone.localdate()
    step("Figures of the months that are over", "freeze_summaries", "--clients", "--since", "--month", f"{today.year - 2}-{(today.month - 1) // 3 * 3 + 1:02}")
    # Before anybody else writes: thousands of pathways in one go would keep SQLite from the worker for longer than it waits.
    fold_summaries(timezone.now())
    # The server's own processes open theirs.
    connections.close_all()
    return sign_ins


def print_code(person: str) -> int:
    import django

    django.setup()
    try:
        call_command("demo_code", person)
    except CommandError as problem:
        print(problem)
        return 1
    return 0


def static_is_old() -> bool:
    from django.conf import settings

    manifest = Path(settings.STATIC_ROOT, "staticfiles.json")
    sources = [ROOT / "requirements.txt", ROOT / "static", *(ROOT / "static").rglob("*")]
    return not manifest.exists() or manifest.stat().st_mtime < max(path.stat().st_mtime for path in sources)


def serve(port: int, sign_ins: str) -> int:
    python = [sys.executable, "-m"]
    server = ["gunicorn", "kopa_portal.wsgi", "--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    quiet = ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "5"]
    running: list[subprocess.Popen] = []
    try:
        running.append(start([*python, *server, *quiet]))
        wait_until_served(port, running[0])
        running.append(start([sys.executable, "manage.py", "run_due", "--every", "5"]))
        running.append(start([sys.executable, "manage.py", "work"]))
        print(f"\n{sign_ins.rstrip()}\n\nThe portal is at http://localhost:{port} (Ctrl-C ends it). Mail that it sends is printed here.", flush=True)
        while all(process.poll() is None for process in running):
            time.sleep(0.5)
        print("A part of the demo ended by itself; what it said is above.")
        return 1
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=STOP_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()


def start(command: list[str]) -> subprocess.Popen:
    """In a session of its own, so that Ctrl-C reaches this process only, which then ends the others in order.

    The kernel ends it when this process dies without having had the time.
    """
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)


def wait_until_served(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_LIMIT
    while server.poll() is None and time.monotonic() < deadline:
        asking = HTTPConnection(HOST, port, timeout=START_LIMIT)
        try:
            asking.request("GET", "/")
            status = asking.getresponse().status
        except OSError:
            time.sleep(0.2)
            continue
        finally:
            asking.close()
        if status != 200:
            print(f"The front page answers {status}; what the server said is above.")
        return


if __name__ == "__main__":
    sys.exit(main())
