"""The import of 300,000 figures against its bar of 60 seconds, in a database that benchmarks.pages has filled.

    DATABASE_URL=postgres://… python -m benchmarks.figures

A PxWeb CSV of every municipality, thirty measures and thirty-three years: the years that are there already are replaced,
the others added. Before it the same file with a fault in every thousandth row, which must be named and change nothing.
All is rolled back.
"""
import os
import sys
import time
from datetime import date

BAR = 60.0  # seconds
MEASURES, YEARS, LAST = 30, 33, 2024
FAULTY = 1000


def document(*, damaged: bool) -> tuple[bytes, int, dict[str, str]]:
    """The file, how many figures it has, and which heading is which measure."""
    from pilots.models import Measure, Municipality

    places = list(Municipality.objects.filter(valid_to=None).order_by("code").values_list("code", "name_fi"))
    measures = list(Measure.objects.order_by("pk").values_list("pk", flat=True)[:MEASURES])
    headings = {f"Sarake {number}": pk for number, pk in enumerate(measures)}
    lines, row = ['"Alue","Vuosi",' + ",".join(f'"{heading}"' for heading in headings)], 0
    for code, name in places:
        for year in range(LAST - YEARS + 1, LAST + 1):
            row += 1
            values = [str(row + place) for place in range(len(measures))]
            if damaged and row % FAULTY == 0:
                values[0] = "rikki"
            lines.append(f'"KU{code} {name}","{year}",' + ",".join(values))
    return "\r\n".join(lines).encode(), row * len(measures), headings


def measure() -> bool:
    from django.db import connection, transaction

    from pilots.actions.figures import BadFigures, import_figures
    from pilots.models import IndicatorValue
    from pilots.tables.mapping import SAME_YEAR, Mapping

    def mapping(headings: dict[str, str]) -> Mapping:
        return Mapping(source="made for the benchmark", retrieved_on=date(2026, 1, 1), borders=SAME_YEAR, measures=headings)

    connection.ensure_connection()
    before = IndicatorValue.objects.count()
    content, count, headings = document(damaged=True)
    started = time.perf_counter()
    try:
        import_figures(by=None, name="damaged.csv", content=content, mapping=mapping(headings))
        faults = 0
    except BadFigures as error:
        faults = error.judged.fault_count
    refused = time.perf_counter() - started
    content, count, headings = document(damaged=False)
    with transaction.atomic():
        started, worked = time.perf_counter(), time.process_time()
        batch = import_figures(by=None, name="whole.csv", content=content, mapping=mapping(headings))
        taken, worked = time.perf_counter() - started, time.process_time() - worked
        transaction.set_rollback(True)
    same = IndicatorValue.objects.count() == before
    met = taken <= BAR and refused <= BAR and faults == count // MEASURES // FAULTY and same
    print(f"damaged file of {count} figures refused in {refused:.1f} s with {faults} faults, bar {BAR:.0f}; nothing changed: {'yes' if same else 'NO'}")
    print(f"{count} figures imported in {taken:.1f} s ({worked:.1f} s of the process), bar {BAR:.0f}: {batch.added} added, {batch.replaced} replaced  {'yes' if met else 'NO'}")
    return met


def main() -> None:
    os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
    os.environ.setdefault("PUBLIC_ORIGIN", "https://kopa.example.org")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    sys.exit(0 if measure() else 1)


if __name__ == "__main__":
    main()
