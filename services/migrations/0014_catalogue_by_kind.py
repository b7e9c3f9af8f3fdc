"""The catalogue by its most used filter, in the order of its list, and by language, whose codes stand between quotes in a text."""
from django.db import migrations, models

INDEX = "service_languages_trigram"


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {INDEX} ON services_sharedservice USING gin ((upper(languages::text)) gin_trgm_ops)")


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("services", "0013_catalogue_trigrams")]

    operations = [
        *(
            migrations.AddIndex("sharedservice", models.Index(fields=["kind", f"sort_key_{language}", "id"], condition=models.Q(state="public"), name=f"service_kind_by_name_{language}"))
            for language in ("fi", "sv")
        ),
        migrations.RunPython(create, drop),
    ]
