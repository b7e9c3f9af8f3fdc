from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, no_translations

from guidance.loading.partnerships import DATA, load_partnerships
from guidance.models import Partnership
from pilots.loading.files import BadFiles


class Command(BaseCommand):
    help = "Loads the partnerships of guidance/data with their parts and programmes; run load_network first. Loading again changes nothing; edits of people are kept."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--directory", type=Path, default=DATA, help="the folder with the files; default: the portal's own")

    @no_translations
    def handle(self, *args, directory: Path, **options) -> None:
        try:
            outcome = load_partnerships(directory)
        except BadFiles as error:
            for problem in error.problems:
                self.stderr.write(problem)
            raise CommandError(f"{len(error.problems)} faults: nothing was changed." if len(error.problems) > 1 else "1 fault: nothing was changed.") from None
        created, changed = sum(outcome.created.values()), sum(outcome.changed.values())
        self.stdout.write(f"Loaded: {created} rows created, {changed} changed, {len(outcome.kept)} edits of people kept.")
        for line in outcome.kept:
            self.stdout.write(f"  {line}")
        for partnership in Partnership.objects.prefetch_related("parts", "programmes"):
            state = "open" if partnership.opened_at else "not open yet"
            self.stdout.write(f"{partnership.name_fi}: {len(partnership.parts.all())} parts, {len(partnership.programmes.all())} programmes, {state}.")
