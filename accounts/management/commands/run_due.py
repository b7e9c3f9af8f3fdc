import time
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.actions.leases import lease
from accounts.registries import due_jobs

LASTS = timedelta(minutes=10)


def run_due(now: datetime) -> dict[str, int] | None:
    """Run every registered job once for the time `now`; None when another run is under way.

    Running twice for the same time does nothing the second time.
    """
    with lease("run_due", now=timezone.now(), lasts=LASTS) as mine:
        if not mine:
            return None
        return {job.__name__: job(now) for job in due_jobs}


class Command(BaseCommand):
    help = "Sends waiting mail and does whatever else is due: run it each minute, or keep it running with --every."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--now", help="the time to act for, as 2026-11-21T12:00:00+02:00; default: the clock")
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go on for ever, with a pause of so many seconds")

    def handle(self, *args, now: str | None, every: int | None, **options) -> None:
        moment = parse_datetime(now) if now else None
        if now and (moment is None or timezone.is_naive(moment)):
            raise CommandError("--now: write the time with its zone, as 2026-11-21T12:00:00+02:00.")
        while True:
            done = run_due(moment or timezone.now())
            if not every:
                self.stdout.write("Another run is under way." if done is None else ", ".join(f"{name}: {count}" for name, count in done.items()))
                return
            time.sleep(every)
