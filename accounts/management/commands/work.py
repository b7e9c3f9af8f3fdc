from datetime import timedelta
from uuid import uuid4

from django.core.management.base import BaseCommand

from accounts.jobs import LEASE, PortalWorker


class Command(BaseCommand):
    help = "A worker: sends mail as soon as it is queued and does the other jobs of the queue. Keep one running, or several; run_due stays as the net."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--name", default="", help="the worker's name, another one for each; default: a random one")
        parser.add_argument("--interval", type=float, default=1, metavar="SECONDS", help="the pause when nothing is queued (default: %(default)s)")
        parser.add_argument("--lease", type=float, default=LEASE.total_seconds(), metavar="SECONDS", help="how long a silent worker keeps its job, the same for all workers (default: %(default)s)")
        parser.add_argument("--batch", action="store_true", help="end when nothing is queued")

    def handle(self, *args, name: str, interval: float, lease: float, batch: bool, **options) -> None:
        worker = PortalWorker(worker_id=name or uuid4().hex, lease=timedelta(seconds=lease), interval=interval, batch=batch)
        worker.configure_signals()
        worker.run()
