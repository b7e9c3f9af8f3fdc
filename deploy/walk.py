"""A newcomer's walk through docs/deployment.md: each command of the guide, word for word, on two bare Debian 12 systems.

`make walk`, as root on a Debian with debootstrap, systemd-container and nftables. The systems are systemd-nspawn containers in folders, with
systemd of their own, on a bridge of their own, reached from this machine alone; what is missing in a container beside a server is a kernel and a
boot loader. They have Debian's and PyPI's packages the way this machine has them. At the end everything is stopped and removed (KEEP=1 keeps
the folders). Prints what each step took, what was checked, and ends with 1 when something was not as the guide says.
"""
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "deployment.md"
HOST, ADMINISTRATOR = "kopa.example.fi", "admin@example.org"
BRIDGE, NETWORK = "kopawalk0", "10.213.7"
TABLE = "kopa_walk"
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,iproute2"
COMMANDS = re.compile(r"^```sh (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
faults: list[str] = []
began = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)


def check(what: str, found: object, wanted: object = True) -> None:
    good = found == wanted
    say(f"{'ok   ' if good else 'WRONG'} {what}" + ("" if good else f": {found!r} instead of {wanted!r}"))
    if not good:
        faults.append(what)


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


class Machine:
    """A system in a folder, begun by its own systemd."""

    def __init__(self, name: str, folder: Path, number: int, source: Path) -> None:
        self.name, self.folder, self.address = name, folder, f"{NETWORK}.{number}"
        self.source = source

    @contextmanager
    def up(self) -> Iterator["Machine"]:
        quiet = ["--quiet", "--register=no", "--keep-unit", "--resolv-conf=copy-host", f"--bind-ro={self.source}:/mnt/repository"]
        with (self.folder.parent / f"{self.name}.log").open("wb") as log:
            nspawn = subprocess.Popen(
                ["systemd-nspawn", f"--directory={self.folder}", "--boot", f"--machine=kopa-{self.name}", f"--network-bridge={BRIDGE}", *quiet],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            self.leader = self._leader(nspawn)
            for command in (f"address add {self.address}/24 dev host0", "link set host0 up", f"route add default via {NETWORK}.1"):
                run("nsenter", "--target", self.leader, "--net", "ip", *command.split())
            yield self
        finally:
            if nspawn.poll() is None:
                # To the container's systemd: power off.
                os.kill(self.leader, signal.SIGRTMIN + 4)
                try:
                    nspawn.wait(60)
                except subprocess.TimeoutExpired:
                    nspawn.kill()
                    nspawn.wait()

    def _leader(self, nspawn: subprocess.Popen) -> int:
        for _attempt in range(60):
            time.sleep(0.5)
            found = subprocess.run(["pgrep", "--parent", str(nspawn.pid)], capture_output=True, text=True).stdout.split()
            if found and subprocess.run([*self._enter(found[0]), "systemctl", "is-system-running"], capture_output=True, text=True).stdout.strip() in ("running", "degraded"):
                return int(found[0])
        raise SystemExit(f"{self.name} did not start.")

    def _enter(self, leader: str) -> list[str]:
        clean = ["env", "--ignore-environment", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "SOURCE=/mnt/repository"]
        return ["nsenter", "--target", leader, "--mount", "--uts", "--ipc", "--net", "--pid", *clean]

    def do(self, script: str, **environment: str) -> subprocess.CompletedProcess:
        named = [f"{name}={value}" for name, value in environment.items()]
        return subprocess.run([*self._enter(str(self.leader)), *named, "bash", "-c", f"set -e; cd /root\n{script}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def says(self, script: str) -> str:
        return self.do(script).stdout.strip()

    def follow(self, section: str, **environment: str) -> str:
        """Each command of the section in the guide; the walk ends at the first that fails."""
        said = ""
        for block in blocks(section):
            for command in block.splitlines():
                start = time.monotonic()
                done = self.do(command, **environment)
                said += done.stdout
                say(f"{self.name}# {command}   ({time.monotonic() - start:.1f} s)")
                print("".join(f"           {line}\n" for line in done.stdout.splitlines()[-30:]), end="", flush=True)
                if done.returncode:
                    print(self.says("systemctl --failed --no-legend; journalctl --no-pager -n 60 -u 'kopa*'"))
                    raise SystemExit(f"The guide's command failed on {self.name}: {command}")
        return said

    def curl(self, path: str, *options: str) -> str:
        """As a visitor from outside the system: by the bridge, in the name of the portal."""
        return subprocess.run(["curl", "--silent", "--insecure", "--max-time", "60", "--resolve", f"{HOST}:443:{self.address}", "--resolve", f"{HOST}:80:{self.address}", *options, path if "://" in path else f"https://{HOST}{path}"], capture_output=True, text=True).stdout

    def status(self, path: str, *options: str) -> str:
        return self.curl(path, "--output", "/dev/null", "--write-out", "%{http_code}", *options)


def blocks(section: str) -> list[str]:
    found = [text for name, text in COMMANDS.findall(GUIDE.read_text()) if name == section]
    if not found:
        raise SystemExit(f"The guide has no commands of the section {section}.")
    return found


@contextmanager
def network() -> Iterator[None]:
    forwarding = Path("/proc/sys/net/ipv4/ip_forward")
    before = forwarding.read_text()
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    try:
        run("ip", "address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        forwarding.write_text("1")
        run("nft", f"add table ip {TABLE}; add chain ip {TABLE} out {{ type nat hook postrouting priority 100; }}; add rule ip {TABLE} out ip saddr {NETWORK}.0/24 oifname != {BRIDGE} masquerade")
        yield
    finally:
        subprocess.run(["nft", "delete", "table", "ip", TABLE], capture_output=True)
        forwarding.write_text(before)
        run("ip", "link", "delete", BRIDGE)


def bare_system(folder: Path) -> None:
    run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", folder, *([os.environ["MIRROR"]] if "MIRROR" in os.environ else []))
    # Packages by the way that this machine has them.
    for name in ("/etc/apt/sources.list.d/debian.sources", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(name).exists():
            shutil.copy(name, folder / name[1:])
            if name.endswith(".sources"):
                (folder / "etc/apt/sources.list").unlink(missing_ok=True)


def repository(folder: Path) -> Path:
    """A copy of what is committed, to which the walk can add a newer version."""
    run("git", "clone", "--quiet", "--no-local", ROOT, folder)
    return folder


def newer_version(source: Path) -> None:
    """A version with another text: enough to see an upgrade."""
    note = source / "CHANGELOG.md"
    note.write_text(note.read_text() + "\n- The version of the walk.\n")
    run("git", "-C", source, "-c", "user.name=walk", "-c", "user.email=walk@example.org", "commit", "--quiet", "--all", "--message", "A newer version")


def state(machine: Machine) -> str:
    """What a second run must leave alone: files with their times, processes, tables."""
    files = machine.says("find /etc /opt/kopa /usr/local/sbin /var/lib/kopa -xdev -not -path '*/erasures*' -printf '%p %T@ %s %m %u\\n' | grep -v -e heads -e /etc/resolv -e adjtime | sort")
    units = machine.says("systemctl show --property=Id,ActiveEnterTimestampMonotonic kopa-web.service kopa-work.service kopa-due.service nginx.service postgresql.service")
    return hashlib.sha256(f"{files}\n{units}".encode()).hexdigest()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    return {unescape(name): unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}


def sign_up(machine: Machine, jar: Path) -> None:
    """As a person does, in the browser and the mailbox."""
    browser = ["--cookie", str(jar), "--cookie-jar", str(jar), "--location", "--referer", f"https://{HOST}/"]
    page = machine.curl("/en/account/signup/", *browser)
    password = f"{os.urandom(6).hex()} seven blue ladders"
    fields = hidden(page) | {name: value for name, value in (("email", ADMINISTRATOR), ("password1", password), ("name", "Invented Administrator")) if f'name="{name}"' in page}
    for name in re.findall(r'<input type="checkbox" name="([^"]+)"', page):
        fields[name] = "on"
    machine.curl("/en/account/signup/", *browser, "--data", urlencode(fields))
    link = None
    for _attempt in range(40):
        time.sleep(0.5)
        if link := re.search(rf"https://{re.escape(HOST)}(/[^\s']*confirm[^\s']*)", machine.says("cat /root/mails").replace("=\n", "").replace("=3D", "=")):
            break
    check("the mail with the link to confirm the address came", bool(link))
    if link:
        page = machine.curl(link[1], *browser)
        machine.curl(link[1], *browser, "--data", urlencode(hidden(page)))


class Visitors:
    """Four who look at pages without a pause, and count what is not answered well."""

    pages = ("/", "/sv/", "/en/about/", "/services/")

    def __init__(self, machine: Machine) -> None:
        self.machine, self.stopped = machine, threading.Event()
        self.answers: dict[str, int] = {}
        self.slowest = 0.0
        self.lock = threading.Lock()

    def _visit(self, page: str) -> None:
        while not self.stopped.wait(0.1):
            start = time.monotonic()
            status = self.machine.status(page)
            with self.lock:
                self.answers[status] = self.answers.get(status, 0) + 1
                self.slowest = max(self.slowest, time.monotonic() - start)

    def __enter__(self) -> "Visitors":
        self.threads = [threading.Thread(target=self._visit, args=[page]) for page in self.pages]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def look_from_outside(machine: Machine) -> None:
    headers = machine.curl("/", "--head", "--http2").lower()
    check("HTTP/2", headers.startswith("http/2 200"))
    check("strict transport security, once", headers.count("strict-transport-security: max-age=63072000; includesubdomains; preload"), 1)
    check("http leads to https", f"Location: https://{HOST}/sv/" in machine.curl(f"http://{HOST}/sv/", "--head"))
    check("another name gets nothing", machine.status("/", "--header", "Host: evil.example"), "000")
    check("metrics are not public", machine.status("/metrics"), "404")
    check("/ready is not public", machine.status("/ready"), "404")
    check("health is", machine.status("/health"), "200")
    sheet = re.search(r'href="(/static/css/[^"]+)"', machine.curl("/"))
    static = machine.curl(sheet[1] if sheet else "/", "--dump-header", "-", "--output", "/dev/null", "--header", "Accept-Encoding: gzip").lower()
    check("style sheets are kept, packed and have the headers", all(part in static for part in ("immutable", "content-encoding: gzip", "nosniff", "strict-transport-security", "content-security-policy")))
    check("what people brought has no address", machine.status("/media/private/"), "404")
    check("a body larger than any of the portal's is refused", machine.status("/", "--data-binary", f"@{large_file(13)}"), "413")
    check("PostgreSQL is not on the network", machine.says("ss -Hltn | grep -v '127.0.0.1\\|\\[::1\\]' | awk '{print $4}' | sort -u | tr '\\n' ' '"), "0.0.0.0:443 0.0.0.0:80 [::]:443 [::]:80")
    machine.says(f"curl --silent --insecure --resolve {HOST}:443:127.0.0.1 https://{HOST}/guidance/secret-key-of-a-link/?name=Secret >/dev/null; true")
    check("logs of the proxy hold no more than the first part of an address", machine.says("grep -c -i secret /var/log/nginx/*.log | grep -v ':0' ; true"), "")


def large_file(megabytes: int) -> str:
    file = Path(tempfile.gettempdir(), "kopa-walk-large")
    file.write_bytes(b"a" * megabytes * 1024 * 1024)
    return str(file)


def look_inside(machine: Machine) -> None:
    check("systemd finds no fault in the units", machine.says("cd /etc/systemd/system && systemd-analyze verify kopa-*.service kopa-*.timer kopa-web.socket kopa.target 2>&1 | grep -i kopa; true"), "")
    for line in machine.says("systemd-analyze security --no-pager 'kopa-*' 2>/dev/null | grep kopa; true").splitlines():
        say(f"      exposure: {line.strip()}")
    for unit in ("kopa-web", "kopa-work", "kopa-due", "kopa-backup", "kopa-verify"):
        overall = machine.says(f"systemd-analyze security --no-pager {unit}.service 2>/dev/null | tail -n 1")
        say(f"      {overall}")
    secret = machine.says("cut -d= -f2 /etc/kopa/seal.env")
    held = "systemd-run --quiet --unit=kopa-trial -p User=kopa_web -p EnvironmentFile=/etc/kopa/seal.env sleep 60; sleep 1; "
    look = "systemd-run --quiet --pipe --wait -p User=kopa_web {more} cat /proc/$(systemctl show --property=MainPID --value kopa-trial)/environ 2>&1 | tr '\\0' '\\n'; systemctl stop kopa-trial"
    check("the pages cannot read the key of the seals from the process that has it", secret not in machine.says(held + look.format(more="-p PrivateUsers=yes")))
    check("(and the same question without the hardening can)", secret in machine.says(held.replace("--unit=kopa-trial", "--unit=trial") + look.replace("kopa-trial", "trial").format(more="")))
    check("secrets are root's alone", machine.says("stat -c '%a %U' /etc/kopa /etc/kopa/*.env | sort -u | tr '\\n' ','"), "600 root,700 root,")
    web = machine.do("cd / && runuser -u kopa_web -- psql -h /run/postgresql kopa -c 'DELETE FROM guidance_accesslog' 2>&1")
    check("the web role cannot take rows out of the read log", "permission denied" in web.stdout or web.stdout)
    machine.do("cd / && runuser -u kopa_web -- psql -h /run/postgresql kopa -c \"INSERT INTO accounts_user (email) VALUES ('Walkmarker')\"")
    check("PostgreSQL's log knows of the row that it refused, and nothing of what stood in it", machine.says("cat /var/log/postgresql/*.log | grep -c 'null value in column'; cat /var/log/postgresql/*.log | grep -c Walkmarker; true").split()[1:], ["0"])
    memory = machine.says("for p in $(grep -l 'bin/gunicorn' /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3); do awk '/^Pss:/{print $2}' /proc/$p/smaps_rollup 2>/dev/null; done | tr '\\n' ' '")
    say(f"      memory of gunicorn's processes, shared pages by share: {memory} kB")
    check("nothing has failed", machine.says("systemctl --failed --no-legend | grep kopa; true"), "")


def rows(machine: Machine) -> str:
    count = "SELECT count(*) FROM {}"
    tables = machine.says("cd / && runuser -u postgres -- psql -At kopa -c \"SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1\"").split()
    # Sessions are in no backup, a restore and the clock write rows of their own, and a worker says that it lives.
    left_out = ("kopa_cache", "accounts_portalsession", "accounts_workerbeat", "accounts_auditevent", "accounts_seal", "accounts_sealcheck", "accounts_lease")
    query = " UNION ALL ".join(f"SELECT '{table}', ({count.format(table)})" for table in tables if table not in left_out)
    return machine.says(f'cd / && runuser -u postgres -- psql -At kopa -c "{query}"')


def walk(scratch: Path) -> None:
    with ExitStack() as stack:
        source = repository(scratch / "repository")
        say("Two bare systems")
        bare_system(scratch / "first")
        run("cp", "--archive", scratch / "first", scratch / "second")
        stack.enter_context(network())
        first = stack.enter_context(Machine("first", scratch / "first", 11, source).up())
        say(f"The first is up: Debian {first.says('cat /etc/debian_version')}, {first.says('dpkg --list | grep -c ^ii')} packages")

        start = time.monotonic()
        first.follow("install")
        say(f"      from bare to a portal that answers: {time.monotonic() - start:.0f} s")
        before = state(first)
        said = first.follow("again")
        check("a second run changes nothing", (state(first) == before, "Nothing was changed" in said), (True, True))
        first.follow("settings")
        # In the place of the mail server that the guide takes for granted.
        first.do("systemd-run --quiet --unit=mails sh -c 'exec python3 -u -W ignore -m smtpd -n -c DebuggingServer 127.0.0.1:25 >/root/mails'")
        sign_up(first, scratch / "cookies")
        check("the first administrator is appointed", "is now an administrator" in first.follow("administrator"))
        look_from_outside(first)
        first.follow("backup")
        look_inside(first)
        first.do("systemctl stop kopa.target")
        down = {page: first.curl(page, "--include").lower() for page in ("/", "/sv/")}
        check("a page in the reader's language while the portal is down", ["503" in answer.splitlines()[0] and "retry-after: 30" in answer and f'<html lang="{language}"' in answer for answer, language in zip(down.values(), ("fi", "sv"), strict=True)], [True, True])
        first.do("systemctl start kopa.target")
        check("and it answers again", first.status("/"), "200")
        wait_for_due(first)

        say("An upgrade, with four visitors")
        before = first.says("basename $(readlink -f /opt/kopa/current)")
        newer_version(source)
        with Visitors(first) as visitors:
            first.follow("upgrade")
            time.sleep(3)
        check(f"{sum(visitors.answers.values())} pages during the upgrade, all of them answered (the slowest in {visitors.slowest:.1f} s)", list(visitors.answers), ["200"])
        check("the newer version answers", first.says("basename $(readlink -f /opt/kopa/current)") != before)
        first.follow("back", BEFORE=before)
        check("back to the version before", first.says("basename $(readlink -f /opt/kopa/current)"), before)

        say("The second system")
        first.do("systemctl start kopa-backup.service && systemctl stop kopa.target")
        carried = scratch / "second" / "root" / "carried"
        (carried / "backups").mkdir(parents=True)
        for name in ("kopa.env", "seal.env"):
            shutil.copy(scratch / "first" / "etc" / "kopa" / name, carried)
        shutil.copy(scratch / "first" / "var" / "lib" / "kopa" / "key" / "kopa-backup.key", carried)
        for file in (scratch / "first" / "var" / "backups" / "kopa").iterdir():
            if file.is_file() and file.name != ".lock":
                shutil.copy(file, carried / "backups")
        first.follow("away")
        check("no key is left on the first", first.says("find / -xdev -name 'kopa-backup.key' -not -path '/proc/*'"), "")
        wanted = rows(first)
        second = stack.enter_context(Machine("second", scratch / "second", 12, source).up())
        start = time.monotonic()
        second.follow("second")
        say(f"      from bare to the restored portal: {time.monotonic() - start:.0f} s")
        check("the second answers", second.status("/"), "200")
        found = dict(line.split("|") for line in rows(second).splitlines())
        check("each table has as many rows", {table: (count, found.get(table)) for table, count in (line.split("|") for line in wanted.splitlines()) if found.get(table) != count}, {})
        check("the administrator is there", second.says(f"cd / && runuser -u postgres -- psql -At kopa -c \"SELECT count(*) FROM accounts_user WHERE email = '{ADMINISTRATOR}'\""), "1")
        wait_for_due(second)
        check("the logs are as they were written", "Everything is as it was sealed" in second.says("kopa-manage verify_access_log"))
        check("nothing has failed on the second", second.says("systemctl --failed --no-legend | grep kopa; true"), "")


def wait_for_due(machine: Machine) -> None:
    """The clock does it by itself; here it is asked for at once."""
    for command in ("kopa-manage run_due", "systemctl start kopa-verify.service"):
        for _attempt in range(60):
            done = machine.do(command)
            if "Another run is under way" not in done.stdout:
                break
            time.sleep(1)
        check(f"{command} on the {machine.name}", done.returncode, 0)
        if done.returncode:
            print(machine.says("journalctl --no-pager -n 30 -u kopa-due -u kopa-verify -u 'kopa-manage-*'"))


def main() -> int:
    missing = [program for program in ("debootstrap", "systemd-nspawn", "nft", "curl", "git") if not shutil.which(program)]
    if missing or os.geteuid():
        print("The walk needs root and: apt-get install debootstrap systemd-container nftables curl git", f"(missing: {', '.join(missing)})" if missing else "")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = Path(tempfile.mkdtemp(prefix="kopa-walk-"))
    try:
        walk(scratch)
    finally:
        if os.environ.get("KEEP") == "1":
            say(f"Kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    say(f"{len(faults)} things are not as the guide says." + "".join(f"\n  {fault}" for fault in faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
