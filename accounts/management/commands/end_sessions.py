from django.core.management.base import BaseCommand, CommandError

from accounts.actions.sessions import end_other_sessions
from accounts.models import User


class Command(BaseCommand):
    help = "Signs a person out everywhere, at once: for a lost telephone, or somebody who has left."

    def add_arguments(self, parser) -> None:
        parser.add_argument("address", help="the person's e-mail address")

    def handle(self, *args, address: str, **options) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(address)).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        self.stdout.write(f"{end_other_sessions(by=user, keep='')} sessions ended.")
