from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from guidance.loading.demo_caseload import CLIENTS, FIRST_MOMENT, CaseloadRefused, count_totals, load_caseload
from guidance.loading.demo_own import own_pages
from guidance.loading.demo_people import with_second_factor
from guidance.models import Handoff, Pathway


class Command(BaseCommand):
    help = "Loads invented clients of the Kuopio partnership, whose totals on 1.1.2021 are the source's own, and others who have come since. Works with DEMO=1 only; run load_partnerships and load_demo first."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--clients", type=int, default=CLIENTS, help="how many on 1.1.2021; the other totals, and those who come later, follow in proportion (default: the source's 6,273)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same clients")
        parser.add_argument("--as-of", type=date.fromisoformat, default=None, help="the day up to which the histories go, as 2026-01-31; default: today")

    @no_translations
    def handle(self, *args, clients: int, seed: int, as_of: date | None, **options) -> None:
        if not settings.DEMO:
            raise CommandError("Invented clients are loaded only where DEMO=1 is set.")
        if clients < 1:
            raise CommandError("--clients must be at least 1.")
        try:
            load = load_caseload(clients=clients, seed=seed, as_of=as_of or timezone.localdate(), now=timezone.now())
        except CaseloadRefused as error:
            raise CommandError(str(error)) from None
        if load.stored:
            self.stdout.write(f"Demo, created: {_in_words(load.stored)}.")
        totals = count_totals(load.partnership)
        self.stdout.write(f"Clients on 1.1.2021: {totals.clients}, seeking competence development {totals.seekers}, without a qualification after basic education {totals.no_qualification}, under 30 {totals.under_30}.")
        pathways = Pathway.objects.open().filter(partnership=load.partnership)
        sent = Handoff.objects.open().filter(pathway__in=pathways).count()
        later = Pathway.objects.filter(partnership=load.partnership, opened_at__gt=FIRST_MOMENT).count()
        self.stdout.write(f"Pathways opened since: {later}; open now: {pathways.count()}; hand-offs not met yet: {sent}.")
        if load.stored:
            self.stdout.write("Every invariant holds: no client is lost.")
        self.stdout.write("Those who can see clients sign in with a one-time code too, which make demo-code PERSON=address prints:")
        self.stdout.write(f"  {', '.join(with_second_factor())}")
        self.stdout.write("Clients with a page of their own, who sign in the same way:")
        self.stdout.write(f"  {', '.join(own_pages())}")


def _in_words(stored: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in stored.items() if count)
