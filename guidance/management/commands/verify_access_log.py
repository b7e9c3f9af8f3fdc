import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.actions.seals import check_seals


class Command(BaseCommand):
    help = (
        "Proves that the read log and the audit events are as they were written. Exit code 1 when a row or one of its parts was changed, "
        "removed, swapped or put in afterwards, or seals are missing. Keep the head it prints outside the database, and give it back later."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--head", action="append", default=[], metavar="HASH", help="a head printed earlier: it must still be in the chain; may be given several times")

        parser.add_argument("--keep", type=Path, metavar="FILE", help="a file outside the database: every head in it must still be in the chain, and the new one is added when all is well")

    def handle(self, *args, head: list[str], keep: Path | None, **options) -> None:
        now = timezone.now()
        kept = [line.split()[-1] for line in keep.read_text().splitlines() if line.strip()] if keep and keep.exists() else []
        check = check_seals(now=now, heads=[one.strip().lower() for one in (*head, *kept)])
        for fault in check.faults:
            self.stdout.write(fault)
        if check.fault_count > len(check.faults):
            self.stdout.write("…")
        self.stdout.write(f"{check.position} rows are sealed. Head: {check.head or 'none'}")
        self.stdout.write("Everything is as it was sealed." if not check.fault_count else f"{check.fault_count} found. See above.")
        if check.fault_count:
            sys.exit(1)
        if keep and check.head:
            with keep.open("a") as file:
                file.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {check.position} {check.head}\n")
