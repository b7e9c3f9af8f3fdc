import logging
import signal
import threading
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.actions.leases import lease
from accounts.registries import DueJob, due_job_needs, due_jobs

LASTS = timedelta(minutes=10)
logger = logging.getLogger(__name__)


def run_due(now: datetime, ended: threading.Event | None = None) -> dict[str, int | None] | None:
    """Run every registered job once for the time `now`; None when another run is under way.

    Running twice for the same time does nothing the second time. A job that fails is logged, counts as
    None and does not keep the others from running, but for those that need it (`due_job_needs`): mail goes
    out whatever else is broken. When `ended` is set, the job that has begun is the last.
    """
    with lease("run_due", now=timezone.now(), lasts=LASTS) as mine:
        if not mine:
            return None
        done: dict[str, int | None] = {}
        for job in due_jobs:
            if ended and ended.is_set():
                break
            missing = [needed.__name__ for needing, needed in due_job_needs if needing is job and done.get(needed.__name__) is None]
            if missing:
                logger.error("The job %s is left out, for %s has not been done.", job.__name__, ", ".join(missing))
            done[job.__name__] = None if missing else _run(job, now)
        return done


def _run(job: DueJob, now: datetime) -> int | None:
    try:
        return job(now)
    except Exception:
        logger.exception("The job %s failed.", job.__name__)
        return None


class Command(BaseCommand):
    help = "Sends waiting mail and does whatever else is due: run it each minute, or keep it running with --every."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--now", help="the time to act for, as 2026-11-21T12:00:00+02:00; default: the clock")
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go on for ever, with a pause of so many seconds")

    def handle(self, *args, now: str | None, every: int | None, **options) -> None:
        moment = parse_datetime(now) if now else None
        if now and (moment is None or timezone.is_naive(moment)):
            raise CommandError("--now: write the time with its zone, as 2026-11-21T12:00:00+02:00.")
        if every:
            return self._go_on(every, moment)
        done = run_due(moment or timezone.now())
        self.stdout.write("Another run is under way." if done is None else ", ".join(f"{name}: {count}" for name, count in done.items()))
        if done and (failed := [name for name, count in done.items() if count is None]):
            raise CommandError(f"Failed, see the log: {', '.join(failed)}.")
        return None

    def _go_on(self, every: int, moment: datetime | None) -> None:
        """Until it is told to end. Ended in the middle, a run would keep its lease, and the next one would wait for minutes."""
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        while not ended.is_set():
            run_due(moment or timezone.now(), ended)
            ended.wait(every)
            # A database that was started again meanwhile is asked anew.
            close_old_connections()
