from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kopa_portal.operation.sweeping import left_alone_because, sweep_files, unnamed_files


class Command(BaseCommand):
    help = "Removes files under MEDIA_PRIVATE that no row names and that are older than a day; run_due does the same each night. With --dry-run it only names them."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="remove nothing")

    def handle(self, *args, dry_run: bool, **options) -> None:
        now = timezone.now()
        if dry_run:
            for file in unnamed_files(now):
                self.stdout.write(str(file.path))
        if why := left_alone_because(now):
            raise CommandError(f"No file is removed. {why}")
        if not dry_run:
            self.stdout.write(f"Removed: {sweep_files(now)}.")
