"""`make several`: three servers behind nginx, each through PgBouncer to a primary and a streaming replica, with two workers.

Everything is as in production but for the people, who are invented; what is asked goes over https through the proxy. Ends with
code 1 when anything is not as it should be.
"""
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event as Flag
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import requests

from tests.machines.programs import free_ports, listens, nginx, pgbouncer, served
from tests.servers import streaming_replica, throwaway_postgres
from tests.smtp import mail_server

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "an invented password 123"
SERVERS, READERS, MAILS = 3, 4, 60
MOST_QUESTIONS = 12
WRONG = []


def check(what: str, is_so: object, told: object = "") -> None:
    print(f"{'ok  ' if is_so else 'FAIL'} {what}{f': {told}' if told != '' else ''}", flush=True)
    if not is_so:
        WRONG.append(what)


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# The portal ----------------------------------------------------------------------------------------


def manage(environment: dict, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def gunicorn(port: int, environment: dict, folder: Path):
    command = [sys.executable, "-m", "gunicorn", "kopa_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", "4", "--log-level", "warning", "--no-control-socket"]
    # From the root, where the portal is; its words go to a file.
    return served(["env", "--chdir", str(ROOT), *command], folder, lambda: listens(port), environment)


def kill(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def people() -> SimpleNamespace:
    """A coordinator with an area and a model, and a counsellor with a client and a second factor."""
    from allauth.account.models import EmailAddress
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from pilots.choices import Role
    from tests.guidance.factories import make_partnership, make_pathway
    from tests.pilots.factories import make_area, make_membership, make_model, make_organisation, make_user

    area = make_area("Suupohja", description_fi="Ennen")
    coordinator = make_membership(make_user(name="Demo Koordinaattori"), Role.AREA_COORDINATOR, area=area, organisation=make_organisation())
    other = make_membership(make_user(name="Demo Toinen"), Role.EDUCATION_OFFICER, organisation=make_organisation())
    made = make_partnership()
    for one in (coordinator, other, made.anna):
        one.user.set_password(PASSWORD)
        one.user.save()
        EmailAddress.objects.create(user=one.user, email=one.user.email, verified=True, primary=True)
    secret = generate_totp_secret()
    TOTP.activate(made.anna.user, secret)
    return SimpleNamespace(area=area, model=make_model(area), coordinator=coordinator.user.email, other=other.user.email, counsellor=made.anna.user.email, secret=secret, pathway=make_pathway(made))


# A browser -----------------------------------------------------------------------------------------


class Browser(requests.Session):
    def __init__(self, certificate: str) -> None:
        super().__init__()
        # No other proxy, no other certificates.
        self.trust_env = False
        self.verify = certificate

    def send_form(self, page: str, to: str = "", files: dict | None = None, **values: str) -> requests.Response:
        """The form of `page` with its hidden fields, sent to the same address or another server's."""
        shown = self.get(page)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.text))
        return self.post_to(to or shown.url, fields | values, files)

    def post_to(self, address: str, values: dict, files: dict | None = None, follow: bool = False) -> requests.Response:
        parts = urlsplit(address)
        return self.post(address, data=values, files=files, headers={"Origin": f"{parts.scheme}://{parts.netloc}"}, allow_redirects=follow)


