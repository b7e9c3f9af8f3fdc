"""The network's own files into the database: all of them or nothing."""
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, models, transaction
from django.utils import translation

from pilots.loading.files import Anything, Problems, Row, Table, read_table
from pilots.loading.register import REGISTER_SOURCES
from pilots.loading.sources import ALSO_UNIQUE, SOURCES, Known, Source
from pilots.loading.writing import Outcome, Writer, in_order
from pilots.models import Organisation, Unit

DATA = Path(__file__).resolve().parent.parent / "data"
LOADER = "network"
# In the order of loading.
FILES = [*SOURCES, *REGISTER_SOURCES]


@dataclass
class NetworkLoad:
    outcome: Outcome
    # Bodies whose home municipality is not loaded: its code is kept with them.
    homes: list[tuple[str, str]]


@translation.override("en")  # the rules of the models speak the language of our own sentences
@transaction.atomic
def load_network(directory: Path = DATA) -> NetworkLoad:
    """Load every file of `directory`; raises BadFiles with every fault found, and changes nothing then.

    Loading the same files again changes nothing. Rows that a file no longer has stay: ending and leaving
    are acts of people.
    """
    problems = Problems()
    writer = Writer(LOADER, problems)
    load_sources(FILES, directory, writer, {}, also_unique=ALSO_UNIQUE)
    problems.raise_any()
    return NetworkLoad(writer.outcome, _homes())


def load_sources(sources: list[Source], directory: Path, writer: Writer, known: Known, *, also_unique: dict[str, list[str]] | None = None) -> None:
    """Load the files in their order, inside the caller's transaction. Faults are noted; the caller raises them.

    `known` is what the files may point to; each file adds its own rows.
    """
    problems = writer.problems
    tables = {source.file: read_table(directory / source.file, source.columns, problems) for source in sources}
    for source in sources:
        table = tables[source.file]
        table.unique(*source.key)
        if also := (also_unique or {}).get(source.file):
            table.unique(*also)
        if source.check:
            source.check(table)
        # Rows with a fault are known as None, so that what points to them is not called unknown too.
        known[source.model] = {row.text(source.key[-1]): None for row in table} if table.columns else Anything()
        try:
            # Its own savepoint: PostgreSQL would answer nothing more after a refusal.
            with transaction.atomic():
                _load(source, table, writer, known)
        except IntegrityError as error:
            problems.add(source.file, f"the database refuses the rows together: {str(error).splitlines()[0]}.")


def _load(source: Source, table: Table, writer: Writer, known: Known) -> None:
    model, name = source.model, source.key[-1]

    def write(rows: list[Row]) -> None:
        stored = writer.write(model, source.key, [(row, source.values(row, known)) for row in rows if row.good])
        known[model] |= {key[-1]: obj for key, obj in stored.items()}

    if source.follows:
        in_order(list(table), name, source.follows, write)
    else:
        write(list(table))


def _homes() -> list[tuple[str, str]]:
    """Name and code of every body whose home is kept as a code only."""
    homes: list[tuple[str, str]] = []
    model: type[models.Model]
    for model in (Organisation, Unit):
        homes += model._default_manager.filter(municipality=None).exclude(home_code="").order_by("sort_key_fi").values_list("name_fi", "home_code")
    return homes
