"""The one place that takes the append-only triggers off: around the emptying of the tables after a transactional test, and
for a test that tampers as the owner of the database could."""
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase

from accounts.append_only import install_triggers, remove_triggers
from accounts.registries import guarded_tables


@pytest.fixture(scope="session", autouse=True)
def _empty_guarded_tables_too() -> Iterator[None]:
    empty_tables = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        change_triggers(remove_triggers)
        try:
            empty_tables(self)
        finally:
            change_triggers(install_triggers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


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
