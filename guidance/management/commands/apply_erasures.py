from django.core.management.base import BaseCommand
from django.utils import timezone

from guidance.actions.erasure import apply_erasures


class Command(BaseCommand):
    help = "After a restore from a backup: erases again whoever the ledger (ERASURE_LEDGER) says was erased. Run it before the portal is opened."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"Erased again: {apply_erasures(timezone.now())}.")
