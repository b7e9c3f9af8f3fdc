from django.db import migrations, models

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_audit_append_only")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=10)),
                ("row_id", models.BigIntegerField()),
                ("newest_at", models.DateTimeField()),
                ("mac", models.CharField(max_length=64)),
            ],
            options={"ordering": ["id"], "indexes": [models.Index(fields=["kind", "row_id"], name="seal_by_row")]},
        ),
        migrations.CreateModel(
            name="SealCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("position", models.BigIntegerField()),
                ("head", models.CharField(blank=True, max_length=64)),
                ("fault_count", models.PositiveBigIntegerField()),
                ("faults", models.JSONField(default=list)),
            ],
            options={"ordering": ["-id"]},
        ),
        guard("accounts_seal"),
        guard("accounts_sealcheck"),
    ]
