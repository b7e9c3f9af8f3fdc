"""What is asked of a database for a backup or after a restore, whichever it is."""
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError, OperationalError

from accounts.models import PortalSession
from kopa_portal.operation.sweeping import models_with_files

PIECE = 1024 * 1024
IN_USE = "The database is in use. Stop the portal, the workers and run_due first; nothing was changed."
CACHE = settings.CACHES["default"]["LOCATION"]
# Who is signed in, and what is counted for minutes: keys to the portal that nobody needs in a backup.
EMPTIED = (PortalSession._meta.db_table, CACHE)
# A database that `migrate` and `createcachetable` have just made has rows in these alone.
MADE_BY_MIGRATE = {"django_migrations", "django_content_type", "auth_permission", CACHE}


@dataclass
class Reading:
    """A database at one moment."""

    on: BaseDatabaseWrapper
    stream: Iterator[bytes]

    def ask(self, sql: str) -> list[tuple]:
        with self.on.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def counts(self) -> dict[str, int]:
        return counts(self.on)

    def migrations(self) -> list[list[str]]:
        return sorted([app, name] for app, name in self.ask("SELECT app, name FROM django_migrations"))

    def named_files(self) -> set[str]:
        return {UUID(str(value)).hex for table in tables_with_files() for (value,) in self.ask(f"SELECT stored_as FROM {table}")}


def tables_with_files() -> list[str]:
    return [model._meta.db_table for model in models_with_files()]


def counts(on: BaseDatabaseWrapper) -> dict[str, int]:
    """Rows of each table; those that a backup leaves empty count none."""
    quote = on.ops.quote_name
    with on.cursor() as cursor:
        found = {}
        for table in sorted(on.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {quote(table)}")
            found[table] = 0 if table in EMPTIED else cursor.fetchone()[0]
        return found


def wrapper_on(name: str) -> BaseDatabaseWrapper:
    """A connection of its own to the database of that name, beside the portal's."""
    other = connection.copy()
    other.settings_dict["NAME"] = name
    return other


def has_rows(on: BaseDatabaseWrapper) -> bool:
    try:
        with on.cursor() as cursor:
            for table in set(on.introspection.table_names(cursor)) - MADE_BY_MIGRATE:
                cursor.execute(f"SELECT 1 FROM {on.ops.quote_name(table)} LIMIT 1")
                if cursor.fetchone():
                    return True
        return False
    except OperationalError as error:
        raise CommandError("The database that is there cannot be read. Move it away, or say --replace.") from error
    except DatabaseError:
        # What cannot be read is not ours to throw away.
        return True
    finally:
        on.close()
