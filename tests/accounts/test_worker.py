"""The worker: mail at once, each effect of ours exactly once, and nothing lost whoever is killed when."""
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.actions.outbox import queue_mail, send_due_mail
from accounts.jobs import LEASE, MOST_TRIES, PortalWorker, drop_done_jobs, return_jobs
from accounts.models import AuditEvent, OutboxMessage, WorkerBeat
from tests.accounts import work
from tests.smtp import MailServer, mail_server

ROOT = Path(__file__).resolve().parents[2]
TEST_LEASE = 1.2
WAIT = 60


def queue(number: int = 0) -> OutboxMessage:
    return queue_mail(kind="email_confirmation", to_email=f"demo{number}@example.org", language="fi", context={"email": "x", "activate_url": "y"})


def do_all(name: str = "one") -> None:
    PortalWorker(worker_id=name, batch=True, interval=0).run()


@pytest.fixture
def smtp(settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", server.port
        yield server


@pytest.fixture
def workers() -> list[subprocess.Popen]:
    """The processes that were started, the newest last."""
    return []


def id_of(message_id) -> str:
    return f"<{message_id}@localhost>"


def database_url() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{settings['NAME']}").geturl()


@pytest.fixture
def start_worker(smtp, workers) -> Iterator[Callable[[str], subprocess.Popen]]:
    """start_worker(name): `manage.py work` as a process of its own, once it beats."""
    environment = os.environ | {"DATABASE_URL": database_url(), "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}", "SECRET_KEY": "only-for-tests-of-the-worker", "DJANGO_SETTINGS_MODULE": "kopa_portal.settings"}

    def start(name: str) -> subprocess.Popen:
        command = [sys.executable, "manage.py", "work", "--name", name, "--interval", "0.1", "--lease", str(TEST_LEASE)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
        workers.append(process)
        until(lambda: WorkerBeat.objects.filter(worker=name).exists() or process.poll() is not None)
        return process

    yield start
    for process in workers:
        process.kill()
        process.wait()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def unfinished() -> int:
    return DBTaskResult.objects.exclude(status=TaskResultStatus.SUCCESSFUL).count()


@pytest.mark.battery
@pytest.mark.django_db(transaction=True)
def test_killed_workers_lose_nothing(start_worker, workers, smtp, battery_count, rng):
    """Half of the jobs are mails, half effects of our own; workers are killed at any moment, and some right after the mail server's answer."""
    jobs, kills = battery_count(200), battery_count(20)
    for number in range(jobs // 2):
        queue(number)
        work.note.enqueue(number, 0.04)
    doubles_due: Counter[str] = Counter()

    for number in range(kills):
        in_the_window = number % 2 == 0 and OutboxMessage.objects.filter(attempts=0).exists()
        if in_the_window:
            smtp.after_answer = lambda _message_id: workers[-1].kill()
        worker = start_worker(f"worker-{number}")
        if not in_the_window:
            time.sleep(rng.uniform(0, 0.5))
            worker.kill()
        worker.wait(timeout=WAIT)
        smtp.after_answer = lambda _message_id: None
        waiting = OutboxMessage.objects.filter(sent_at=None)
        # Taken by the server and not noted by us: the one window in which a mail may go twice.
        unnoted = {id_of(message_id) for message_id in waiting.values_list("message_id", flat=True)} & set(smtp.accepted)
        doubles_due.update({message_id: smtp.accepted.count(message_id) - doubles_due[message_id] for message_id in unnoted})
        # The next try would come after a minute.
        waiting.update(due_at=timezone.now())
    start_worker("last")
    until(lambda: unfinished() == 0)
    send_due_mail(timezone.now() + timedelta(hours=2))

    done = Counter(AuditEvent.objects.filter(verb="worked").values_list("target_id", flat=True))
    assert done == {str(number): 1 for number in range(jobs // 2)}
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
    sent, stable = Counter(smtp.accepted), {id_of(message_id) for message_id in OutboxMessage.objects.values_list("message_id", flat=True)}
    assert set(sent) == stable
    assert len(stable) == jobs // 2
    print(f"{jobs} jobs, {kills} kills: {sum(doubles_due.values())} in the window, {sum(sent.values()) - len(sent)} mails twice")
    assert sent == Counter(stable) + doubles_due
    assert sum(doubles_due.values()) >= 1


@pytest.mark.django_db(transaction=True)
def test_mail_goes_at_once_when_a_worker_runs(mailoutbox):
    queue()

    do_all()

    assert [sent.to for sent in mail.outbox] == [["demo0@example.org"]]
    assert OutboxMessage.objects.get().sent_at
    assert unfinished() == 0
    assert not WorkerBeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_job_goes_with_its_action_or_not_at_all():
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_failed_job_leaves_nothing_and_tells_no_words(caplog):
    work.fail.enqueue("Keksitty Salainen")

    do_all()

    job = DBTaskResult.objects.get()
    assert (job.status, job.exception_class_path) == (TaskResultStatus.FAILED, "ValueError")
    assert "in fail" in job.traceback
    assert "Salainen" not in job.traceback + caplog.text
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_job_that_meets_a_full_disk_is_tried_again_and_not_for_ever():
    work.fill.enqueue()

    do_all()
    job = DBTaskResult.objects.get()
    waits = job.status, job.run_after > timezone.now(), AuditEvent.objects.filter(target_id="half").count()
    DBTaskResult.objects.update(run_after=timezone.now(), worker_ids=["earlier"] * (MOST_TRIES - 1))
    do_all()
    job.refresh_from_db()

    assert waits == (TaskResultStatus.READY, True, 0)
    assert job.status == TaskResultStatus.FAILED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tries, status", [(1, TaskResultStatus.READY), (MOST_TRIES, TaskResultStatus.FAILED)])
def test_job_of_a_silent_worker_is_returned_until_it_has_killed_many(tries, status):
    work.note.enqueue(1, 0)
    now = timezone.now()
    started = now - LEASE - timedelta(seconds=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started, worker_ids=["dead"] * tries)
    WorkerBeat.objects.create(worker="dead", at=now - LEASE - timedelta(seconds=1))

    assert return_jobs(now) == (status == TaskResultStatus.READY)
    assert DBTaskResult.objects.get().status == status


@pytest.mark.django_db(transaction=True)
def test_job_of_a_worker_that_beats_stays_its_own():
    work.note.enqueue(1, 0)
    now = timezone.now()
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=now - timedelta(hours=1), worker_ids=["slow"])
    WorkerBeat.objects.create(worker="slow", at=now - LEASE + timedelta(seconds=1))

    assert return_jobs(now) == 0
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING


@pytest.mark.django_db(transaction=True)
def test_worker_that_lost_its_job_does_not_do_it():
    """It was silent for so long that another one took over, and then it goes on."""
    work.note.enqueue(1, 0)
    job = DBTaskResult.objects.get()
    job.claim("slow")
    DBTaskResult.objects.update(worker_ids=["slow", "quick"])

    PortalWorker(worker_id="slow").run_task(job)

    assert not AuditEvent.objects.exists()
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING


@pytest.mark.django_db
def test_done_jobs_are_dropped_after_a_week():
    now = timezone.now()
    for days in (6, 8):
        work.note.enqueue(days, 0)
        DBTaskResult.objects.filter(finished_at=None).update(status=TaskResultStatus.SUCCESSFUL, finished_at=now - timedelta(days=days))
    work.note.enqueue(9, 0)

    assert drop_done_jobs(now) == 1
    assert DBTaskResult.objects.count() == 2
