"""Pages of the shared services against their bars, with 10,000 services and 1,000,000 bookings beside a hundredth of them.

    python -m benchmarks.services [--rounds 40] [--services 10000] [--filled SMALL LARGE]

Starts a throw-away PostgreSQL for each, fills both (minutes), and asks a production worker on each for the pages of
who handles the services of a municipality, in turn with the floor between them. Last a round of 2,000
wishes is allocated on the larger one (`benchmarks.rounds`). `--filled` takes two databases that an earlier
`python -m benchmarks.market` has filled instead; the series that the measuring stores are taken out again.
"""
import argparse
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

import psycopg2

from benchmarks.market import FREE_FROM, FREE_UNTIL, HANDLER, RARE, SERVICES, SMALL_SERVICES
from benchmarks.prepared import count, name_settings, set_up, tell, told_by
from benchmarks.runner import Page, floor_page, interleave, report, worker
from tests.servers import throwaway_postgres

PORTS = {"small": 8768, "large": 8769}
GROWTH, DEEP = 1.3, 1.3
SHORT, LONG = 8, 40  # dates
PURPOSE = "made in the measuring"
LIST = "/services/"
FIRST_PAGE, DEEP_PAGE = "services, page 1", "services, deep page"


def pages(own: int, other: int, week: str, deep: int) -> list[Page]:
    """The bars of the issue. `own`: a service of the reader's own organisation; `other`: one that it may borrow."""
    listed = {"floors": 5.0, "most_queries": 8}
    near = "near=049&within=100"
    return [
        Page(FIRST_PAGE, LIST, **listed),
        Page(DEEP_PAGE, f"{LIST}?page={deep}", **listed),
        Page("search, common", f"{LIST}?q=kurssi", **listed),
        Page("search, a name of many", f"{LIST}?q=liikuntasali", **listed),
        Page("search, rare", f"{LIST}?q={RARE.lower()}", **listed),
        Page("search, absent", f"{LIST}?q=olematonta", **listed),
        Page("search, common, three filters", f"{LIST}?q=kurssi&kind=course&language=sv&delivery=contact", **listed),
        Page("search, common, 100 km", f"{LIST}?q=kurssi&{near}", **listed),
        Page("search, absent, filters, 100 km", f"{LIST}?q=olematonta&kind=course&language=sv&{near}", **listed),
        Page("kind and 100 km", f"{LIST}?kind=facility&{near}", **listed),
        Page("form of education", f"{LIST}?form=vocational", **listed),
        Page("week of a resource, own", f"{LIST}{own}/calendar/?week={week}", **listed),
        Page("week of a resource, another's", f"{LIST}{other}/calendar/?week={week}", **listed),
        Page("week of an organisation", f"{LIST}calendar/?week={week}", **listed),
    ]


def series(first: date, dates: int, expected: str = "") -> dict[str, str]:
    """What the form of a weekly series sends; with the days that are expected to fit it is stored, without them shown."""
    last = first + timedelta(weeks=dates - 1)
    days = {name: f"{day.day}.{day.month}.{day.year}" for name, day in (("first_day", first), ("last_day", last))}
    return days | {"starts": f"{FREE_FROM:%H.%M}", "ends": f"{FREE_UNTIL:%H.%M}", "purpose": PURPOSE, "token": token_of(dates), "expected": expected}


def token_of(dates: int) -> str:
    """The same in every run, so that what a broken run has left is known."""
    return str(uuid5(NAMESPACE_URL, f"{PURPOSE} {dates}"))


def series_pages(service: int, first: date, fitting: dict[int, str]) -> list[Page]:
    path, most = f"{LIST}{service}/series/", {"floors": 15.0, "most_queries": 40}
    return [
        Page(f"series of {SHORT}, shown", path, data=series(first, SHORT), **most),
        Page(f"series of {LONG}, shown", path, data=series(first, LONG), **most),
        Page(f"series of {SHORT}, checked and stored", path, data=series(first, SHORT, fitting[SHORT]), status=302, **most),
        Page(f"series of {LONG}, checked and stored", path, data=series(first, LONG, fitting[LONG]), status=302, **most),
    ]


def asked_by_handler(only: str = "") -> tuple:
    """The floor and the pages, counted, with their cookies; also who asked, and a service that it may borrow."""
    from django.utils import timezone

    from pilots.models import Membership
    from services.choices import Audience, ServiceKind
    from services.models import SharedService
    from tests.services.web import sign_in

    person = Membership.objects.active().get(user__email=HANDLER)
    client = sign_in(person)
    offered = SharedService.objects.filter(kind=ServiceKind.FACILITY).select_related("resource__whole", "resource__place", "organisation").order_by("pk")
    own = offered.filter(organisation=person.organisation).first()
    other = offered.filter(audience=Audience.NETWORK).exclude(organisation=person.organisation).first()
    year, week, _day = next_monday(timezone.localdate()).isocalendar()
    listed = pages(own.pk, other.pk, f"{year}-W{week:02}", int(SharedService.objects.count() / 25 * 0.9))
    client.get(LIST)
    return count(client, [floor_page(), *(page for page in listed if only in page.name)]), client, person, other


