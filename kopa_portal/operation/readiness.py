"""Whether the portal can answer, and what its operator should look at. No figures: a check fails or does not.

`serving` is for what sends requests here: without it a page cannot be given. What `everything` has beside it is for people: an
old backup is no reason to send nobody any more.
"""
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.dateparse import parse_datetime

from accounts.models import OutboxMessage
from guidance.models import CheckRun
from kopa_portal.replica import reach

OK, FAILED, NOT_JUDGED = "ok", "failed", "not judged"
NEEDED = {"database", "migrations"}
# A day and two hours: what is made each night may take longer in one than in another.
NIGHTLY = timedelta(hours=26)
# A mail is tried six times within the first half hour.
MAIL_WAITS_AT_MOST = timedelta(hours=1)
LAST_BACKUP = "last-backup.json"
# Ends of the names of what a restore puts aside, and of what a killed one leaves.
ASIDE, UNFINISHED = re.compile(r"[._]before[-_](\d{8})[-_](\d{6})"), re.compile(r"[._]restore")
LOOKED_AT_WITHIN = timedelta(days=7)
LONGEST_STATEMENT = "2s"


@dataclass(frozen=True)
class Finding:
    state: str = OK
    why: str = ""


def serving() -> dict[str, Finding]:
    try:
        with short_statements():
            executor = MigrationExecutor(connection)
            unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return {"database": Finding(FAILED, "It does not answer."), "migrations": Finding(NOT_JUDGED)}
    return {"database": Finding(), "migrations": Finding(FAILED, "The database is older than the code: run manage.py migrate.") if unapplied else Finding()}


def everything(now: datetime) -> dict[str, Finding]:
    found = serving() | {"disk": disk(), "backup": backup(now)}
    # A second try would only wait for the same.
    there = found["database"].state == OK
    return found | {check.__name__: _judged(check, now) if there else Finding(NOT_JUDGED) for check in (outbox, pathways, aside, replica)}


def _judged(check: Callable[[datetime], Finding], now: datetime) -> Finding:
    try:
        with short_statements():
            return check(now)
    except Error:
        return Finding(FAILED, "The database does not answer.")


@contextmanager
def short_statements() -> Iterator[None]:
    """A database that hangs is told of in seconds. Not on SQLite, where a transaction would wait for whoever writes, and reading waits for nobody."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        connection.cursor().execute("SET LOCAL statement_timeout = %s", [LONGEST_STATEMENT])
        yield


def disk() -> Finding:
    places = [Path(settings.MEDIA_PRIVATE), *([Path(settings.BACKUP_DIR)] if settings.BACKUP_DIR else [])]
    if connection.vendor == "sqlite":
        places.append(Path(connection.settings_dict["NAME"]))
    least = min(shutil.disk_usage(next(one for one in (place.absolute(), *place.absolute().parents) if one.exists())).free for place in places)
    return Finding() if least >= settings.READY_MIN_FREE_MB * 1_000_000 else Finding(FAILED, "Little room is left where files, backups or the database lie.")


def backup(now: datetime) -> Finding:
    if not settings.BACKUP_DIR:
        return Finding(NOT_JUDGED, "BACKUP_DIR is not set.")
    try:
        finished = parse_datetime(json.loads(Path(settings.BACKUP_DIR, LAST_BACKUP).read_text())["finished_at"])
        old = now - finished > NIGHTLY
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(FAILED, "No good backup is known of.")
    return Finding(FAILED, "The last good backup is older than 26 hours.") if old else Finding()


def outbox(now: datetime) -> Finding:
    late = OutboxMessage.objects.waiting().filter(created_at__lt=now - MAIL_WAITS_AT_MOST).exists()
    return Finding(FAILED, "A mail has waited for more than an hour: look at the mail server, manage.py work and manage.py run_due.") if late else Finding()


def pathways(now: datetime) -> Finding:
    last = CheckRun.objects.order_by("-at", "-id").first()
    if last is None or now - last.at > NIGHTLY:
        return Finding(FAILED, "check_pathways was not run in the last 26 hours: look at manage.py run_due.")
    return Finding(FAILED, "The last check_pathways found something: run it.") if last.findings else Finding()


def aside(now: datetime) -> Finding:
    """Who was erased since may stand in old data, and in those of a restore that was killed everybody who ever was."""
    media = Path(settings.MEDIA_PRIVATE)
    lock = media.with_name(f"{media.name}.restore-lock")
    # Each restore touches it when it begins.
    restored_at = datetime.fromtimestamp(lock.stat().st_mtime, UTC) if lock.exists() else datetime.min.replace(tzinfo=UTC)
    names = _names_beside()
    made = [datetime.strptime("".join(found.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC) for name in names if (found := ASIDE.fullmatch(name))]
    made += [restored_at for name in names if UNFINISHED.fullmatch(name)]
    return Finding(FAILED, "What a restore has put aside or left unfinished is older than a week, and may hold who was erased: remove it.") if any(now - one > LOOKED_AT_WITHIN for one in made) else Finding()


def put_aside() -> bool:
    """Whether a restore is under way, or anything is left of one."""
    return any(ASIDE.fullmatch(name) or UNFINISHED.fullmatch(name) for name in _names_beside())


def _names_beside() -> list[str]:
    return _beside(Path(settings.MEDIA_PRIVATE)) + (_databases_beside() if connection.vendor == "postgresql" else _beside(Path(connection.settings_dict["NAME"])))


def _beside(path: Path) -> list[str]:
    """What is added to the name in the names beside."""
    return [other.name.removeprefix(path.name) for other in path.parent.glob(f"{path.name}.*")]


def _databases_beside() -> list[str]:
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{name}_"])
        return [other.removeprefix(name) for (other,) in cursor.fetchall()]


def replica(now: datetime) -> Finding:
    if not settings.DATABASE_ROUTERS:
        return Finding(NOT_JUDGED, "There is none.")
    return Finding() if reach.now() is not None else Finding(FAILED, "It is away or too far behind, so all pages read the primary.")
