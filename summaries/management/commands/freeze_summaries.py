from datetime import date

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from summaries.actions.freezing import freeze_month, last_ended
from summaries.actions.publishing import publish_month, publish_since


class Command(BaseCommand):
    help = "Freezes the figures of the month that ended last, once. run_due does the same by itself."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--clients", action="store_true", help="the tables of clients instead; also of an earlier month, while no later one is frozen")
        parser.add_argument("--since", action="store_true", help="with --clients: every month since --month, where none is frozen yet")
        parser.add_argument("--month", help="the month, as 2026-10; default: the one that ended last")

    def handle(self, *args, month: str | None, clients: bool, since: bool, **options) -> None:
        today = timezone.localdate()
        try:
            asked = date.fromisoformat(f"{month}-01") if month else last_ended(today)
        except ValueError:
            raise CommandError("--month: write the year and the month, as 2026-10.") from None
        try:
            freeze = publish_since if clients and since else publish_month if clients else freeze_month
            made = freeze(asked, today=today)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from None
        self.stdout.write(f"{asked:%Y-%m}: {made} figures frozen." if made else f"{asked:%Y-%m}: frozen already.")
