from django.core.management.base import BaseCommand
from django.db.models import Count

from guidance.models import Partnership
from summaries.actions.rebuilding import rebuild_summaries

WIDTH = 40


class Command(BaseCommand):
    help = "Makes the facts of the pathways anew, one partnership after another. Stopped half way it is simply run again; pages and the fold go on meanwhile."

    def handle(self, *args, **options) -> None:
        pathways = dict(Partnership.objects.annotate(number=Count("pathways")).values_list("pk", "number"))
        whole, done, facts = max(1, sum(pathways.values())), 0, 0
        for partnership, made in rebuild_summaries():
            done, facts = done + pathways.get(partnership.pk, 0), facts + made
            filled = min(WIDTH, done * WIDTH // whole)
            self.stdout.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {whole} pathways", ending="")
            self.stdout.flush()
        self.stdout.write(f"\n{facts} facts.")
