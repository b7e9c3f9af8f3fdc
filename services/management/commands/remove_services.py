from django.core.management.base import BaseCommand, no_translations

from services.loading.demo import remove_services


class Command(BaseCommand):
    help = "Removes the demo's offers and all that hangs on them; run it before remove_demo. Works whether DEMO is set or not."

    @no_translations
    def handle(self, *args, **options) -> None:
        removed = remove_services()
        self.stdout.write(f"Removed: {', '.join(f'{name} {count}' for name, count in removed.items())}.")
