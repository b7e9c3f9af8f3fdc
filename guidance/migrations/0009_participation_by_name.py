"""Each participation repeats what its client is ordered and found by; the index of parts of names is PostgreSQL's."""
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery

INDEX = "participation_search_trigram"


def repeat(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        # The portal's limit for a statement is one for pages.
        schema_editor.execute("SET LOCAL statement_timeout = 0")
    client = apps.get_model("guidance", "Client").objects.filter(pathways__participations=OuterRef("pk"))
    apps.get_model("guidance", "Participation").objects.update(sort_key=Subquery(client.values("sort_key")[:1]), search_name=Subquery(client.values("search_name")[:1]))


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
        schema_editor.execute(f"CREATE INDEX {INDEX} ON guidance_participation USING gin (organisation_id, search_name gin_trgm_ops)")


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("guidance", "0008_consents")]

    operations = [
        migrations.AddField("participation", "sort_key", models.CharField(default="", editable=False, max_length=1000), preserve_default=False),
        migrations.AddField("participation", "search_name", models.CharField(default="", editable=False, max_length=210), preserve_default=False),
        migrations.RunPython(repeat, migrations.RunPython.noop),
        migrations.AddIndex("participation", models.Index(condition=Q(("ends_at", None)), fields=["organisation", "sort_key", "id"], name="participation_by_name")),
        migrations.RunPython(create, drop),
    ]
