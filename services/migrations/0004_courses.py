"""Course runs, quotas and enrolments; and never more seats taken than a run has: the database refuses, whatever the application does.

The PostgreSQL trigger holds the run's row before it counts, so that two who enrol at once are counted one after the other.
SQLite drops the triggers of a table that it rebuilds: a migration that changes either table ends with `NOT_OVERSOLD` again.
"""
import django.db.models.deletion
import uuid
from django.db import migrations, models

NAME = "course_run_not_oversold"
TAKEN = "(SELECT COALESCE(SUM(size), 0) FROM services_enrolment WHERE run_id = {run} AND state IN ('held', 'enrolled', 'completed', 'interrupted'))"
# (table, event, the run's id)
WATCHED = (("services_enrolment", "INSERT", "NEW.run_id"), ("services_enrolment", "UPDATE", "NEW.run_id"), ("services_courserun", "UPDATE", "NEW.id"))
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE run bigint; most bigint;
BEGIN
  IF TG_TABLE_NAME = 'services_courserun' THEN run := NEW.id; ELSE run := NEW.run_id; END IF;
  SELECT seats INTO most FROM services_courserun WHERE id = run FOR UPDATE;
  IF {TAKEN.format(run="run")} > most THEN RAISE EXCEPTION '{NAME}' USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL;
