"""COPY TO of the bookings that a path exports, in a database that benchmarks.market has filled: what the CSV is compared with.

    DATABASE_URL=postgres://… python -m benchmarks.copying "/services/own/lists/bookings/csv/?first_day=1.1.2025&last_day=31.12.2025"
"""
import json
import statistics
import sys
import time
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from benchmarks.prepared import set_up

TURNS = 5
COLUMNS = ("resource__whole__name_fi", "resource__name_fi", "service__name_fi", "starts_at", "ends_at", "organisation__name_fi", "purpose", "people", "state")


class Sink:
    """Takes everything and keeps nothing but its length."""

    def __init__(self) -> None:
        self.length = 0

    def write(self, text: str | bytes) -> None:
        self.length += len(text)


def measure(path: str) -> dict[str, float]:
    from django.db import connection

    from benchmarks.market import LENDER
    from pilots.models import Membership
    from services.queries.lists import bookings_between

    days = {name: datetime.strptime(values[0], "%d.%m.%Y").date() for name, values in parse_qs(urlsplit(path).query).items()}
    rows = bookings_between(Membership.objects.active().get(user__email=LENDER), **days)
    connection.ensure_connection()
    took = []
    with connection.connection.cursor() as cursor:
        query = cursor.mogrify(*rows.values_list(*COLUMNS).query.sql_with_params()).decode()
        for _turn in range(TURNS):
            sink, started = Sink(), time.perf_counter()
            cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, DELIMITER ';')", sink)
            took.append(time.perf_counter() - started)
    return {"rows": rows.count(), "bytes": sink.length, "seconds": statistics.median(took)}


if __name__ == "__main__":
    set_up()
    print(json.dumps(measure(sys.argv[1])))
