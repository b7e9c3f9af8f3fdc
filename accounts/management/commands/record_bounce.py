from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.actions.outbox import record_bounce


class Command(BaseCommand):
    help = "Marks an address that mails came back from: nothing more goes to it until its person has confirmed it. For whoever reads the mailbox that bounces go to."

    def add_arguments(self, parser) -> None:
        parser.add_argument("address")
        parser.add_argument("--reason", default="", help="what the mail server said, such as 550 5.1.1")

    def handle(self, *args, address: str, reason: str, **options) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError("That is no e-mail address.") from error
        record_bounce(email=address, reason=reason)
        self.stdout.write("The address is marked.")
