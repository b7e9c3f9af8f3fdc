import re
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from pilots.loading.classification import load_municipalities
from pilots.loading.files import BadFiles


def _day(text: str) -> date:
    return date.fromisoformat(text)


class Command(BaseCommand):
    help = "Loads the national classification of municipalities from the CSV files of Statistics Finland's classification service (see pilots/loading/classification.py)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help="the classification in Finnish, for example kunta_1_20210101.csv")
        parser.add_argument("--day", type=_day, metavar="YYYY-MM-DD", help="the day on which it holds; default: the eight digits in the file's name")
        parser.add_argument("--swedish", type=Path, metavar="FILE", help="the same classification in Swedish")
        parser.add_argument("--regions", type=Path, metavar="FILE", help="the key from municipalities to regions (kunta_1…#maakunta_1…)")
        parser.add_argument("--changes", type=Path, metavar="FILE", help="the key from ended municipalities to those of today (kunta_2…#kunta_1…)")

    def handle(self, *args, file: Path, day: date | None, swedish: Path | None, regions: Path | None, changes: Path | None, **options) -> None:
        try:
            load = load_municipalities(file, day=day or _day_of(file), swedish=swedish, regions=regions, changes=changes)
        except BadFiles as error:
            for problem in error.problems:
                self.stderr.write(problem)
            raise CommandError(f"{len(error.problems)} faults: nothing was changed." if len(error.problems) > 1 else "1 fault: nothing was changed.") from None
        created, changed = sum(load.outcome.created.values()), sum(load.outcome.changed.values())
        self.stdout.write(f"Loaded: {load.municipalities} municipalities in the file; rows created {created}, changed {changed}; edits of people kept {len(load.outcome.kept)}.")
        for line in load.outcome.kept:
            self.stdout.write(f"  {line}")
        self.stdout.write(f"Ended: {', '.join(load.ended) or 'none'}. Region periods begun: {load.regions}. Bodies that found their home municipality: {load.homes_found}.")
        if load.absent:
            self.stdout.write(f"Loaded before and not in the file, left as they are: {', '.join(load.absent)}.")


def _day_of(file: Path) -> date:
    """The day in the name that the service gives the file."""
    found = re.search(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)", file.name)
    try:
        return date(*(int(part) for part in found.groups())) if found else _no_day(file)
    except ValueError:
        return _no_day(file)


def _no_day(file: Path) -> date:
    raise CommandError(f"{file.name} has no day in its name: say with --day on which day the classification holds.")
