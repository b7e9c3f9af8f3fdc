"""The servers and programs that tests borrow from the machine: PostgreSQL and Chromium, both from Debian's packages."""
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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


# Nothing here outlives the run, so nothing has to survive a power cut.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# For tests that take back what they wrote: whoever counts a table between two of them finds nothing but dead rows, and the next
# test's queries are then planned for one row. Tables that were never counted are planned for what fits in their pages.
NEVER_COUNTED = ("autovacuum=off",)


@contextmanager
def throwaway_postgres(*options: str) -> Iterator[str]:
    """A cluster in a temporary folder, reached over a unix socket only; gives its DATABASE_URL and leaves nothing behind."""
    with postgres_server(*QUICK, *options) as server:
        yield server.url


@contextmanager
def postgres_server(*options: str, within: Path | None = None) -> Iterator["Postgres"]:
    """The same (below `within`), to be stopped and started again, with what it promises to keep unless `options` say otherwise."""
    with lent_folder("kopa-postgres-", within) as folder:
        # Sorting by code point: whatever relies on the database's own order of letters shows at once.
        _run(folder, "initdb", "--pgdata", folder / "data", "--username=kopa", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        server = Postgres(folder, options)
        with server.running():
            _run(folder, "createdb", "--host", folder, "--username", "kopa", "kopa")
            yield server


class Postgres:
    """One server over the data of a folder.

    Postgres refuses to run as root, so root lends it to Debian's own user. The kernel stops the server when this
    process dies, however it dies; being in a session of its own, it does not hear the terminal's Ctrl-C before
    the tests have closed their connections.
    """

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self.folder, self.options = folder, options
        self.url = f"postgres://kopa@/kopa?host={folder}"

    @contextmanager
    def running(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start(self) -> None:
        options = ["listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=100", *self.options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*become_unprivileged(), str(_program("postgres")), "-D", str(self.folder / "data"), *(part for option in options for part in ("-c", option))],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        try:
            _wait_until_ready(self.process, _program("pg_isready").parent, self.folder)
        except BaseException:
            self.stop()
            raise

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is PostgreSQL's "fast" stop, which ends open connections instead of waiting for them; SIGQUIT its "immediate" one, as when it crashes."""
        self.process.send_signal(sign)
        try:
            self.process.wait(timeout=START_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def streaming_replica(url: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """A second server that follows the one of `url`, a superuser's there; gives the address of the same database on it, and its process."""
    parts = urlsplit(url)
    primary = f"host={parse_qs(parts.query)['host'][0]} user={parts.username}"
    with lent_folder("kopa-replica-") as folder:
        _run(folder, "pg_basebackup", "--pgdata", folder / "data", "--dbname", primary, "--checkpoint=fast", "--write-recovery-conf", "--no-sync")
        server = Postgres(folder, QUICK)
        with server.running():
            yield parts._replace(query=f"host={folder}").geturl(), server.process


@contextmanager
def lent_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    try:
        if os.geteuid() == 0:
            user = _unprivileged_user()
            os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def become_unprivileged() -> list[str]:
    """What stands before the command of a server that does not run as root; the kernel ends it when this process dies."""
    become = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        user = _unprivileged_user()
        become += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return become


def _program(name: str) -> Path:
    programs = postgres_programs()
    if programs is None:
        raise SystemExit(f"PostgreSQL is not on this machine; add it with: {ADD_POSTGRES}")
    return programs / name


def _run(folder: Path, program: str, *arguments: object) -> None:
    done = subprocess.run([*become_unprivileged(), str(_program(program)), *map(str, arguments)], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{program} failed:\n{done.stdout}{done.stderr}")


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
