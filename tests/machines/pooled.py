"""`make pooled`: the parts of the suite that lean on the database, through PgBouncer in transaction mode; and what is told when it is set up wrongly."""
import os
import subprocess
import sys
from pathlib import Path

from tests.machines.programs import pgbouncer
from tests.servers import throwaway_postgres

ROOT = Path(__file__).resolve().parents[2]
# Races, locks, jobs, leases, throttling, seals, the read log and its pages, temporary tables and COPY, large lists, prepared queries.
PARTS = [
    "tests/guidance/test_races.py", "tests/guidance/test_races_protection.py", "tests/guidance/test_races_seats.py", "tests/guidance/test_imports_races.py",
    "tests/services/test_bookings_races.py", "tests/services/test_enrolments_races.py", "tests/services/test_settlements_races.py",
    "tests/pilots/test_editing_races.py", "tests/pilots/test_obstacles_races.py", "tests/summaries/test_folding_races.py",
    "tests/accounts/test_worker.py", "tests/accounts/test_run_due.py", "tests/accounts/test_sign_in_attacks.py", "tests/accounts/test_sessions.py",
    "tests/guidance/test_reading.py", "tests/guidance/test_seal.py", "tests/guidance/test_views_pathways.py", "tests/guidance/test_views_waiting.py", "tests/guidance/test_invariants.py",
    "tests/pilots/test_figure_files.py", "tests/services/test_lists.py", "tests/summaries/test_search.py", "tests/kopa_portal/test_api.py",
    "tests/kopa_portal/test_database_limits.py", "tests/pilots/test_prepared.py",
]  # fmt: skip
# What only a connection of one's own can do, and is therefore not done behind a pooler.
NEEDS_ITS_OWN = ["test_prepared_is_told_once_a_connection_and_planned_for_any_values", "test_prepared_is_asked_untold_when_the_connection_was_told_enough"]
WEB_ROLE = "tests/guidance/test_web_role.py"


def portal(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    known = {"SECRET_KEY": "not-used-here", "PUBLIC_ORIGIN": "https://not-used.invalid", "DJANGO_SETTINGS_MODULE": "kopa_portal.settings"}
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=os.environ | known | environment, capture_output=True, text=True)


def suite(url: str, *arguments: str) -> int:
    left_out = [part for name in NEEDS_ITS_OWN for part in ("--deselect", f"tests/pilots/test_prepared.py::{name}")]
    command = [sys.executable, "-m", "pytest", "-q", "--reuse-db", "-m", "not browser", *left_out, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url, "DATABASE_POOLED": "1"}).returncode


def limits(url: str) -> None:
    """As the deployment does, by what the check itself says."""
    told = portal("check", "--database", "default", DATABASE_URL=url, DATABASE_POOLED="1").stderr
    statements = told[told.index("ALTER ROLE") : told.rindex(";") + 1]
    subprocess.run(["psql", "--quiet", "--dbname", url, "--command", statements], check=True)


def main(arguments: list[str]) -> int:
    with throwaway_postgres() as url:
        with pgbouncer(url) as (front,):
            refused = portal("check", "--database", "default", DATABASE_URL=front)
            print("Without DATABASE_POOLED PgBouncer refuses the portal:", "unsupported startup parameter" in refused.stderr)
            unlimited = portal("check", "--database", "default", DATABASE_URL=front, DATABASE_POOLED="1")
            print("With it, a role without limits is told:", "kopa_portal.W006" in unlimited.stderr, flush=True)
        limits(url)
        with pgbouncer(url) as (front,):
            limited = portal("check", "--database", "default", DATABASE_URL=front, DATABASE_POOLED="1")
            print("A role with them is not:", not limited.returncode and "W006" not in limited.stderr, flush=True)
            shown = ["unsupported startup parameter" in refused.stderr, "kopa_portal.W006" in unlimited.stderr, "W006" not in limited.stderr + limited.stdout]
            codes = [suite(front, *(arguments or PARTS))]
        if not arguments:
            # The role is made anew for each test, and a pooler's open connections would still be of the old one.
            with pgbouncer(url, users=("kopa", "kopa_web_test"), server_lifetime=0) as (front,):
                codes.append(suite(front, WEB_ROLE))
    return int(any(codes) or not all(shown))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