def next_monday(today: date) -> date:
    return today - timedelta(days=today.weekday()) + timedelta(weeks=1)


def prepare(only: str) -> None:
    """In a process of its own, on DATABASE_URL: who asks, for what, in how many queries; told as JSON."""
    set_up()
    from django.db import connection
    from django.utils import timezone

    from services.actions.bookings import propose_series

    connection.ensure_connection()
    forget(connection.connection)
    measured, client, person, other = asked_by_handler(only)
    monday = next_monday(timezone.localdate())
    fitting = {}
    for dates in (SHORT, LONG):
        plan = propose_series(by=person, service=other, resource=other.resource, first_day=monday, last_day=monday + timedelta(weeks=dates - 1), starts=FREE_FROM, ends=FREE_UNTIL)
        fitting[dates] = ",".join(one.day.isoformat() for one in plan.fitting)
        print(f"of a series of {dates} dates {len(plan.fitting)} fit", file=sys.stderr)
    of_series = series_pages(other.pk, monday, fitting)
    client.get(f"{LIST}{other.pk}/series/")
    tell(pages=measured, series=count(client, of_series, after=lambda: forget(connection.connection)))


def forget(connection) -> None:
    """Take out the series that were stored in the measuring, so that their times are free again."""
    made = "services_bookingseries.token = ANY(%s::uuid[]) AND series_id = services_bookingseries.id"
    tokens = [token_of(dates) for dates in (SHORT, LONG)]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM services_occupancy USING services_booking, services_bookingseries WHERE booking_id = services_booking.id AND {made}", [tokens])
        for table in ("services_booking", "services_rejecteddate"):
            cursor.execute(f"DELETE FROM {table} USING services_bookingseries WHERE {made}", [tokens])
        cursor.execute("DELETE FROM services_bookingseries WHERE token = ANY(%s::uuid[])", [tokens])


def fill(url: str, services: int) -> None:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "benchmarks.market", "--services", str(services)], env=os.environ | {"DATABASE_URL": url}, check=True)
    print(f"{services} services made in {time.perf_counter() - started:.0f} s", flush=True)


def measure(rounds: int, urls: dict[str, str], only: str = "") -> bool:
    told = {side: told_by("benchmarks.services", url, "--only", only) for side, url in urls.items()}
    read, of_series = ({side: told[side][what] for side in urls} for what in ("pages", "series"))
    floors = {side: pages[0] for side, pages in read.items()}
    with worker(PORTS["small"], urls["small"]) as small, worker(PORTS["large"], urls["large"]) as large:
        asked = {"small": small, "large": large}
        interleave(rounds, [(asked[side], floors[side], read[side][1:]) for side in urls])
        bases = {side: psycopg2.connect(url) for side, url in urls.items()}
        for number in list(range(len(of_series["large"]))) * rounds:
            interleave(1, [(asked[side], floors[side], of_series[side][number : number + 1]) for side in urls], warm_up=0)
            for base in bases.values():
                with base:
                    forget(base)
    (_floor, *few), (floor, *many) = read["small"], read["large"]
    weeks = [(page, other) for page, other in zip(many, few, strict=True) if page.name.startswith("week")]
    searches = [(page, other) for page, other in zip(many, few, strict=True) if (page, other) not in weeks]
    # Of a list no growth is judged: among a hundred services it is shorter.
    met = report(floor, [page for page, _other in searches])
    met &= report(floor, [page for page, _other in weeks], against=[("growth", GROWTH, [other for _page, other in weeks])])
    met &= report(floor, of_series["large"], against=[("growth", GROWTH, of_series["small"])])
    by_name = {page.name: page for page in (*many, *of_series["large"])}
    if DEEP_PAGE in by_name:
        deep = by_name[DEEP_PAGE].median / by_name[FIRST_PAGE].median
        print(f"deep page against page 1: {deep:.2f}, bar {DEEP}")
        met &= deep <= DEEP
    few_dates, many_dates = (by_name[f"series of {dates}, checked and stored"].queries for dates in (SHORT, LONG))
    print(f"queries of a series of {SHORT} dates and of {LONG}: {few_dates} and {many_dates}")
    print(f"the worker had at most {large.peak_mb} MB", flush=True)
    met &= subprocess.run([sys.executable, "-m", "benchmarks.rounds"], env=os.environ | {"DATABASE_URL": urls["large"]}).returncode == 0
    return met and few_dates == many_dates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--filled", nargs=2, metavar=("SMALL", "LARGE"), help="addresses of two databases that are filled already")
    parser.add_argument("--only", default="", help="of the pages those with this in their name, and series")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name_settings()
    if chosen.prepare:
        return prepare(chosen.only)
    if chosen.filled:
        sys.exit(0 if measure(chosen.rounds, dict(zip(PORTS, chosen.filled, strict=True)), chosen.only) else 1)
    with throwaway_postgres() as small, throwaway_postgres() as large:
        fill(small, SMALL_SERVICES)
        fill(large, chosen.services)
        met = measure(chosen.rounds, {"small": small, "large": large}, chosen.only)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
