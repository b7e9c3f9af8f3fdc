from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from kopa_portal.backups.restoring import restore


class Command(BaseCommand):
    help = (
        "Makes a backup into this portal's database and files. The file is read through first; what is there stays until the new one is whole, "
        "migrated and everybody who was erased since is erased again. Stop the portal, the workers and run_due before. See docs/backup.md."
    )
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the secret key, as `backup --new-key` or age-keygen made it")
        parser.add_argument("--replace", action="store_true", help="the portal here holds data: put them aside and take the backup's")
        parser.add_argument("--rehearse", action="store_true", help="do everything but the last step, and throw it away")
        parser.add_argument("--without-ledger", action="store_true", help="the newest ledger of erasures or its key is lost, or nobody was ever erased; the audit log tells it")
        parser.add_argument("--heads", type=Path, metavar="FILE", help="heads of seals, as verify_access_log --keep writes them: those that are not in the backup's logs are moved to a file beside it")

    def handle(self, *args, file: Path, key: Path, replace: bool, rehearse: bool, without_ledger: bool, heads: Path | None, **options) -> None:
        restore(file, key, replace=replace, rehearse=rehearse, without_ledger=without_ledger, heads=heads, now=timezone.now(), say=self.stdout.write)
