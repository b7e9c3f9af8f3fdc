"""PgBouncer and nginx, borrowed from the machine and thrown away."""
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.servers import START_LIMIT, become_unprivileged, lent_folder

ADD_PGBOUNCER = "sudo apt-get install pgbouncer"
ADD_NGINX = "sudo apt-get install nginx"
PGBOUNCER_PORT = 6432


def program(name: str, how: str) -> str:
    """Its path; they stand beside those of the administrator."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        raise SystemExit(f"{name} is not on this machine; add it with: {how}")
    return found


@contextmanager
def served(command: list[str], folder: Path, is_there: Callable[[], bool], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen]:
    log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + START_LIMIT
        while not is_there():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=START_LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _port in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def pgbouncer(*urls: str, users: tuple[str, ...] = ("kopa",), server_lifetime: int = 3600, longest_wait: int = 15) -> Iterator[list[str]]:
    """Between the portal and each server of `urls`, sharing six connections by transaction; gives the addresses in front of them.

    Strict as it is delivered: it refuses a connection that brings options of its own. Of a server that is gone it tells after `longest_wait` seconds.
    """
    bouncer = program("pgbouncer", ADD_PGBOUNCER)
    with lent_folder("kopa-pgbouncer-") as folder:
        (folder / "users.txt").write_text("".join(f'"{user}" ""\n' for user in users))
        fronts, configurations = [], []
        for number, url in enumerate(urls):
            port = PGBOUNCER_PORT + number
            configuration = folder / f"{port}.ini"
            configuration.write_text(
                f"[databases]\n* = host={parse_qs(urlsplit(url).query)['host'][0]}\n[pgbouncer]\nunix_socket_dir = {folder}\nlisten_port = {port}\n"
                f"auth_type = trust\nauth_file = {folder}/users.txt\npool_mode = transaction\ndefault_pool_size = 6\nmax_client_conn = 500\nserver_lifetime = {server_lifetime}\nquery_wait_timeout = {longest_wait}\nadmin_users = kopa\n"
            )
            configurations.append((port, configuration))
            fronts.append(urlsplit(url)._replace(query=f"host={folder}&port={port}").geturl())
        with _all([[*become_unprivileged(), bouncer, str(one)] for _port, one in configurations], folder, [folder / f".s.PGSQL.{port}" for port, _one in configurations]):
            yield fronts


@contextmanager
def _all(commands: list[list[str]], folder: Path, sockets: list[Path]) -> Iterator[None]:
    if not commands:
        yield
        return
    with served(commands[0], folder, sockets[0].exists), _all(commands[1:], folder, sockets[1:]):
        yield


NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/certificate.pem;
  ssl_certificate_key {folder}/key.pem;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto https;
  proxy_next_upstream error timeout;
  add_header X-Served-By $upstream_addr always;
  upstream kopa {{
    {servers}
  }}
  {fronts}
}}
"""


@contextmanager
def nginx(ports: list[int]) -> Iterator[tuple[str, list[str], str]]:
    """Over https with a certificate of its own: the address in front of all servers, one in front of each, and the certificate's file."""
    proxy, openssl = program("nginx", ADD_NGINX), program("openssl", "sudo apt-get install openssl")
    with lent_folder("kopa-nginx-") as folder:
        files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"]
        subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", *files], check=True, capture_output=True)
        for file in ("key.pem", "certificate.pem"):
            (folder / file).chmod(0o644)
        folder.chmod(0o711)
        shared, *own = free_ports(len(ports) + 1)
        front = "server {{ listen 127.0.0.1:{} ssl; location / {{ proxy_pass http://{}; }} }}"
        (folder / "nginx.conf").write_text(NGINX.format(
            folder=folder,
            servers=" ".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in ports),
            fronts="\n  ".join([front.format(shared, "kopa"), *(front.format(mine, f"127.0.0.1:{port}") for mine, port in zip(own, ports, strict=True))]),
        ))  # fmt: skip
        with served([*become_unprivileged(), proxy, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"], folder, lambda: listens(shared)):
            yield f"https://localhost:{shared}", [f"https://localhost:{port}" for port in own], f"{folder}/certificate.pem"
