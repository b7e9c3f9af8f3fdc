"""A pathway's seats on shared courses, tied by their opaque references."""
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0014_participation_by_name_and_birth_date'),
        ('pilots', '0001_initial'),
        ('services', '0004_courses'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('call', 'call'), ('no_answer', 'no answer'), ('message', 'message'), ('visit', 'visit'), ('joint_meeting', 'joint meeting'), ('no_show', 'no-show'), ('drop_in', 'drop-in talk'), ('check_in', 'check-in during studies'), ('note', 'note'), ('move', 'move to another stage'), ('handoff', 'hand-off'), ('step', 'next step'), ('option', 'education option'), ('seat', 'seat on a course'), ('responsibility', 'responsibility'), ('consent', "client's consent"), ('protection', 'non-disclosure for personal safety'), ('opened', 'pathway opened'), ('closed', 'pathway ended'), ('merged', 'files merged')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='PathwayEnrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_state', models.CharField(choices=[('held', 'seat held'), ('waiting', 'on the waiting list'), ('applied', 'applied'), ('enrolled', 'enrolled'), ('declined', 'not admitted'), ('cancelled', 'cancelled'), ('expired', 'expired'), ('completed', 'completed'), ('interrupted', 'interrupted')], max_length=15)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('enrolment', models.OneToOneField(db_column='reference', on_delete=django.db.models.deletion.CASCADE, related_name='+', to='services.enrolment', to_field='reference')),
                ('option', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='enrolments', to='guidance.educationoption', verbose_name='education option')),
                ('pathway', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='guidance.pathway')),
                ('step', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='guidance.nextstep')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
    ]
