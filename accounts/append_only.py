"""Tables whose rows may be added and read, never changed or removed; held by the database itself.

PostgreSQL: row triggers before UPDATE and DELETE and a statement trigger before TRUNCATE.
SQLite: triggers before UPDATE and DELETE, and before the INSERT of an id that exists (INSERT OR REPLACE
would pass otherwise). SQLite rebuilds a table when a column changes and drops its triggers silently:
every migration that touches a guarded table ends with `guard(table)`.
"""
from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def trigger_names(table: str, vendor: str) -> list[str]:
    """The triggers that a guarded table must have, for the test that compares them with the database."""
    kinds = ["row", "truncate"] if vendor == "postgresql" else ["update", "delete", "replace"]
    return [f"{table}_no_{kind}" for kind in kinds]


def install_triggers(schema_editor, table: str) -> None:
    remove_triggers(schema_editor, table)
    if schema_editor.connection.vendor == "postgresql":
        statements = [
            FUNCTION,
            f"CREATE TRIGGER {table}_no_row BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    else:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        statements = [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN NEW.id IN (SELECT id FROM {table}) {refuse}",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def remove_triggers(schema_editor, table: str) -> None:
    vendor = schema_editor.connection.vendor
    for name in trigger_names(table, vendor):
        on = f" ON {table}" if vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)


def guard(table: str) -> migrations.RunPython:
    """A migration step that puts the triggers on, and takes them off on the way back."""
    return migrations.RunPython(
        lambda apps, schema_editor: install_triggers(schema_editor, table),
        lambda apps, schema_editor: remove_triggers(schema_editor, table),
    )
