"""Each line of the ledger of erasures tells under which key it was made."""
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0026_event_with_measure")]

    operations = [
        migrations.AddField(
            model_name="erasedrecord",
            name="key",
            field=models.CharField(db_default="", default="", max_length=16),
        ),
    ]
