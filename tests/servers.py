"""The servers and programs that tests borrow from the machine: PostgreSQL and Chromium, both from Debian's packages."""
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADD_POSTGRES = "sudo apt-get install postgresql"
ADD_CHROMIUM = "sudo apt-get install chromium"
START_LIMIT = 30  # seconds


def chromium_path() -> str | None:
    """CHROMIUM names another program than Debian's; a wrong name is an error and never a silent fallback."""
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise SystemExit(f"CHROMIUM={named} is not a program that can be started.")
    return shutil.which(named or "/usr/bin/chromium")


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL server that Debian installed, for its programs are not on PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """A cluster in a temporary folder, reached over a unix socket only; gives its DATABASE_URL and leaves nothing behind.

    Postgres refuses to run as root, so root lends it to Debian's own user. The kernel stops the server when this
    process dies, however it dies; being in a session of its own, it does not hear the terminal's Ctrl-C before
    the tests have closed their connections.
    """
    programs = postgres_programs()
    if programs is None:
        raise SystemExit(f"PostgreSQL is not on this machine; add it with: {ADD_POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="kopa-postgres-"))
    become = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        user = _unprivileged_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        become += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    data = folder / "data"

    def run(*command: object) -> None:
        done = subprocess.run([*become, *map(str, command)], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    try:
        # Sorting by code point: whatever relies on the database's own order of letters shows at once.
        run(programs / "initdb", "--pgdata", data, "--username=kopa", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        # Nothing here outlives the run, so nothing has to survive a power cut.
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        options = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=100", *quick]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*become, str(programs / "postgres"), "-D", str(data), *(part for option in options for part in ("-c", option))],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        try:
            _wait_until_ready(server, programs, folder)
            run(programs / "createdb", "--host", folder, "--username", "kopa", "kopa")
            yield f"postgres://kopa@/kopa?host={folder}"
        finally:
            # INT is PostgreSQL's "fast" stop: it ends open connections instead of waiting for them.
            server.send_signal(2)
            try:
                server.wait(timeout=START_LIMIT)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.")


def _wait_until_ready(server: subprocess.Popen, programs: Path, folder: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while subprocess.run([programs / "pg_isready", "-q", "-h", folder]).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")
        time.sleep(0.05)