END $$
"""


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION, params=None)
    for table, event, run in WATCHED:
        name, on = f"{NAME}_{table}_{event.lower()}", f"AFTER {event} ON {table}"
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"CREATE TRIGGER {name} {on} FOR EACH ROW EXECUTE FUNCTION {NAME}()", params=None)
        else:
            full = f"{TAKEN.format(run=run)} > (SELECT seats FROM services_courserun WHERE id = {run})"
            schema_editor.execute(f"CREATE TRIGGER {name} {on} WHEN {full} BEGIN SELECT RAISE(ABORT, '{NAME}'); END", params=None)


def drop(apps, schema_editor) -> None:
    for table, event, _run in WATCHED:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{table}_{event.lower()}{on}", params=None)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)


NOT_OVERSOLD = migrations.RunPython(create, drop)


class Migration(migrations.Migration):

    dependencies = [
        ('pilots', '0001_initial'),
        ('services', '0003_feeds'),
    ]

    operations = [
        migrations.CreateModel(
            name='CourseRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='name of the run')),
                ('kind', models.CharField(choices=[('short', 'short course'), ('coaching', 'coaching'), ('taster', 'taster'), ('school_course', 'course of a school'), ('part', 'part of a qualification'), ('qualification', 'qualification')], max_length=15, verbose_name='kind of course')),
                ('first_day', models.DateField(verbose_name='first day')),
                ('last_day', models.DateField(verbose_name='last day')),
                ('timetable', models.CharField(blank=True, max_length=300, verbose_name='timetable')),
                ('weekly_hours', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True, verbose_name='hours a week')),
                ('delivery', models.CharField(choices=[('contact', 'on the spot'), ('remote', 'remotely'), ('hybrid', 'both on the spot and remotely')], default='contact', max_length=10, verbose_name='way')),
                ('seats', models.PositiveIntegerField(verbose_name='seats')),
                ('enrol_by', models.DateField(verbose_name='last day to enrol')),
                ('entry', models.CharField(choices=[('hold', 'seats can be held and taken at once'), ('apply', 'apply, and the provider decides'), ('ask', 'ask the provider')], max_length=10, verbose_name='how one gets in')),
                ('hold_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='days that a seat is held')),
                ('created_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('is_demo', models.BooleanField(default=False, editable=False, verbose_name='demo')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='course_runs', to='services.place', verbose_name='place')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='services.sharedservice', verbose_name='course')),
            ],
            options={
                'verbose_name': 'course run',
                'verbose_name_plural': 'course runs',
                'ordering': ['first_day', 'pk'],
                'indexes': [models.Index(fields=['service', 'first_day'], name='course_run_by_service')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='course_run_days', violation_error_message='The last day must not be before the first.'), models.CheckConstraint(condition=models.Q(('enrol_by__lte', models.F('last_day'))), name='course_run_enrol_by', violation_error_message='One enrols before the course is over.'), models.CheckConstraint(condition=models.Q(('seats__gte', 1)), name='course_run_has_seats', violation_error_message='A run has one seat at least.'), models.CheckConstraint(condition=models.Q(models.Q(('entry', 'hold'), _negated=True), ('kind__in', ('short', 'coaching', 'taster')), _connector='OR'), name='course_run_holdable', violation_error_message='Seats can be held only on short courses, coaching and tasters. For others choose “apply” or “ask”.'), models.CheckConstraint(condition=models.Q(models.Q(('entry', 'hold'), ('hold_days__isnull', False), ('hold_days__range', (1, 60))), models.Q(models.Q(('entry', 'hold'), _negated=True), ('hold_days', None)), _connector='OR'), name='course_run_hold_days', violation_error_message='Say for how many days a seat is held (1–60), and only where seats can be held.')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('size', models.PositiveIntegerField(default=1, verbose_name='seats')),
                ('is_group', models.BooleanField(default=False, verbose_name='a group')),
                ('level', models.CharField(blank=True, choices=[('basic', 'basic education'), ('general', 'general upper secondary education'), ('vocational', 'vocational education'), ('preparatory', 'preparatory education'), ('adult', 'adults')], max_length=15, verbose_name='level of the group')),
                ('special_needs', models.CharField(blank=True, max_length=300, verbose_name='special needs of the group')),
                ('state', models.CharField(choices=[('held', 'seat held'), ('waiting', 'on the waiting list'), ('applied', 'applied'), ('enrolled', 'enrolled'), ('declined', 'not admitted'), ('cancelled', 'cancelled'), ('expired', 'expired'), ('completed', 'completed'), ('interrupted', 'interrupted')], max_length=15, verbose_name='state')),
                ('queue_number', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True, verbose_name='held until')),
                ('attended', models.PositiveIntegerField(blank=True, null=True, verbose_name='how many took part')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('is_demo', models.BooleanField(default=False, editable=False, verbose_name='demo')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='pilots.organisation', verbose_name='organisation')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='services.courserun', verbose_name='course run')),
            ],
            options={
                'verbose_name': 'enrolment',
                'verbose_name_plural': 'enrolments',
                'ordering': ['asked_at', 'pk'],
                'indexes': [models.Index(fields=['run', 'state', 'queue_number'], name='enrolment_by_run'), models.Index(fields=['organisation', 'state'], name='enrolment_by_organisation'), models.Index(fields=['state', 'held_until'], name='enrolment_by_hold')],
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gte', 1)), name='enrolment_has_seats', violation_error_message='Ask for one seat at least.'), models.CheckConstraint(condition=models.Q(models.Q(('is_group', True), models.Q(('level', ''), _negated=True)), models.Q(('is_group', False), ('level', ''), ('special_needs', '')), _connector='OR'), name='enrolment_group_has_level', violation_error_message='Give the level of a group; single seats have neither level nor special needs.'), models.CheckConstraint(condition=models.Q(models.Q(('queue_number__isnull', False), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('queue_number', None)), _connector='OR'), name='enrolment_waiting_has_number'), models.UniqueConstraint(fields=('run', 'queue_number'), name='enrolment_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('held_until__isnull', False), ('state', 'held')), models.Q(models.Q(('state', 'held'), _negated=True), ('held_until', None)), _connector='OR'), name='enrolment_held_until'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ('declined', 'cancelled', 'expired', 'completed', 'interrupted'))), models.Q(models.Q(('state__in', ('declined', 'cancelled', 'expired', 'completed', 'interrupted')), _negated=True), ('ended_at', None), ('ended_by', None)), _connector='OR'), name='enrolment_ended_has_time'), models.CheckConstraint(condition=models.Q(('answered_by', None), ('answered_at__isnull', False), _connector='OR'), name='enrolment_answered_by_with_answer'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='enrolment_declined_has_reason'), models.CheckConstraint(condition=models.Q(('attended', None), models.Q(('attended__lte', models.F('size')), ('state__in', ('enrolled', 'completed', 'interrupted'))), _connector='OR'), name='enrolment_attended', violation_error_message='At most as many took part as were enrolled.')],
            },
        ),
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seats', models.PositiveIntegerField(verbose_name='seats')),
                ('freed_on', models.DateField(verbose_name='open to all from')),
                ('freed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seat_quotas', to='pilots.organisation', verbose_name='organisation')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotas', to='services.courserun')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('run', 'organisation'), name='quota_once_in_a_run', violation_error_message='This organisation has a quota already.'), models.CheckConstraint(condition=models.Q(('seats__gte', 1)), name='quota_has_seats', violation_error_message='A quota has one seat at least.')],
            },
        ),
        NOT_OVERSOLD,
    ]
