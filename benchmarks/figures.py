"""The import of 300,000 figures against its bar of 60 seconds, in a database that benchmarks.pages has filled.

    DATABASE_URL=postgres://… python -m benchmarks.figures [--against-copy]

A PxWeb CSV of every municipality, thirty measures and thirty-three years: the years that are there already are replaced,
the others added. Before it the same file with a fault in every thousandth row, which must be named and change nothing.
All is rolled back. With `--against-copy` 100,000 figures that are all new, beside the bare COPY of the same rows into the
same table, in turns; told as JSON.
"""
import argparse
import json
import statistics
import sys
import time
from datetime import date
from io import StringIO

from benchmarks.prepared import set_up

BAR = 60.0  # seconds
MEASURES, YEARS = 30, range(1992, 2025)
# Of these years nothing is there before.
NEW_YEARS, TURNS = range(1950, 1961), 5
FAULTY = 1000


def document(*, damaged: bool, years: range = YEARS) -> tuple[bytes, int, dict[str, str]]:
    """The file, how many figures it has, and which heading is which measure."""
    from pilots.models import Measure, Municipality

    places = list(Municipality.objects.filter(valid_to=None).order_by("code").values_list("code", "name_fi"))
    measures = list(Measure.objects.order_by("pk").values_list("pk", flat=True)[:MEASURES])
    headings = {f"Sarake {number}": pk for number, pk in enumerate(measures)}
    lines, row = ['"Alue","Vuosi",' + ",".join(f'"{heading}"' for heading in headings)], 0
    for code, name in places:
        for year in years:
            row += 1
            values = [str(row + place) for place in range(len(measures))]
            if damaged and row % FAULTY == 0:
                values[0] = "rikki"
            lines.append(f'"KU{code} {name}","{year}",' + ",".join(values))
    return "\r\n".join(lines).encode(), row * len(measures), headings


def mapping(headings: dict[str, str]):
    from pilots.tables.mapping import SAME_YEAR, Mapping

    return Mapping(source="made for the benchmark", retrieved_on=date(2026, 1, 1), borders=SAME_YEAR, measures=headings)


def refuse(years: range) -> tuple[bool, int, float]:
    """A damaged file: whether each of its faults is told and nothing stored, how many they are, and how long it takes."""
    from pilots.actions.figures import BadFigures, import_figures
    from pilots.models import IndicatorValue

    before = IndicatorValue.objects.count()
    content, count, headings = document(damaged=True, years=years)
    started = time.perf_counter()
    try:
        import_figures(by=None, name="damaged.csv", content=content, mapping=mapping(headings))
        faults = 0
    except BadFigures as error:
        faults = error.judged.fault_count
    return faults == count // MEASURES // FAULTY and IndicatorValue.objects.count() == before, faults, time.perf_counter() - started


def measure() -> bool:
    from django.db import connection, transaction

    from pilots.actions.figures import import_figures

    right, faults, refused = refuse(YEARS)
    content, count, headings = document(damaged=False)
    with transaction.atomic():
        started, worked = time.perf_counter(), time.process_time()
        batch = import_figures(by=None, name="whole.csv", content=content, mapping=mapping(headings))
        # What a commit would still check of each row.
        connection.check_constraints()
        taken, worked = time.perf_counter() - started, time.process_time() - worked
        transaction.set_rollback(True)
    met = taken <= BAR and refused <= BAR and right
    print(f"damaged file of {count} figures refused in {refused:.1f} s with {faults} faults, bar {BAR:.0f}; each named and nothing changed: {'yes' if right else 'NO'}")
    print(f"{count} figures imported in {taken:.1f} s ({worked:.1f} s of the process), bar {BAR:.0f}: {batch.added} added, {batch.replaced} replaced  {'yes' if met else 'NO'}")
    return met


def against_copy() -> dict[str, float]:
    """Both with their foreign keys looked at, which otherwise waits for the end of the transaction."""
    from django.db import connection, transaction

    from pilots.actions.figures import import_figures
    from pilots.models import IndicatorValue

    right, faults, refused = refuse(NEW_YEARS)
    content, count, headings = document(damaged=False, years=NEW_YEARS)
    names = "municipality_id, measure_id, part, year, vintage, value, borders_year, source, retrieved_on, batch_id, loaded"
    stored, copied, lines = [], [], ""
    for _turn in range(TURNS):
        with transaction.atomic(), connection.cursor() as cursor:
            started = time.perf_counter()
            batch = import_figures(by=None, name="whole.csv", content=content, mapping=mapping(headings))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            stored.append(time.perf_counter() - started)
            right &= batch.added == count
            rows = IndicatorValue.objects.filter(batch=batch).order_by("pk").values_list("municipality", "measure", "part", "year", "vintage", "value", "borders_year", "source", "retrieved_on")
            lines = lines or "".join("\t".join(map(str, row)) + "\t\\N\t{}\n" for row in rows)
            transaction.set_rollback(True)
        with transaction.atomic(), connection.cursor() as cursor:
            started = time.perf_counter()
            cursor.copy_expert(f"COPY {IndicatorValue._meta.db_table} ({names}) FROM STDIN", StringIO(lines))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            copied.append(time.perf_counter() - started)
            transaction.set_rollback(True)
    return {"rows": count, "stored": statistics.median(stored), "copy": statistics.median(copied), "refused": refused, "faults": faults, "right": right}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--against-copy", action="store_true")
    chosen = parser.parse_args()
    set_up()
    if chosen.against_copy:
        return print(json.dumps(against_copy()))
    sys.exit(0 if measure() else 1)


if __name__ == "__main__":
    main()
