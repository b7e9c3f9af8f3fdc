from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from pilots.loading.demo import DemoRefused, load_demo, sign_ins
from pilots.loading.demo_models import load_demo_models
from pilots.loading.demo_obstacles import load_obstacles
from pilots.loading.demo_people import PASSWORD
from pilots.loading.demo_provisions import load_provisions


class Command(BaseCommand):
    help = "Loads invented people of every role, with a shared password that is printed. Works with DEMO=1 only; run load_network first."

    @no_translations
    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError("Demo people share a public password: they are loaded only where DEMO=1 is set.")
        try:
            loaded = load_demo(now=timezone.now())
            obstacles = load_obstacles(now=timezone.now())
            provisions = load_provisions()
        except DemoRefused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Demo, created: people {loaded.people}, contact people {loaded.contacts}, invitations {loaded.invitations}, requests to join {loaded.requests}, cooperation models {load_demo_models()}, obstacles {obstacles}, provisions of education {provisions}.")
        self.stdout.write(f"Everyone's password: {PASSWORD}")
        rows = sign_ins()
        width = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for email, role, organisation in rows:
            self.stdout.write(f"  {email:<{width[0]}}  {role:<{width[1]}}  {organisation}")
