"""Limits of unusual reading, and the read log by organisation. An index alone rebuilds no table, so the triggers of the log stay."""
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0015_pathway_enrolments'),
        ('pilots', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingThreshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('many_clients', 'Many clients in a day'), ('night', 'At night, between 22 and 6'), ('own_name', "A client of the reader's own name"), ('same_surname', "A client of the reader's surname")], max_length=20)),
                ('threshold', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='from this number on')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reading_thresholds', to='pilots.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'rule'), name='reading_threshold_once'),
                    models.CheckConstraint(condition=models.Q(('threshold__gte', 1)), name='reading_threshold_is_a_number', violation_error_message='Give a number from 1 on.'),
                ],
            },
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(fields=['organisation_id', '-id'], name='access_log_by_organisation'),
        ),
    ]
