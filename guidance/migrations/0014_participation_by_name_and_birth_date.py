"""The list of the young walks the index of names without reading the rows of the others."""
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("guidance", "0013_quoted_figures")]

    operations = [
        migrations.RemoveIndex("participation", "participation_by_name"),
        migrations.AddIndex("participation", models.Index(condition=Q(("ends_at", None)), fields=["organisation", "sort_key", "id", "birth_date"], name="participation_by_name")),
    ]
