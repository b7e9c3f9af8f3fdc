import sys

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from guidance.queries.invariants import check_everything


class Command(BaseCommand):
    help = "Proves that no client is lost: every invariant over every pathway. Exit code 1 when one is broken."

    def handle(self, *args, **options) -> None:
        with transaction.atomic():
            # It reads everything, in its own time: the limit of a page's query is not for it, and is back after the transaction.
            if connection.vendor == "postgresql":
                connection.cursor().execute("SET LOCAL statement_timeout = '10min'")
            findings = check_everything(timezone.now())
        for finding in findings:
            shown = f": {', '.join(finding.pseudonyms)}{' …' if finding.count > len(finding.pseudonyms) else ''}" if finding.count else ""
            self.stdout.write(f"{finding.rule}: {finding.count}{shown}")
        broken = sum(finding.count for finding in findings)
        self.stdout.write("No client is lost." if not broken else f"{broken} found. See above.")
        if broken:
            sys.exit(1)
