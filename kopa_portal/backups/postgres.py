"""PostgreSQL: pg_dump in an exported snapshot, a new database beside the old one, and two renamings in one transaction."""
import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import connection
from django.db.utils import DatabaseError

from kopa_portal.backups.reading import EMPTIED, IN_USE, PIECE, Reading, has_rows, wrapper_on


class Postgres:
    dump_name = "database.pgdump"

    def __init__(self) -> None:
        self.name = connection.settings_dict["NAME"]
        self.staged = f"{self.name}_restore"

    @contextmanager
    def snapshot(self, scratch: Path) -> Iterator[Reading]:
        reading = wrapper_on(self.name)
        try:
            with reading.cursor() as cursor:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cursor.execute("SELECT pg_export_snapshot()")
                (snapshot,) = cursor.fetchone()
            yield Reading(reading, self._dump(snapshot))
        finally:
            reading.close()

    def _dump(self, snapshot: str) -> Iterator[bytes]:
        left_out = [f"--exclude-table-data={table}" for table in EMPTIED]
        with _program("pg_dump", self.name, "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", *left_out, stdout=subprocess.PIPE) as running:
            while some := running.stdout.read(PIECE):
                yield some

    def refuse_in_use(self) -> None:
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", [self.name])
            if cursor.fetchone():
                raise CommandError(IN_USE)

    def holds_data(self) -> bool:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            there = cursor.fetchone()
        return bool(there) and has_rows(wrapper_on(self.name))

    def create(self) -> str:
        """A new database with the letters' order of the old one."""
        quote = connection.ops.quote_name
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper, rolname FROM pg_roles WHERE rolname = current_user")
            may, role = cursor.fetchone()
            if not may:
                raise CommandError(f"The role {role} may not make databases, and a backup is restored into a new one. As an administrator: ALTER ROLE {quote(role)} CREATEDB")
            cursor.execute("SELECT datcollate, datctype FROM pg_database WHERE datname = %s", [self.name])
            order = "".join(f" {name} '{value}'" for name, value in zip(("LC_COLLATE", "LC_CTYPE"), cursor.fetchone() or (), strict=False))
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(self.staged)} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quote(self.staged)} TEMPLATE template0 ENCODING 'UTF8'{order}")
        return self.staged

    def load(self, stream: Iterable[bytes]) -> None:
        whole = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", "--no-comments")
        # A broken pipe: it has ended, and its own words come.
        with _program("pg_restore", self.staged, *whole, f"--dbname={self.staged}", stdin=subprocess.PIPE) as running, suppress(BrokenPipeError):
            for some in stream:
                running.stdin.write(some)
            running.stdin.close()
        staged = wrapper_on(self.staged)
        with staged.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("ANALYZE")
        staged.close()

    def swap(self, aside: str, *, keep: bool) -> str | None:
        """Both renamings or neither; PostgreSQL refuses them while somebody is connected. To the old one nobody connects any more: who was erased since stands in it, and its rights go with the name."""
        quote, kept = connection.ops.quote_name, f"{self.name}_{aside}".replace("-", "_")
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            first = f"ALTER DATABASE {quote(self.name)} RENAME TO {quote(kept)}; ALTER DATABASE {quote(kept)} ALLOW_CONNECTIONS false;" if cursor.fetchone() else ""
            try:
                cursor.execute(f"BEGIN; {first} ALTER DATABASE {quote(self.staged)} RENAME TO {quote(self.name)}; COMMIT")
            except DatabaseError as error:
                cursor.execute("ROLLBACK")
                raise CommandError(f"{IN_USE} ({str(error).splitlines()[0]})") from error
            if first and not keep:
                cursor.execute(f"DROP DATABASE {quote(kept)}")
        return kept if first and keep else None

    def drop_staged(self) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(self.staged)} WITH (FORCE)")

    def web_roles(self, reading: Reading) -> list[str]:
        """Who serves the portal without owning it: may add to the audit events and is not their owner."""
        return [
            name for (name,) in reading.ask(
                "SELECT DISTINCT grantee.rolname FROM pg_class, aclexplode(relacl) AS given JOIN pg_roles AS grantee ON grantee.oid = given.grantee "
                "WHERE relname = 'accounts_auditevent' AND relnamespace = 'public'::regnamespace AND given.privilege_type = 'INSERT' AND given.grantee <> relowner ORDER BY 1"
            )
        ]


# Names of libpq's variables for what a connection of Django says: nothing of it stands on the command line, where everybody can read it.
VARIABLES = {
    "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT", "passfile": "PGPASSFILE", "service": "PGSERVICE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}


@contextmanager
def _program(program: str, name: str, *arguments: str, **pipes: Any) -> Iterator[Any]:
    """One of PostgreSQL's own programs on the database `name`; CommandError with its first words when it fails."""
    given = connection.get_connection_params()
    environment = os.environ | {variable: str(given[key]) for key, variable in VARIABLES.items() if given.get(key)} | {"PGDATABASE": name}
    path = shutil.which(program) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{program}")), default=None)
    if path is None:
        raise CommandError(f"{program} is not on this machine; add it with: apt-get install postgresql-client")
    running = subprocess.Popen([path, "--no-password", *arguments], env=environment, stderr=subprocess.PIPE, **pipes)
    said: list[bytes] = []
    # Read beside, so that a program with much to say does not wait for us.
    reader = threading.Thread(target=lambda: said.append(running.stderr.read()))
    reader.start()
    try:
        yield running
    except BaseException:
        running.kill()
        raise
    finally:
        for pipe in filter(None, (running.stdin, running.stdout)):
            with suppress(BrokenPipeError):
                pipe.close()
        code = running.wait()
        reader.join()
        running.stderr.close()
    if code:
        # The rest may hold values of rows.
        first = next((line for line in b"".join(said).decode(errors="replace").splitlines() if "error" in line), "it told nothing")
        raise CommandError(f"{program} failed: {first}")