def sign_in(browser: Browser, first: str, second: str, email: str, secret: str = "") -> Browser:
    """The form comes from one server and goes to another; so does the one-time code."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    answer = browser.send_form(f"{first}/account/login/", f"{second}/account/login/", login=email, password=PASSWORD)
    if secret and answer.status_code == 302:
        page = f"{first}{answer.headers['Location']}"
        browser.send_form(page, page.replace(first, second), code=format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    return browser


def is_in(browser: Browser, server: str) -> bool:
    return browser.get(f"{server}/account/", allow_redirects=False).status_code == 200


@contextmanager
def readers(front: str, browser: Browser, paths: list[str]) -> Iterator[Counter]:
    """People who read all the time: how often each answer came, and the slowest."""
    seen: Counter = Counter()
    stop = Flag()

    def read(number: int) -> None:
        own = Browser(str(browser.verify))
        own.cookies.update(browser.cookies)
        while not stop.is_set():
            for path in paths:
                began = time.monotonic()
                try:
                    status = own.get(f"{front}{path}", allow_redirects=False, timeout=30).status_code
                except requests.RequestException as error:
                    status = type(error).__name__
                seen[status] += 1
                seen["slowest, ms"] = max(seen["slowest, ms"], int((time.monotonic() - began) * 1000))

    with ThreadPoolExecutor(READERS) as pool:
        running = [pool.submit(read, number) for number in range(READERS)]
        try:
            yield seen
        finally:
            stop.set()
            for one in running:
                one.result()


def only_pages(seen: Counter) -> bool:
    return set(seen) == {200, "slowest, ms"}


# What is shown -------------------------------------------------------------------------------------


def shared(front: str, own: list[str], certificate: str, stage: SimpleNamespace) -> tuple[Browser, Browser]:
    first, second, third = own
    coordinator = sign_in(Browser(certificate), first, second, stage.coordinator)
    counsellor = sign_in(Browser(certificate), first, third, stage.counsellor, stage.secret)
    check("signed in by a form of one server that another one took, and known to all", all(is_in(one, server) for one in (coordinator, counsellor) for server in own))
    answers = [coordinator.get(f"{front}/account/", allow_redirects=False) for _turn in range(30)]
    served_by = Counter(answer.headers["X-Served-By"] for answer in answers)
    check("requests are spread over all three, nobody is signed out", len(served_by) == SERVERS and {answer.status_code for answer in answers} == {200}, dict(served_by))

    wrong = Browser(certificate)
    for turn in range(5):
        wrong.send_form(f"{own[turn % 3]}/account/login/", login=stage.other, password="wrong")
    check("five wrong passwords at three servers lock the address at each", not any(is_in(sign_in(Browser(certificate), one, one, stage.other), one) for one in own))

    questions = [Browser(certificate).get(f"{own[turn % 3]}/api/v1/areas").status_code for turn in range(MOST_QUESTIONS + 3)]
    check("questions to the API are counted over all", Counter(questions) == {200: MOST_QUESTIONS, 429: 3}, dict(Counter(questions)))

    from accounts.models import OutboxMessage
    from guidance.forms.moments import written_moment
    from guidance.models import AccessLog, Event

    shown = coordinator.get(f"{first}/feedback/").text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    with ThreadPoolExecutor(SERVERS) as pool:
        list(pool.map(lambda one: coordinator.post_to(f"{one}/feedback/", fields | {"text": "Keksitty", "email": ""}), own * 2))
    check("one form sent to all servers at once is one mail", OutboxMessage.objects.filter(kind="feedback").count() == 1)

    from django.urls import reverse
    from django.utils import timezone

    page, log = reverse("guidance:pathway_detail", args=[stage.pathway.pseudonym]), reverse("guidance:pathway_log", args=[stage.pathway.pseudonym])
    before = AccessLog.objects.count()
    shown = [counsellor.get(f"{one}{page}") for one in own]
    check("a page about a client is read at each server, and each reading is in the log", [one.status_code for one in shown] == [200] * 3 and AccessLog.objects.count() == before + 3)
    now = written_moment(timezone.now())
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown[0].text))
    call = fields | {"token": str(uuid4()), "kind": "call", "text": "Keksitty puhelu", "at": now, "at_shown": now, "visibility": "participants"}
    with ThreadPoolExecutor(SERVERS) as pool:
        answers = list(pool.map(lambda one: counsellor.post_to(f"{one}{log}", call).status_code, own * 2))
    check("one entry about a client sent to all servers at once is one entry", Event.objects.filter(text="Keksitty puhelu").count() == 1, dict(Counter(answers)))

    from pilots.models import ModelFile
    from tests.pilots.files import SMALLEST_PNG

    coordinator.send_form(f"{first}{reverse('pilots:model_file_add', args=[stage.model.pk])}", title="Sopimus", files={"file": ("sopimus.png", SMALLEST_PNG)})
    file = ModelFile.objects.first()
    given = [coordinator.get(f"{one}{reverse('pilots:model_file', args=[stage.model.pk, file.pk])}").content for one in own] if file else []
    check("a file brought to one server is given by all", given == [SMALLEST_PNG] * SERVERS)

    pages = [Browser(certificate).get(f"{one}/").text for one in own]
    named = [set(re.findall(r'"(/static/[^"]+)"', page)) for page in pages]
    styles = {Browser(certificate).get(f"{one}{path}").status_code for one in own for path in named[0]}
    check("each server, its style sheets collected by itself, names the same ones and has them", named[0] == named[1] == named[2] and styles == {200}, f"{len(named[0])} files")
    return coordinator, counsellor


def due_once(environment: dict, smtp) -> None:
    from accounts.actions.outbox import queue_mail
    from accounts.models import OutboxMessage, SealCheck

    for number in range(MAILS):
        queue_mail(kind="email_confirmation", to_email=f"demo{number}@example.org", language="fi", context={"email": "x", "activate_url": "y"})
    commands = [["work", "--interval", "0.1", "--batch"], ["work", "--interval", "0.1", "--batch"], ["run_due"], ["run_due"]]
    running = [subprocess.Popen([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands]
    said = [one.communicate() for one in running]
    check("two workers and two run_due end well", [one.returncode for one in running] == [0] * 4, [err[-300:] for _out, err in said if err.strip()] or "")
    sent = Counter(smtp.accepted)
    waiting = OutboxMessage.objects.filter(sent_at=None).count()
    check("and send each mail once", waiting == 0 and len(sent) == OutboxMessage.objects.count() and set(sent.values()) == {1}, f"{len(sent)} mails")
    check("one run_due ran, or one after the other", any("Another run is under way" in out for out, _err in said) or SealCheck.objects.count() <= 2)
    check("the logs' seals are whole", "fault" not in manage(environment, "verify_access_log").lower().replace("0 faults", ""))


def own_writes(front: str, own: list[str], certificate: str, stage: SimpleNamespace, coordinator: Browser, follower: Callable[[str], tuple]) -> None:
    from django.db import connection
    from django.urls import reverse

    page, edit = reverse("pilots:area_detail", args=[stage.area.slug]), reverse("pilots:area_edit", args=[stage.area.slug])

    def seen(browser: Browser) -> list[str]:
        return ["Uusi" if "Uusi" in browser.get(f"{one}{page}").text else "Ennen" for one in own]

    def caught_up() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
            (place,) = cursor.fetchone()
        return follower(f"SELECT pg_last_wal_replay_lsn() >= '{place}'::pg_lsn")[0]

    visitor = Browser(certificate)
    check("the replica follows", until(caught_up))
    time.sleep(1.5)
    follower("SELECT pg_wal_replay_pause()")
    seen(visitor)
    answer = coordinator.send_form(f"{own[0]}{edit}", f"{own[1]}{edit}", description_fi="Uusi", check_by="", version=str(stage.area.version))
    mine, theirs = seen(coordinator), seen(visitor)
    check("one's own change is seen at once at each server, while the replica stands still", answer.status_code == 302 and mine == ["Uusi"] * 3, (answer.status_code, mine))
    check("a visitor still reads the replica", theirs == ["Ennen"] * 3, theirs)
    time.sleep(6.5)
    check("a replica that is more than five seconds behind is read no more", seen(visitor) == ["Uusi"] * 3)
    follower("SELECT pg_wal_replay_resume()")
    check("and follows again", until(caught_up))


def main() -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kopa-several-")))
        smtp = stack.enter_context(mail_server())
        url = stack.enter_context(throwaway_postgres())
        ports = free_ports(SERVERS)
        front, own, certificate = stack.enter_context(nginx(ports))
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")} | {
            "DJANGO_SETTINGS_MODULE": "kopa_portal.settings", "SECRET_KEY": secrets.token_urlsafe(50), "SEAL_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "localhost",
            "BEHIND_PROXY": "1", "PUBLIC_ORIGIN": front, "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}", "FEEDBACK_EMAIL": "palaute@example.org", "API_MOST_WITHOUT_KEY": str(MOST_QUESTIONS),
            "MEDIA_PRIVATE": str(folder / "private"), "ERASURE_LEDGER": str(folder / "erasures.jsonl"), "STATIC_ROOT": str(folder / "static-0"), "DATABASE_URL": url,
        }  # fmt: skip
        os.environ.update(environment)
        for command in (["migrate", "--verbosity", "0"], ["createcachetable"], ["build_word_forms", "--verbosity", "0"]):
            manage(environment, *command)
        for number in range(SERVERS):
            manage(environment | {"STATIC_ROOT": str(folder / f"static-{number}")}, "collectstatic", "--no-input", "--verbosity", "0")
        psql(url, "CREATE ROLE kopa_web LOGIN; ALTER ROLE kopa_web SET statement_timeout = '15s'; ALTER ROLE kopa_web SET lock_timeout = '5s'; ALTER ROLE kopa_web SET idle_in_transaction_session_timeout = '1min'; ALTER ROLE kopa_web SET jit = off;")
        manage(environment, "grant_web_role", "kopa_web")
        import django

        django.setup()
        stage = people()
        replica_url, replica = stack.enter_context(streaming_replica(url))
        as_web = [one.replace("kopa@", "kopa_web@", 1) for one in (url, replica_url)]
        (pooled,) = stack.enter_context(pgbouncer(as_web[0], users=("kopa_web",)))
        (pooled_replica,) = stack.enter_context(pgbouncer(as_web[1], users=("kopa_web",), longest_wait=2))
        serving = environment | {"DATABASE_URL": pooled, "DATABASE_REPLICA_URL": pooled_replica, "DATABASE_POOLED": "1"}
        servers = [stack.enter_context(gunicorn(port, serving | {"STATIC_ROOT": str(folder / f"static-{number}")}, folder)) for number, port in enumerate(ports)]
        print(f"{SERVERS} servers, nginx, PgBouncer before both databases, {len(servers)} started", flush=True)

        coordinator, counsellor = shared(front, own, certificate, stage)
        due_once(serving, smtp)
        own_writes(front, own, certificate, stage, coordinator, lambda statement: psql(replica_url, statement))

        from django.urls import reverse

        paths = [reverse("pilots:area_detail", args=[stage.area.slug]), "/account/", reverse("pilots:model_list")]
        with readers(front, coordinator, paths) as seen:
            time.sleep(2)
            kill(servers[0])
            time.sleep(4)
        check("a server is killed while people read: every answer is a page", only_pages(seen), dict(seen))
        check("and nobody is signed out", is_in(coordinator, front) and is_in(counsellor, front))
        stack.enter_context(gunicorn(ports[0], serving, folder))
        check("it comes back", is_in(coordinator, own[0]))
        with readers(front, coordinator, paths) as seen:
            time.sleep(2)
            replica.kill()
            replica.wait()
            time.sleep(6)
        check("the replica is killed while people read: every answer is a page", only_pages(seen), dict(seen))
    print("Not as it should be:", WRONG) if WRONG else print("All as it should be.")
    return int(bool(WRONG))


def psql(url: str, statement: str) -> tuple:
    import psycopg2

    parts = urlsplit(url)
    with psycopg2.connect(host=parse_qs(parts.query)["host"][0], user=parts.username, dbname="kopa") as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else ()


if __name__ == "__main__":
    sys.exit(main())
