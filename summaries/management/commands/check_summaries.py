import sys

from django.core.management.base import BaseCommand

from guidance.models import Partnership
from summaries.actions.rebuilding import check_partnership


class Command(BaseCommand):
    help = "Compares the stored facts of the pathways with what they should be. Exit code 1 when something differs; rebuild_summaries puts it right. run_due does it each night."

    def handle(self, *args, **options) -> None:
        differing = 0
        for partnership in Partnership.objects.order_by("pk"):
            if drift := check_partnership(partnership):
                differing += drift
                self.stdout.write(f"{partnership.slug}: {drift} differ")
        self.stdout.write("Nothing differs." if not differing else f"{differing} differ. Run rebuild_summaries.")
        if differing:
            sys.exit(1)
