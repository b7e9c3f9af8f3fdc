"""SQLite: a copy by VACUUM INTO, a new file beside the old one, and a rename."""
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.management import CommandError
from django.db import connection
from django.db.utils import DatabaseError

from kopa_portal.backups.reading import EMPTIED, IN_USE, PIECE, Reading, has_rows, wrapper_on


class Sqlite:
    dump_name = "database.sqlite3.gz"

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])
        self.staged = str(self.path.with_name(f"{self.path.name}.restore"))

    @contextmanager
    def snapshot(self, scratch: Path) -> Iterator[Reading]:
        copy = scratch / "snapshot.sqlite3"
        # With Django's own functions, for an index is made of one.
        source = wrapper_on(str(self.path))
        try:
            with source.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(copy)])
        except DatabaseError as error:
            raise CommandError(f"The database cannot be copied: {error}.") from error
        finally:
            source.close()
        reading = wrapper_on(str(copy))
        try:
            with reading.cursor() as cursor:
                cursor.execute("PRAGMA journal_mode=DELETE")
                for table in set(EMPTIED) & set(reading.introspection.table_names(cursor)):
                    cursor.execute(f"DELETE FROM {table}")
            yield Reading(reading, _compressed(copy))
        finally:
            reading.close()

    def refuse_in_use(self) -> None:
        if self.path.exists():
            self._alone().close()

    def _alone(self) -> sqlite3.Connection:
        """Nobody else has the database open. The log beside it is ended: it would be read into whatever takes this one's place."""
        connection.close()
        old = sqlite3.connect(self.path, timeout=1, isolation_level=None)
        try:
            old.execute("PRAGMA journal_mode=DELETE")
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            old.close()
            raise CommandError(IN_USE) from error
        return old

    def holds_data(self) -> bool:
        return self.path.exists() and has_rows(wrapper_on(str(self.path)))

    def create(self) -> str:
        self.drop_staged()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.staged

    def load(self, stream: Iterable[bytes]) -> None:
        unpacker = zlib.decompressobj(wbits=31)
        with os.fdopen(os.open(self.staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for some in stream:
                file.write(unpacker.decompress(some))
            file.write(unpacker.flush())
            file.flush()
            os.fsync(file.fileno())
        staged = wrapper_on(self.staged)
        try:
            with staged.cursor() as cursor:
                faults = [*cursor.execute("PRAGMA integrity_check(5)").fetchall(), *cursor.execute("PRAGMA foreign_key_check").fetchmany(5)]
        finally:
            staged.close()
        if faults != [("ok",)]:
            raise CommandError("The database of the backup is damaged.")

    def swap(self, aside: str, *, keep: bool) -> str | None:
        """The name of the old one, if it is kept."""
        staged = sqlite3.connect(self.staged)
        staged.execute("PRAGMA journal_mode=DELETE")
        staged.close()
        _sync(Path(self.staged))
        if not self.path.exists():
            os.replace(self.staged, self.path)
            return None
        kept = self.path.with_name(f"{self.path.name}.{aside}") if keep else None
        with closing(self._alone()):
            if kept:
                os.link(self.path, kept)
            os.replace(self.staged, self.path)
            _sync(self.path.parent)
        return str(kept) if kept else None

    def drop_staged(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.staged}{ending}").unlink(missing_ok=True)

    def web_roles(self, reading: Reading) -> list[str]:
        return []


def _compressed(path: Path) -> Iterator[bytes]:
    packer = zlib.compressobj(level=3, wbits=31)
    with path.open("rb") as file:
        while some := file.read(PIECE):
            yield packer.compress(some)
    yield packer.flush()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
