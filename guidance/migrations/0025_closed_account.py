"""What a client has written stays with the guidance when the client closes the account."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0024_answers_own_time")]

    operations = [
        migrations.AlterField(
            model_name="cliententry",
            name="account",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="entries", to="guidance.clientaccount"),
        ),
    ]
