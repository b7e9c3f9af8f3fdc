"""Each participation repeats its client's birth date, by which the list is narrowed."""
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def repeat(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        # The portal's limit for a statement is one for pages.
        schema_editor.execute("SET LOCAL statement_timeout = 0")
    client = apps.get_model("guidance", "Client").objects.filter(pathways__participations=OuterRef("pk"))
    apps.get_model("guidance", "Participation").objects.update(birth_date=Subquery(client.values("birth_date")[:1]))


class Migration(migrations.Migration):
    dependencies = [("guidance", "0011_event_taken_back")]

    operations = [
        migrations.AddField("participation", "birth_date", models.DateField(editable=False, null=True)),
        migrations.RunPython(repeat, migrations.RunPython.noop),
        migrations.AlterField("participation", "birth_date", models.DateField(editable=False)),
        migrations.RemoveIndex("participation", "participation_now"),
        migrations.AddIndex("participation", models.Index(condition=Q(("ends_at", None)), fields=["organisation", "pathway", "birth_date"], name="participation_now")),
    ]
