"""Files that no row names: a process was killed, or a database failed, between a file and its row.

Nobody is ever given one, but what was in it may be a client's, and no erasure finds it.
"""
import logging
import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.utils import timezone

from guidance.models import FileToRemove
from kopa_portal.operation.readiness import put_aside

# A file is there before its row is committed, and no transaction lasts for hours.
OLD = timedelta(days=1)
# After the night's backup: what is removed by mistake is in it.
NIGHT = time(4)
REMEMBERED = timedelta(days=2)
BATCH = 500
# `stored_as`, the size of a photo, and what is not whole yet (pilots.attachments, services.photos). What is named otherwise is not ours to remove.
NAME = re.compile(r"([0-9a-f]{32})(-[a-z]+)?(\.part)?")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """A file in a folder that is held open, so that no link put in its way leads elsewhere."""

    path: Path
    folder: int
    is_named: bool

    def is_old(self, now: datetime) -> bool:
        """By when its name was given or its content written, whichever is later: a copy brought here keeps the older time of its content."""
        with suppress(FileNotFoundError):
            found = os.stat(self.path.name, dir_fd=self.folder, follow_symlinks=False)
            return stat.S_ISREG(found.st_mode) and max(found.st_mtime, found.st_ctime) < (now - OLD).timestamp()
        return False


def models_with_files() -> list[type[Model]]:
    """Whatever names a file under MEDIA_PRIVATE does so in a column of this name; a file that is to be removed is named by nobody else."""
    return [model for model in apps.get_models() if model is not FileToRemove and any(field.name == "stored_as" for field in model._meta.fields)]


def named(keys: Collection[UUID]) -> set[str]:
    """Of the primary, for a replica may be behind, and through the manager that hides no row."""
    found = (model._base_manager.using(DEFAULT_DB_ALIAS).filter(stored_as__in=keys).values_list("stored_as", flat=True) for model in models_with_files())
    return {key.hex for keys_of_model in found for key in keys_of_model}


def stored_files() -> Iterator[Stored]:
    """Folder by folder, and of each some hundred files at a time, however many there are. No link is followed."""
    root = Path(settings.MEDIA_PRIVATE).resolve()
    for folder, folders, files, descriptor in os.fwalk(root) if root.exists() else ():
        folders.sort()
        ours = sorted(name for name in files if NAME.fullmatch(name))
        for start in range(0, len(ours), BATCH):
            some = ours[start : start + BATCH]
            known = named({UUID(name[:32]) for name in some})
            yield from (Stored(Path(folder, name), descriptor, name[:32] in known) for name in some)


def unnamed_files(now: datetime) -> Iterator[Stored]:
    return (file for file in stored_files() if not file.is_named and file.is_old(now))


def left_alone_because(now: datetime) -> str:
    """Why no file may be removed now, or nothing."""
    if put_aside():
        return "A restore is under way, or what it has put aside or left unfinished is still there: its files are needed until somebody has looked."
    counts = {True: 0, False: 0}
    for file in stored_files():
        counts[file.is_named] += file.is_named or file.is_old(now)
    if counts[False] > counts[True]:
        return f"{counts[False]} files are named by no row, and {counts[True]} are: the database seems to be another one than theirs."
    return ""


def sweep_files(now: datetime) -> int:
    """Remove what no row names and is older than a day; how many files it was.

    Safe beside a backup, which reads files before and after the rows that name them, and beside a restore, which refuses while anybody uses the database.
    """
    if why := left_alone_because(now):
        logger.warning("No file was removed. %s", why)
        return 0
    removed = 0
    for file in unnamed_files(now):
        # Whoever else removes it meanwhile has done the same.
        with suppress(FileNotFoundError):
            os.unlink(file.path.name, dir_fd=file.folder)
            removed += 1
    logger.info("Files that no row named were removed: %s.", removed)
    return removed


def sweep_files_each_night(now: datetime) -> int:
    """The first run after four o'clock; 0 when this night's has been made. A due job. How old a file is, the clock tells, not `now`."""
    local = timezone.localtime(now)
    key = f"files-swept:{local.date()}"
    if local.time() < NIGHT or cache.get(key) or not cache.add(key, 1, REMEMBERED.total_seconds()):
        return 0
    return sweep_files(timezone.now())
