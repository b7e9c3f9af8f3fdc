"""The one place that takes the append-only triggers off: around the emptying of the tables after a transactional test, and
for a test that tampers as the owner of the database could."""
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase

from accounts.append_only import install_triggers, remove_triggers
from accounts.registries import guarded_tables
from services import fixed


@pytest.fixture(scope="session", autouse=True)
def _empty_guarded_tables_too() -> Iterator[None]:
    empty_tables = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
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
