from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from pilots.loading.cooperation import load_models
from pilots.loading.files import BadFiles
from pilots.loading.network import DATA, load_network
from pilots.queries.totals import network_totals


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
        if models := load_models():
            self.stdout.write(f"Cooperation models: {models} created.")
        self._write_totals()
        if load.homes:
            self.stdout.write("Home municipalities that are not loaded, kept as their codes:")
            for name, code in load.homes:
                self.stdout.write(f"  {code} {name}")

    def _write_totals(self) -> None:
        """What the latest round comes to, each total of the source beside ours with the reason."""
        totals = network_totals()
        in_two = sorted(body.name_fi for body in totals.in_two_areas)
        self.stdout.write(
            f"{totals.round}: {len(totals.areas)} areas, {totals.municipality_memberships} municipality memberships of {len(totals.municipalities)} municipalities, "
            f"{len(totals.through)} of them through another body, {totals.other_memberships} other memberships ({totals.unit_memberships} of them units)."
        )
        self.stdout.write(f"{len(in_two)} municipalities in two areas: {', '.join(in_two)}.")
        self.stdout.write("The source's totals beside ours:")
        for total in totals.totals:
            ours = "not counted" if total.count is None else f"counted {total.count}{', differs' if total.differs else ''}"
            self.stdout.write(f"  {total.quoted.code}: quoted {total.quoted.value}, {ours}. {total.quoted.rule_en}")
