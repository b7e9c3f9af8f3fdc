"""`manage.py backup`: database and files of one moment in one encrypted file, and the removal of old ones."""
import errno
import fcntl
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import CommandError

from guidance.actions.ledger import line_of, whole_lines
from guidance.models import ErasedRecord
from kopa_portal.backups.databases import database
from kopa_portal.backups.reading import Reading
from kopa_portal.backups.sealed import ABOUT, DATABASE, ERASURES, LARGEST, MEDIA, Writer, sealing
from pilots.attachments import name_durably

LAST, LEDGER = "last-backup.json", "erasures.jsonl"
NAME, PATTERN, UNFINISHED = "kopa-%Y%m%dT%H%M%SZ.tar.age", "kopa-*.tar.age", ".part"
FORMAT = 1


def make_backup(now: datetime, say: Callable[[str], None]) -> Path:
    """The new file, whole and durable; without one nothing of it is left and the last good one stays."""
    folder = backup_folder()
    with only_one(folder / ".lock"):
        for left in (*folder.glob(f"*{UNFINISHED}"), *folder.glob("scratch-*")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        removed = remove_old(folder, now)
        path = folder / now.astimezone(UTC).strftime(NAME)
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            with TemporaryDirectory(prefix="scratch-", dir=folder) as scratch, sealing(unfinished) as writer:
                missing = _write(writer, Path(scratch), now)
            name_durably(unfinished, path)
        except OSError as error:
            raise CommandError(f"The backup could not be written: {error.strerror or error}. Nothing is left of it; earlier ones are as they were.") from error
        finally:
            unfinished.unlink(missing_ok=True)
        if lost := _keep_ledger(folder):
            raise CommandError(f"{path} is made, but lines of the ledger of erasures ({settings.ERASURE_LEDGER}) are lost: {lost}. So this night is not told as good. {folder / LEDGER} has them all: put it in the ledger's place, and make the backup again.")
        # Whoever serves /ready reads it; where the backups lie is the owner's to give.
        _write_whole(folder / LAST, mode=0o640, text=json.dumps({"finished_at": now.astimezone(UTC).isoformat(), "file": path.name, "bytes": path.stat().st_size, "files": len(writer.names), "missing_files": missing}))
    say(f"{path}: {path.stat().st_size / 1_000_000:.1f} MB, {sum(name.startswith(MEDIA) for name in writer.names)} files." + (f" Removed as older than {settings.BACKUP_KEEP_DAYS} days: {removed}." if removed else ""))
    if missing:
        say(f"{missing} files that the database names are not under MEDIA_PRIVATE. The backup cannot hold them.")
    return path


def backup_folder() -> Path:
    if not settings.BACKUP_DIR:
        raise CommandError("BACKUP_DIR is empty. Set it to a folder that the portal does not serve.")
    folder = Path(settings.BACKUP_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """The kernel lets go of it however the process ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError("Another backup or restore is under way.") from error
        yield


def remove_old(folder: Path, now: datetime) -> int:
    """Older than BACKUP_KEEP_DAYS, but never the newest. Before the new one is made, so that a full disk can get free again."""
    ours = sorted((made_at, path) for path in folder.glob(PATTERN) if (made_at := _made_at(path)))
    old = [path for made_at, path in ours[:-1] if made_at < now - timedelta(days=settings.BACKUP_KEEP_DAYS)]
    for path in old:
        path.unlink()
    return len(old)


def _made_at(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name, NAME).replace(tzinfo=UTC)
    except ValueError:
        # Named by somebody else, so not ours to remove.
        return None


def _write(writer: Writer, scratch: Path, now: datetime) -> int:
    """Files first, then the database, then what has come since: every file that its rows name is there. How many are not."""
    here = database()
    # Nothing but what somebody must know before reading on.
    _add_files(writer)
    with here.snapshot(scratch) as reading:
        about = {"format": FORMAT, "made_at": now.astimezone(UTC).isoformat(), "vendor": reading.on.vendor, "dump": here.dump_name, "migrations": reading.migrations(), "web_roles": here.web_roles(reading)}
        writer.add(ABOUT, json.dumps(about).encode())
        # A restore asks for a ledger that has these.
        writer.add_pieces(ERASURES, iter(["\n".join(known_erasures()[0]).encode()]))
        writer.add_pieces(f"{DATABASE}{here.dump_name}/", reading.stream)
        _add_files(writer)
        missing = _missing(reading, writer)
        writer.finish(reading.counts())
    return missing


def _add_files(writer: Writer) -> None:
    """Through folders that are held open, and no link is followed: whoever may write here, the user of the pages, may not read what this may."""
    root = Path(settings.MEDIA_PRIVATE).resolve()
    for folder, folders, files, descriptor in os.fwalk(root) if root.exists() else ():
        folders.sort()
        for file in sorted(files):
            name = f"{MEDIA}{Path(folder, file).relative_to(root)}"
            if name in writer.names or file.endswith(".part"):
                continue
            try:
                # Not waiting for whatever is no file.
                opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
            except OSError as error:
                # A link; or removed since the folder was read, and no row of the snapshot names it.
                if error.errno in (errno.ELOOP, errno.ENOENT, errno.ENXIO):
                    continue
                raise
            with open(opened, "rb") as content:
                if stat.S_ISREG(os.fstat(opened).st_mode):
                    writer.add(name, content.read(LARGEST + 1))


def _missing(reading: Reading, writer: Writer) -> int:
    return len(reading.named_files() - {stored_name(name) for name in writer.names})


def stored_name(name: str) -> str:
    """What rows know a file by: the beginning of its name."""
    return name.rpartition("/")[2][:32]


def _keep_ledger(folder: Path) -> int:
    """Beside the backups, so that whoever carries them off has it too; empty while nobody was erased, for a restore asks for one.

    It only grows: a ledger that was lost or cut takes nothing out of it. How many lines that is.
    """
    known, lost = known_erasures()
    _write_whole(folder / LEDGER, "".join(f"{line}\n" for line in known))
    return lost


def known_erasures() -> tuple[list[str], int]:
    """Every line of the ledger that the copy, the ledger or the database knows, and how many of them the ledger should have and has not."""
    # Before the ledger: a row has stood in it before it counts as told.
    rows = {line_of(row): row.told_at for row in ErasedRecord.objects.all()}
    copy, ledger = whole_lines(Path(settings.BACKUP_DIR, LEDGER)), whole_lines(Path(settings.ERASURE_LEDGER))
    known = list(dict.fromkeys([*copy, *ledger, *rows]))
    untold = {line for line, told_at in rows.items() if told_at is None}
    return known, len(set(known) - untold - set(ledger))


def _write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    beside = path.with_name(path.name + UNFINISHED)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    name_durably(beside, path)
