from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from pilots.loading.counts import in_sentences
from pilots.loading.files import BadFiles
from pilots.loading.network import DATA, load_network
from pilots.models import Round


class Command(BaseCommand):
    help = "Loads the real network of pilots/data: areas, members, municipalities, sources. Loading again changes nothing; edits of people are kept."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--directory", type=Path, default=DATA, help="the folder with the files; default: the portal's own")

    def handle(self, *args, directory: Path, **options) -> None:
        try:
            load = load_network(directory)
        except BadFiles as error:
            for problem in error.problems:
                self.stderr.write(problem)
            raise CommandError(f"{len(error.problems)} faults: nothing was changed." if len(error.problems) > 1 else "1 fault: nothing was changed.") from None
        created, changed = sum(load.outcome.created.values()), sum(load.outcome.changed.values())
        self.stdout.write(f"Loaded: {created} rows created, {changed} changed, {len(load.outcome.kept)} edits of people kept.")
        for line in load.outcome.kept:
            self.stdout.write(f"  {line}")
        for round_ in Round.objects.all():
            for line in in_sentences(round_):
                self.stdout.write(line)
        if load.homes:
            self.stdout.write("Home municipalities that are not loaded, kept as their codes:")
            for name, code in load.homes:
                self.stdout.write(f"  {code} {name}")
