"""No two occupancies of a leaf overlap: the database refuses the second, whatever the application does.

PostgreSQL has an exclusion constraint, SQLite triggers; neither can be said in a model's Meta for both. SQLite drops
the triggers of a table that it rebuilds: a migration that changes `services_occupancy` ends with this step again.
"""
from django.db import migrations

TABLE = "services_occupancy"
NAME = "occupancy_no_overlap"
OVERLAPS = f"EXISTS (SELECT 1 FROM {TABLE} other WHERE other.resource_id = NEW.resource_id AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at AND other.id <> NEW.id)"


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&)")
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(
            f"CREATE TRIGGER {NAME}_{event.lower()} AFTER {event} ON {TABLE} WHEN {OVERLAPS} BEGIN SELECT RAISE(ABORT, '{NAME}'); END",
            params=None,
        )


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {NAME}")
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{event}", params=None)


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
