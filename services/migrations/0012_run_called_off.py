"""A run can be called off, with its reason. SQLite builds the table anew, so its triggers are made again; see 0004_courses."""
from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

courses = import_module('services.migrations.0004_courses')


class Migration(migrations.Migration):

    dependencies = [
        ('pilots', '0001_initial'),
        ('services', '0011_list_imports'),
    ]

    operations = [
        migrations.RunPython(courses.drop, courses.create),
        migrations.AddField(
            model_name='courserun',
            name='called_off_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='courserun',
            name='called_off_because',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason'),
        ),
        migrations.AddField(
            model_name='courserun',
            name='called_off_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership'),
        ),
        migrations.AddConstraint(
            model_name='courserun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('called_off_at', None), ('called_off_because', '')), models.Q(('called_off_at__isnull', False), models.Q(('called_off_because', ''), _negated=True)), _connector='OR'), name='course_run_called_off_has_reason'),
        ),
        courses.NOT_OVERSOLD,
    ]
