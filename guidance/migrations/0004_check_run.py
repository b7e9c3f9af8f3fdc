from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0003_access_log_link")]

    operations = [
        migrations.CreateModel(
            name="CheckRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("findings", models.JSONField(default=list)),
            ],
            options={"ordering": ["-at", "-id"]},
        ),
    ]
