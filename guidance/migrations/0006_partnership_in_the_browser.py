import django.db.models.deletion
import guidance.choices.stage_parts
import guidance.models.partnership
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guidance", "0005_client_search_trigram"),
        ("pilots", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalPartnershipPart",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[("employment", "employment service"), ("college", "education provider"), ("te", "TE services"), ("other", "other partner")],
                        max_length=20,
                        verbose_name="part",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("acts_as_authority", models.BooleanField(blank=True, null=True, verbose_name="acts as an authority in this task")),
                (
                    "processing_statute",
                    models.CharField(
                        blank=True,
                        help_text="Statute and section, as the organisation itself has stated them.",
                        max_length=200,
                        verbose_name="basis of its own processing",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
            ],
            options={
                "verbose_name": "historical partnership part",
                "verbose_name_plural": "historical partnership parts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProgramme",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("code", models.SlugField(max_length=60)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[("measure", "measure or service"), ("framework", "framework"), ("reform", "reform"), ("publication", "publication")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("name_fi", models.CharField(max_length=200, verbose_name="name in Finnish")),
                ("name_sv", models.CharField(blank=True, max_length=200, verbose_name="name in Swedish")),
                ("purpose_fi", models.TextField(blank=True)),
                ("purpose_sv", models.TextField(blank=True)),
                ("for_whom_fi", models.CharField(blank=True, max_length=300)),
                ("for_whom_sv", models.CharField(blank=True, max_length=300)),
                ("text_is_ours", models.BooleanField(default=True)),
                ("quote", models.TextField(blank=True)),
                ("is_historical", models.BooleanField(default=False)),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="offered until")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
            ],
            options={
                "verbose_name": "historical programme",
                "verbose_name_plural": "historical programmes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProgramme_run_by",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "HistoricalProgramme_run_by",
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name="historicalpartnership",
            name="stage_parts",
            field=models.JSONField(
                default=guidance.choices.stage_parts.source_stage_parts,
                validators=[guidance.models.partnership.validate_stage_parts],
                verbose_name="parts that answer for the stages",
            ),
        ),
        migrations.AddField(
            model_name="partnership",
            name="stage_parts",
            field=models.JSONField(
                default=guidance.choices.stage_parts.source_stage_parts,
                validators=[guidance.models.partnership.validate_stage_parts],
                verbose_name="parts that answer for the stages",
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="offered until"),
        ),
        migrations.AlterField(
            model_name="programme",
            name="name_fi",
            field=models.CharField(max_length=200, verbose_name="name in Finnish"),
        ),
        migrations.AlterField(
            model_name="programme",
            name="name_sv",
            field=models.CharField(blank=True, max_length=200, verbose_name="name in Swedish"),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_on", None), ("is_historical", True), _connector="OR"), name="programme_ended_is_historical"
            ),
        ),
        migrations.AddField(
            model_name="historicalpartnershippart",
            name="history_user",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="historicalpartnershippart",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pilots.organisation",
                verbose_name="organisation",
            ),
        ),
        migrations.AddField(
            model_name="historicalpartnershippart",
            name="partnership",
            field=models.ForeignKey(
                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="guidance.partnership"
            ),
        ),
        migrations.AddField(
            model_name="historicalprogramme",
            name="history_user",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="historicalprogramme",
            name="partnership",
            field=models.ForeignKey(
                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="guidance.partnership"
            ),
        ),
        migrations.AddField(
            model_name="historicalprogramme_run_by",
            name="history",
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to="guidance.historicalprogramme"),
        ),
        migrations.AddField(
            model_name="historicalprogramme_run_by",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_tablespace="",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pilots.organisation",
            ),
        ),
        migrations.AddField(
            model_name="historicalprogramme_run_by",
            name="programme",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_tablespace="",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="guidance.programme",
            ),
        ),
    ]
