from django.db import migrations, models


class Migration(migrations.Migration):
    """Only the list of codes grows: no database changes the table, so its append-only triggers stay."""

    dependencies = [("guidance", "0002_log_append_only")]

    operations = [
        migrations.AlterField(
            model_name="accesslog",
            name="action",
            field=models.CharField(
                choices=[
                    ("view", "opened"),
                    ("list", "seen in a list"),
                    ("search", "found by search"),
                    ("change", "changed"),
                    ("export", "exported"),
                    ("print", "printed or copied as text"),
                    ("refusal", "refused"),
                    ("link", "opened by a body outside through its link"),
                ],
                max_length=20,
            ),
        ),
    ]
