from django.core.management.base import BaseCommand, no_translations
from django.utils import timezone

from pilots.loading.demo import remove_demo
from pilots.loading.demo_obstacles import remove_obstacles
from pilots.loading.demo_provisions import remove_provisions


class Command(BaseCommand):
    help = "Removes the demo people and all that load_demo made; works whether DEMO is set or not."

    @no_translations
    def handle(self, *args, **options) -> None:
        # Before the people: what one of them wrote on an invented obstacle goes with it.
        obstacles, provisions = remove_obstacles(), remove_provisions()
        removed = remove_demo(now=timezone.now())
        self.stdout.write(f"Removed: {removed.people} people, {removed.contacts} contact people, {removed.invitations} invitations.")
        if obstacles:
            self.stdout.write(f"{obstacles} invented obstacles, with the weights, proposals and skill needs, are gone too.")
        if provisions:
            self.stdout.write(f"{provisions} invented provisions of education are gone too.")
        if removed.closed:
            self.stdout.write(f"{removed.closed} people did something that is kept: they are closed and have no name any more.")
