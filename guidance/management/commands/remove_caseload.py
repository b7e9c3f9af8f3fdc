from django.core.management.base import BaseCommand, no_translations

from guidance.loading.demo_removal import remove_caseload


class Command(BaseCommand):
    help = "Removes the demo's clients and all that load_caseload made, except its people; run it before remove_demo. Works whether DEMO is set or not."

    @no_translations
    def handle(self, *args, **options) -> None:
        removed = remove_caseload()
        self.stdout.write(f"Removed: {removed.clients} clients with their histories, {removed.drop_ins} drop-in talks; partnerships shut: {removed.closed_partnerships}.")
