"""No page ever read them; facts are what figures are counted from, and a count less is kept of anybody."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("summaries", "0006_restricted_are_folded"),
    ]

    operations = [
        migrations.DeleteModel(
            name="PathwayRollup",
        ),
    ]
