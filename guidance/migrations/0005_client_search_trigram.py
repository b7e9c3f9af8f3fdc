"""Search in part of a name by index: PostgreSQL only, where the extension comes with the database itself."""
from django.db import migrations

INDEX = "client_search_name_trigram"


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {INDEX} ON guidance_client USING gin (search_name gin_trgm_ops)")


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("guidance", "0004_check_run")]

    operations = [migrations.RunPython(create, drop)]
