"""Pages of the network and of cooperation against their bars: at most so many queries, so many bytes, so many times the floor.

    python -m benchmarks.pages [--rounds 60] [--only WORD] [--filled URL]

Starts a throw-away PostgreSQL, loads the real network, fills the country up to 309 municipalities with thirty figures of
thirty years each, 5,000 cooperation models and 2,000 obstacles, starts one production worker and asks it for the pages in
turn with the floor between them. Last 300,000 figures are imported (`benchmarks.figures`). `--filled` takes a database that
an earlier run has filled (`--fill` fills the one of DATABASE_URL) instead.
"""
import argparse
import os
import sys
from io import StringIO
from urllib.parse import quote

from benchmarks import figures
from benchmarks.prepared import count, count_summaries, name_settings, set_up
from benchmarks.runner import Page, floor_page, interleave, report, worker
from tests.servers import throwaway_postgres

PORT = 8765
MUNICIPALITIES = 309


def pages(model: int, obstacle: int) -> list[Page]:
    """`model` and `obstacle` are ones whose pages are asked for. The bars of search, area, compare and goals are the issue's."""
    common = {"floors": 5.0, "most_queries": 12, "most_bytes": 150_000}
    searched = {"floors": 5.0, "most_queries": 10}
    listed = {"floors": 6.0, "most_queries": 10}
    # Of these no bar is given; ours says when one has grown.
    long = {"floors": 9.0, "most_queries": 18, "most_bytes": 90_000}
    return [
        Page("home", "/"),
        Page("area list", "/areas/"),
        Page("area page", "/areas/yla-savo/", **common),
        Page("municipality list, 309", "/municipalities/"),
        Page("municipality list, page 7", "/municipalities/?page=7"),
        Page("municipality page", "/municipalities/140/", **long),
        Page("figures of a municipality", "/municipalities/140/environment/?theme=ages", **long),
        Page("figures of an area", "/areas/yla-savo/environment/?theme=ages", **long),
        Page("compare five", "/municipalities/compare/?theme=ages&m=140&m=263&m=925&m=762&m=297", **common),
        Page("organisation list", "/organisations/"),
        Page("goals side by side", "/goals/", **common),
        Page("one goal", "/goals/1/", **long),
        Page("models", "/models/", **listed),
        Page("models, deep page", "/models/?page=180", **listed),
        Page("models, common word", "/models/?q=lukio", **listed),
        Page("models, goal and status", "/models/?goal=1&status=in_use", **listed),
        Page("a model", f"/models/{model}/", **long),
        Page("obstacles by weight", "/obstacles/", **listed),
        Page("obstacles, common word", "/obstacles/?q=kunta", **listed),
        Page("an obstacle", f"/obstacles/{obstacle}/", **long),
        Page("search, common", "/search/?q=" + quote("järvi"), **searched),
        Page("search, a word of most models", "/search/?q=opettaja", **searched),
        Page("search, two words", "/search/?q=" + quote("lukion kurssit"), **searched),
        Page("search, unfinished", "/search/?q=kun", **searched),
        Page("search, rare", "/search/?q=takkutalkoot", **searched),
        Page("search, a place", "/search/?q=" + quote("Närpiön"), **searched),
        Page("search, absent", "/search/?q=olematonta", **searched),
        Page("network summary", "/summary/"),
        Page("network summary, use", "/summary/?part=use"),
    ]


def fill() -> None:
    """An empty database of DATABASE_URL."""
    set_up()
    from django.core.management import call_command

    from benchmarks.cooperation import fill_cooperation
    from benchmarks.country import fill_figures, fill_up

    for command in (["migrate"], ["createcachetable"], ["load_network"]):
        call_command(*command, verbosity=0, stdout=StringIO())
    fill_up(MUNICIPALITIES)
    fill_figures()
    fill_cooperation()


def prepare(only: str) -> tuple[Page, list[Page]]:
    """The floor and the pages, counted, as an officer asks for them."""
    set_up()
    from django.db import connection
    from django.test import Client

    from benchmarks.country import make_officer
    from pilots.models import CooperationModel, Obstacle

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    count_summaries()
    measured = pages(CooperationModel.objects.filter(state="public").first().pk, Obstacle.objects.first().pk)
    client = Client(HTTP_HOST="localhost")
    client.force_login(make_officer())
    floor, *found = count(client, [floor_page(), *(page for page in measured if only in page.name)])
    return floor, found


def measure(rounds: int, database: str, only: str = "") -> bool:
    floor, measured = prepare(only)
    with worker(PORT, database) as asked:
        interleave(rounds, [(asked, floor, measured)])
    met = report(floor, measured)
    print(f"load of the machine {os.getloadavg()[0]:.1f}; the worker had at most {asked.peak_mb} MB", flush=True)
    return met if only else met & figures.measure()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--only", default="", help="of the pages those with this in their name, and no import")
    parser.add_argument("--filled", help="the address of a database that is filled already")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name_settings()
    if chosen.fill:
        return fill()
    if chosen.filled:
        os.environ["DATABASE_URL"] = chosen.filled
        sys.exit(0 if measure(chosen.rounds, chosen.filled, chosen.only) else 1)
    with throwaway_postgres() as url:
        os.environ["DATABASE_URL"] = url
        fill()
        met = measure(chosen.rounds, url, chosen.only)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
