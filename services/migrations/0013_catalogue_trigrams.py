"""A word inside a text is found by its trigrams: PostgreSQL would read every service otherwise. SQLite has none, and reads them."""
from django.db import migrations

INDEXES = {"service_words_trigram": "search_words", "service_name_fi_trigram": "upper(name_fi::text)", "service_name_sv_trigram": "upper(name_sv::text)"}


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for name, what in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} ON services_sharedservice USING gin (({what}) gin_trgm_ops)")


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("services", "0012_run_called_off")]

    operations = [migrations.RunPython(create, drop)]
