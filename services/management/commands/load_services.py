from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from services.loading.demo import ServicesRefused, load_services


class Command(BaseCommand):
    help = "Loads invented facilities, staff and courses of the network's organisations, with bookings and enrolments. Works with DEMO=1 only; run load_network and load_demo first."

    @no_translations
    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError("Invented offers are loaded only where DEMO=1 is set.")
        try:
            made = load_services(now=timezone.now())
        except ServicesRefused as error:
            raise CommandError(str(error)) from None
        if made:
            self.stdout.write(f"Demo, created: {', '.join(f'{name} {count}' for name, count in made.items())}.")
