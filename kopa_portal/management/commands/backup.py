from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from kopa_portal.backups import sealed
from kopa_portal.backups.making import make_backup


class Command(BaseCommand):
    help = "Writes the database and the private files into one encrypted file in BACKUP_DIR, and removes those that are older than BACKUP_KEEP_DAYS. For each night; see docs/backup.md."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--new-key", type=Path, metavar="FILE", help="make a secret key instead, and print the public one for BACKUP_RECIPIENTS")

    def handle(self, *args, new_key: Path | None, **options) -> None:
        if new_key:
            self.stdout.write(f"BACKUP_RECIPIENTS={sealed.new_key(new_key)}")
            self.stdout.write(f"{new_key} opens every backup made with it. Keep it off this server, in two places: without it no backup can be opened.")
        else:
            make_backup(timezone.now(), self.stdout.write)
