import time

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations


class Command(BaseCommand):
    help = "Prints the one-time code that a demo person signs in with now. Works with DEMO=1 and for demo people only."

    def add_arguments(self, parser) -> None:
        parser.add_argument("person", help="the address of a demo person, for example ohjaaja-kuopio@example.org")

    @no_translations
    def handle(self, *args, person: str, **options) -> None:
        if not settings.DEMO:
            raise CommandError("One-time codes are printed only where DEMO=1 is set.")
        stored = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__email__iexact=person, user__is_demo=True, user__is_active=True).first()
        if stored is None:
            raise CommandError(f"No demo person with the address {person} has a second factor. Run load_caseload first; only those who can see clients have one.")
        now = time.time()
        self.stdout.write(format_hotp_value(hotp_value(decrypt(stored.data["secret"]), int(now) // app_settings.TOTP_PERIOD)))
        self.stdout.write(f"Valid for {app_settings.TOTP_PERIOD - int(now) % app_settings.TOTP_PERIOD} seconds, once; then ask again.")
