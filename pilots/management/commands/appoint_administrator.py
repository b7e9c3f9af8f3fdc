from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from pilots.actions.people import appoint_portal_administrator
from pilots.models import Organisation
from pilots.queries.roles import KUNTALIITTO


class Command(BaseCommand):
    help = "Makes a person the portal's administrator, who then invites all others. The person signs up and confirms the address first."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email", help="the address of the person's account")

    def handle(self, *args, email: str, **options) -> None:
        address = User.objects.normalize_email(email)
        user = User.objects.filter(emailaddress__email=address, emailaddress__verified=True, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody who can sign in has confirmed the address {address}: sign up with it and open the link of the mail first.")
        kuntaliitto = Organisation.objects.filter(slug=KUNTALIITTO).first()
        if kuntaliitto is None:
            raise CommandError("Run load_network first: Kuntaliitto, whose people administer the portal, is not loaded.")
        appoint_portal_administrator(by=None, user=user, kuntaliitto=kuntaliitto)
        self.stdout.write(f"{user} is now an administrator of the portal.")
