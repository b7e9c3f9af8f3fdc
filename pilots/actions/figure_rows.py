"""Hundreds of thousands of figures written at once: PostgreSQL's COPY where there is one, Django's own bulk writing elsewhere."""
import io
from collections.abc import Iterable, Sequence

from django.db import connection, models

from pilots.models import IndicatorValue, ReplacedValue

BATCH = 2000
PART = 20_000
CHANGED = ("value", "borders_year", "source", "retrieved_on", "batch_id")
OF_VALUE = ("municipality_id", "measure_id", "part", "year", "vintage", *CHANGED, "loaded")
OF_REPLACED = ("indicator_id", "value", "borders_year", "source", "retrieved_on", "replaced_at", "batch_id")
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_figures(*, new: Sequence[IndicatorValue], changed: Sequence[IndicatorValue], replaced: Sequence[ReplacedValue]) -> None:
    """`changed` have their keys; `replaced` are what those were before. For the caller's transaction."""
    if connection.vendor != "postgresql":
        IndicatorValue.objects.bulk_create(new, batch_size=BATCH)
        IndicatorValue.objects.bulk_update(changed, CHANGED, batch_size=200)
        ReplacedValue.objects.bulk_create(replaced, batch_size=BATCH)
        return
    for part in _parts(new):
        _copy(IndicatorValue._meta.db_table, OF_VALUE, _rows(part, OF_VALUE))
    for part in _parts(replaced):
        _copy(ReplacedValue._meta.db_table, OF_REPLACED, _rows(part, OF_REPLACED))
    if changed:
        table, names = IndicatorValue._meta.db_table, ", ".join(CHANGED)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE figures_changed ON COMMIT DROP AS SELECT id, {names} FROM {table} WITH NO DATA")  # noqa: S608 - our own names
            for part in _parts(changed):
                _copy("figures_changed", ("id", *CHANGED), _rows(part, ("id", *CHANGED)))
                cursor.execute(f"UPDATE {table} AS old SET {', '.join(f'{name} = new.{name}' for name in CHANGED)} FROM figures_changed AS new WHERE old.id = new.id")  # noqa: S608
                cursor.execute("TRUNCATE figures_changed")
            cursor.execute("DROP TABLE figures_changed")


def _parts(objects: Sequence[models.Model]) -> Iterable[Sequence[models.Model]]:
    """So many that each statement ends well before the time limit of one, on a busy server as well."""
    return (objects[first : first + PART] for first in range(0, len(objects), PART))


def _rows(objects: Iterable[models.Model], names: Sequence[str]) -> str:
    """The text format of COPY."""
    return "".join("\t".join(_text(getattr(one, name)) for name in names) + "\n" for one in objects)


def _text(value: object) -> str:
    return "\\N" if value is None else "{}" if value == {} else value.translate(ESCAPED) if isinstance(value, str) else str(value)


def _copy(table: str, names: Sequence[str], rows: str) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", io.StringIO(rows))
