"""The portal as in production: gunicorn as configured, behind what says that it speaks https, and the background worker."""
import os
import random
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_LIMIT = 60  # seconds
HEADERS = {"Host": "localhost", "X-Forwarded-Proto": "https", "Origin": "https://localhost"}


def environment(url: str, media: Path, smtp_port: int, **more: str) -> dict[str, str]:
    """What an installation sets, and nothing of the shell it is started from."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "kopa_portal.settings", "DATABASE_URL": url, "MEDIA_PRIVATE": str(media), "ERASURE_LEDGER": f"{media}-erasures.jsonl",
        "SECRET_KEY": "only-for-the-faults-and-long-enough-for-the-deployment-check-0123456789", "PUBLIC_ORIGIN": "https://kopa.example.org",
        "ALLOWED_HOSTS": "localhost,testserver", "BEHIND_PROXY": "1", "EMAIL_URL": f"smtp://{HOST}:{smtp_port}", "API_MOST_WITHOUT_KEY": "1000000",
    } | more  # fmt: skip


class Portal:
    """`port` answers from `start` on; `log` is what the processes said."""

    def __init__(self, port: int, settings: dict[str, str], log: Path) -> None:
        self.port, self.settings, self.log = port, settings, log
        self.server: subprocess.Popen | None = None
        self.worker: subprocess.Popen | None = None
        self.ended_by_itself = 0

    def start(self, *more: str) -> None:
        self.server = self._run("-m", "gunicorn", "kopa_portal.wsgi", "--bind", f"{HOST}:{self.port}", "--log-level", "warning", *more)
        deadline = time.monotonic() + START_LIMIT
        while self.ask("/")[0] == 0:
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The portal did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def start_worker(self) -> None:
        self.worker = self._run("manage.py", "work", "--name", f"worker-{time.monotonic_ns()}", "--interval", "0.2", "--lease", "3")

    def _run(self, *command: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", sys.executable, *command], cwd=ROOT, env=self.settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def ask(self, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes | str | None = None, timeout: float = 40) -> tuple[int, dict[str, str], str]:
        """Status, headers and text over a connection of its own; the status is 0 when there was no whole answer."""
        connection = HTTPConnection(HOST, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, HEADERS | (headers or {}) | {"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode(errors="replace")
        except (OSError, HTTPException):
            return 0, {}, ""
        finally:
            connection.close()

    def web_workers(self) -> list[int]:
        assert self.server
        return [int(pid) for pid in Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()]

    def kill_web_worker(self, rng: random.Random) -> bool:
        """One of them, at once and without a word; False when none is there."""
        found = self.web_workers()
        if found:
            os.kill(rng.choice(found), signal.SIGKILL)
        return bool(found)

    def kill_worker(self) -> None:
        assert self.worker
        self.worker.kill()
        self.worker.wait()
        self.start_worker()

    def start_ended(self) -> None:
        """What the system does with a background worker that ended, because its database did."""
        if self.worker and self.worker.poll() is not None:
            self.ended_by_itself += 1
            self.start_worker()

    def stop(self) -> None:
        for process in (self.server, self.worker):
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
