"""The worker: does the jobs of the queue, says that it lives, and takes over what a dead one had begun.

django-tasks-db has the queue and the loop, but neither lease nor heartbeat: a job that was being done when its worker was
killed would stay so for ever. docs/decisions/0021.
"""
import logging
import threading
from datetime import datetime, timedelta
from traceback import format_tb

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from accounts.models import WorkerBeat

# The queue of jobs that speak with somebody outside: they keep their own account, and hold no transaction meanwhile.
OUTSIDE = "outside"
LEASE = timedelta(seconds=30)
BEATS_IN_A_LEASE = 6
MOST_TRIES = 25
KEPT = timedelta(days=7)
# What is no fault of the job: a database or a disk that cannot serve now. It is tried again, as often as one that killed its worker.
AWAY = (OperationalError, InterfaceError, OSError)
AGAIN = timedelta(minutes=1)
logger = logging.getLogger(__name__)


class PortalWorker(Worker):
    def __init__(self, *, worker_id: str, lease: timedelta = LEASE, interval: float = 1, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"], excluded_queue_names=[], interval=interval, batch=batch, backend_name="default", startup_delay=False, max_tasks=None, worker_id=worker_id
        )
        self.lease = lease

    def run(self) -> None:
        _beat(self.worker_id)
        ended = threading.Event()
        pulse = threading.Thread(target=self._pulse, args=[ended], daemon=True)
        pulse.start()
        try:
            super().run()
        finally:
            ended.set()
            pulse.join(timeout=5)
            WorkerBeat.objects.filter(worker=self.worker_id).delete()

    def _pulse(self, ended: threading.Event) -> None:
        """Beats while the loop works or waits, on a connection of its own, and takes over what dead workers had."""
        while not ended.wait(self.lease.total_seconds() / BEATS_IN_A_LEASE):
            try:
                close_old_connections()
                _beat(self.worker_id)
                return_jobs(timezone.now(), lease=self.lease)
            except DatabaseError as error:
                logger.warning("A beat of the worker was missed: %s.", type(error).__name__)
        connection.close()

    def run_task(self, job: DBTaskResult) -> None:
        """A job of ours and the mark that it is done are committed together: it is done exactly once, whoever is killed when."""
        self.running_task = True
        try:
            if job.queue_name == OUTSIDE:
                self._call(job)
            else:
                with transaction.atomic():
                    # A worker that was silent for too long may have lost the job to another one.
                    held = DBTaskResult.objects.select_for_update().filter(pk=job.pk, status=TaskResultStatus.RUNNING).first()
                    if held is not None and held.worker_ids[-1:] == [self.worker_id]:
                        self._call(held)
        except AWAY as error:
            self._put_back(job, error)
        except Exception as error:
            self._fail(job, error)
        finally:
            self.running_task = False
            self._run_tasks += 1

    def _call(self, job: DBTaskResult) -> None:
        job.set_successful(job.task.call(*job.args_kwargs["args"], **job.args_kwargs["kwargs"]))

    def _put_back(self, job: DBTaskResult, error: Exception) -> None:
        """Where the database is away for this too, the worker ends, and the next one takes the job over."""
        if len(job.worker_ids) >= MOST_TRIES:
            return self._fail(job, error)
        logger.warning("The job %s (%s) is tried again later: %s.", job.pk, job.task_path, type(error).__name__)
        DBTaskResult.objects.filter(pk=job.pk, status=TaskResultStatus.RUNNING).update(status=TaskResultStatus.READY, run_after=timezone.now() + AGAIN)
        return None

    def _fail(self, job: DBTaskResult, error: Exception) -> None:
        """What went wrong and where, without the error's words: they may hold what somebody wrote."""
        logger.error("The job %s (%s) failed: %s.", job.pk, job.task_path, type(error).__name__)
        found = DBTaskResult.objects.filter(pk=job.pk, status=TaskResultStatus.RUNNING)
        found.update(status=TaskResultStatus.FAILED, finished_at=timezone.now(), exception_class_path=type(error).__qualname__, traceback="".join(format_tb(error.__traceback__)))


def _beat(worker: str) -> None:
    WorkerBeat.objects.update_or_create(worker=worker, defaults={"at": timezone.now()})


def return_jobs(now: datetime, *, lease: timedelta = LEASE) -> int:
    """Put back what workers had begun who have been silent for longer than `lease`. A due job too.

    A job that has killed `MOST_TRIES` workers is given up and told in the log: it would kill the next one too.
    """
    alive = set(WorkerBeat.objects.filter(at__gte=now - lease).values_list("worker", flat=True))
    returned = 0
    for job in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=now - lease):
        if job.worker_ids and job.worker_ids[-1] in alive:
            continue
        given_up = len(job.worker_ids) >= MOST_TRIES
        # Only as it was read: whoever else returns it or takes it meanwhile has changed it.
        same = DBTaskResult.objects.filter(pk=job.pk, status=TaskResultStatus.RUNNING, started_at=job.started_at)
        changed = same.update(status=TaskResultStatus.FAILED, finished_at=now) if given_up else same.update(status=TaskResultStatus.READY)
        returned += changed if not given_up else 0
        if changed and given_up:
            logger.error("The job %s (%s) is given up: %s workers died with it.", job.pk, job.task_path, MOST_TRIES)
    return returned


def drop_done_jobs(now: datetime) -> int:
    """A week after it is done nobody asks for a job any more. A due job."""
    WorkerBeat.objects.filter(at__lt=now - KEPT).delete()
    return DBTaskResult.objects.finished().filter(finished_at__lt=now - KEPT).delete()[0]
