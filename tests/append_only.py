"""The one place that takes the append-only triggers off: around the emptying of the tables after a transactional test, and
for a test that tampers as the owner of the database could.

Django's own way empties every table anew and writes its permissions again, some seconds of a busy PostgreSQL after each test; few
tables have rows then, so those are emptied row by row while that is little.
"""
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

from accounts.append_only import install_triggers, remove_triggers
from accounts.registries import guarded_tables
from services import fixed

# A new database has 5 MB; deleted rows stay in it until everything is emptied anew.
MOST_BYTES = 40_000_000
MADE_BY_MIGRATE = {"auth_permission", "django_content_type"}


@pytest.fixture(scope="session", autouse=True)
def _empty_guarded_tables_too() -> Iterator[None]:
    empty_tables = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        if _has_few_rows():
            return _delete_rows()
        change_triggers(remove_triggers)
        # SQLite empties by DELETE, which what has been agreed on refuses too.
        from services.models import Agreement

        agreed = connection.vendor == "sqlite" and Agreement.objects.exists()
        if agreed:
            change_fixed(fixed.remove)
        try:
            empty_tables(self)
        finally:
            change_triggers(install_triggers)
            if agreed:
                change_fixed(fixed.install)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


def _has_few_rows() -> bool:
    """Where rows can be deleted past every trigger, which a superuser of PostgreSQL can; and how much there is beside them does not grow."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')::bool AND sum(pg_relation_size(oid)) < %s FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace", [MOST_BYTES])
        return cursor.fetchone()[0]


def _delete_rows() -> None:
    name = connection.ops.quote_name
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - MADE_BY_MIGRATE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {name(table)})" for table in tables))
        full = [table for (table,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in full:
            cursor.execute(f"DELETE FROM {name(table)}")
    if full:
        # Else the next tests' queries read through all that was deleted before them.
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(map(name, full))}")


def change_fixed(change) -> None:
    with connection.schema_editor(atomic=connection.features.can_rollback_ddl) as editor:
        change(editor)


def change_triggers(change) -> None:
    with connection.schema_editor(atomic=connection.features.can_rollback_ddl) as editor:
        for table in guarded_tables:
            change(editor, table)


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, the guarded tables can be changed; needs a transactional test."""
    change_triggers(remove_triggers)
    try:
        yield
    finally:
        change_triggers(install_triggers)
