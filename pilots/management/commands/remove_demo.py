from django.core.management.base import BaseCommand, no_translations
from django.utils import timezone

from pilots.loading.demo import remove_demo


class Command(BaseCommand):
    help = "Removes the demo people and all that load_demo made; works whether DEMO is set or not."

    @no_translations
    def handle(self, *args, **options) -> None:
        removed = remove_demo(now=timezone.now())
        self.stdout.write(f"Removed: {removed.people} people, {removed.contacts} contact people, {removed.invitations} invitations.")
        if removed.closed:
            self.stdout.write(f"{removed.closed} people did something that is kept: they are closed and have no name any more.")
