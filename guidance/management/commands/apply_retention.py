from django.core.management.base import BaseCommand
from django.utils import timezone

from guidance.actions.retention import apply_retention
from guidance.models import RetentionRule
from guidance.queries.retention import WARNED_BEFORE, due_of


class Command(BaseCommand):
    help = "Removes what has been kept as long as its organisation has set; run_due does the same. With --dry-run it only tells what goes now and within 30 days."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="remove nothing")

    def handle(self, *args, dry_run: bool, **options) -> None:
        now = timezone.now()
        if not dry_run:
            self.stdout.write(f"Removed: {apply_retention(now)}.")
            return
        today = timezone.localdate(now)
        for rule in RetentionRule.objects.select_related("organisation"):
            for due in due_of(rule, today + WARNED_BEFORE):
                self.stdout.write(f"{due.due_on} {due.what} {due.pseudonym} {rule.organisation.slug}{' now' if due.due_on <= today else ''}")
