"""Hundreds of thousands of figures written at once: laid beside those that are stored, and compared and written by the database itself."""
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from pilots.models import IndicatorImport, IndicatorValue, ReplacedValue
from pilots.queries.figure_files import Key

# So many that each statement ends well before the time limit of one, on a busy server as well.
PART = 20_000
LAID = "municipality_id, measure_id, part, year, value, borders_year"
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_figures(*, figures: Mapping[Key, tuple[Decimal, int]], vintage: int, source: str, retrieved_on: date | None, batch: IndicatorImport, now: datetime) -> tuple[int, int]:
    """How many were added and how many replaced; of those that were there the earlier state is kept. For the caller's transaction."""
    stored, replaced_table = IndicatorValue._meta.db_table, ReplacedValue._meta.db_table
    # Null is another value than a day.
    is_not = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    same_key = f"old.vintage = {int(vintage)} AND old.municipality_id = laid.municipality_id AND old.measure_id = laid.measure_id AND old.part = laid.part AND old.year = laid.year"
    differs = f"(old.value <> laid.value OR old.borders_year <> laid.borders_year OR old.source <> %s OR old.retrieved_on {is_not} %s)"
    # All names are our own.
    keep = f"INSERT INTO {replaced_table} (indicator_id, value, borders_year, source, retrieved_on, replaced_at, batch_id) SELECT old.id, old.value, old.borders_year, old.source, old.retrieved_on, %s, %s FROM figures_laid AS laid JOIN {stored} AS old ON {same_key} WHERE {differs}"  # noqa: S608
    change = f"UPDATE {stored} AS old SET value = laid.value, borders_year = laid.borders_year, source = %s, retrieved_on = %s, batch_id = %s FROM figures_laid AS laid WHERE {same_key} AND {differs}"  # noqa: S608
    add = f"INSERT INTO {stored} ({LAID}, vintage, source, retrieved_on, batch_id, loaded) SELECT laid.municipality_id, laid.measure_id, laid.part, laid.year, laid.value, laid.borders_year, {int(vintage)}, %s, %s, %s, '{{}}' FROM figures_laid AS laid WHERE NOT EXISTS (SELECT 1 FROM {stored} AS old WHERE {same_key})"  # noqa: S608
    said = (source, connection.ops.adapt_datefield_value(retrieved_on))
    rows, added, replaced = list(figures.items()), 0, 0
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE figures_laid AS SELECT {LAID} FROM {stored} LIMIT 0")  # noqa: S608
        for first in range(0, len(rows), PART):
            _lay(cursor, rows[first : first + PART])
            cursor.execute(keep, (connection.ops.adapt_datetimefield_value(now), batch.pk, *said))
            replaced += cursor.rowcount
            cursor.execute(change, (*said, batch.pk, *said))
            cursor.execute(add, (*said, batch.pk))
            added += cursor.rowcount
            cursor.execute("DELETE FROM figures_laid")
            if connection.vendor == "postgresql":
                # Those of all parts together, at the commit, would be one statement that is too long.
                connection.check_constraints()
        cursor.execute("DROP TABLE figures_laid")
    return added, replaced


def _lay(cursor, part: Iterable[tuple[Key, tuple[Decimal, int]]]) -> None:
    """By COPY where there is one; then the database is told how much there is, so that it compares row by row."""
    if connection.vendor != "postgresql":
        cursor.executemany(f"INSERT INTO figures_laid ({LAID}) VALUES (%s, %s, %s, %s, %s, %s)", [(*key, str(value), borders) for key, (value, borders) in part])  # noqa: S608
        return
    rows = "".join(f"{municipality}\t{measure}\t{name.translate(ESCAPED)}\t{year}\t{value}\t{borders}\n" for (municipality, measure, name, year), (value, borders) in part)
    cursor.copy_expert(f"COPY figures_laid ({LAID}) FROM STDIN", io.StringIO(rows))
    cursor.execute("ANALYZE figures_laid")
