import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("pilots", "0003_measures"),
    ]

    operations = [
        migrations.RenameModel("Indicator", "IndicatorValue"),
        migrations.RemoveConstraint("IndicatorValue", "indicator_once_a_year"),
        migrations.CreateModel(
            name='ReplacedValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.DecimalField(decimal_places=2, max_digits=14)),
                ('borders_year', models.PositiveSmallIntegerField()),
                ('source', models.CharField(max_length=300)),
                ('retrieved_on', models.DateField(blank=True, null=True)),
                ('replaced_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-replaced_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='indicatorvalue',
            name='part',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='part of the municipality'),
        ),
        migrations.AddField(
            model_name='indicatorvalue',
            name='retrieved_on',
            field=models.DateField(blank=True, null=True, verbose_name='retrieved on'),
        ),
        migrations.AddField(
            model_name='indicatorvalue',
            name='vintage',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='projection made in'),
        ),
        migrations.AlterField(
            model_name='indicatorvalue',
            name='measure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='pilots.measure'),
        ),
        migrations.CreateModel(
            name='IndicatorImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uploaded_at', models.DateTimeField()),
                ('file_name', models.CharField(max_length=150, verbose_name='file name')),
                ('content', models.BinaryField(blank=True, default=b'')),
                ('mapping', models.JSONField(default=dict)),
                ('step', models.CharField(choices=[('waiting', 'waits to be looked at'), ('stored', 'stored'), ('dropped', 'discarded')], default='waiting', max_length=10)),
                ('stored_at', models.DateTimeField(blank=True, null=True)),
                ('added', models.PositiveIntegerField(default=0)),
                ('replaced', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
            ],
            options={
                'verbose_name': 'file of figures',
                'verbose_name_plural': 'files of figures',
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='indicatorvalue',
            name='batch',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.indicatorimport'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.UniqueConstraint(fields=('municipality', 'measure', 'vintage', 'part', 'year'), name='indicator_once_a_year'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.CheckConstraint(condition=models.Q(('vintage', 0), ('vintage__range', (1990, 2100)), _connector='OR'), name='indicator_vintage_is_a_year', violation_error_message='A projection names the year in which it was made.'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.CheckConstraint(condition=models.Q(('year__range', (1900, 2150))), name='indicator_year_in_range', violation_error_message='The year must lie between 1900 and 2150.'),
        ),
        migrations.AddField(
            model_name='replacedvalue',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.indicatorimport'),
        ),
        migrations.AddField(
            model_name='replacedvalue',
            name='indicator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replaced', to='pilots.indicatorvalue'),
        ),
        migrations.AddConstraint(
            model_name='indicatorimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('step', 'stored'), ('stored_at__isnull', False)), models.Q(models.Q(('step', 'stored'), _negated=True), ('stored_at', None)), _connector='OR'), name='indicator_import_stored_has_time'),
        ),
        migrations.AddConstraint(
            model_name='indicatorimport',
            constraint=models.CheckConstraint(condition=models.Q(('step', 'waiting'), ('content', b''), _connector='OR'), name='indicator_import_erased_after'),
        ),
    ]
