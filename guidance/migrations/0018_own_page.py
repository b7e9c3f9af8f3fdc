"""The client's own page: account, invitation, one-time link, entries. Of the read log only the lists of codes grow, which changes no table, so its triggers stay."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0017_rights_requests'),
        ('pilots', '0007_provision'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='nextstep',
            name='by_client',
            field=models.BooleanField(db_default=False, default=False, verbose_name='the client does this'),
        ),
        migrations.AlterField(
            model_name='accesslog',
            name='action',
            field=models.CharField(choices=[('view', 'opened'), ('list', 'seen in a list'), ('search', 'found by search'), ('change', 'changed'), ('export', 'exported'), ('print', 'printed or copied as text'), ('refusal', 'refused'), ('link', 'opened by a body outside through its link'), ('own', 'opened by the client')], max_length=20),
        ),
        migrations.AlterField(
            model_name='accesslog',
            name='purpose',
            field=models.CharField(choices=[('guidance', 'guiding the client'), ('handoff', 'answering a hand-off'), ('lead', "the partnership's follow-up"), ('protection', 'supervising data protection'), ('own', "the client's own visit")], max_length=20),
        ),
        migrations.AlterField(
            model_name='attachment',
            name='visibility',
            field=models.CharField(choices=[('participants', 'every participating organisation, and the client'), ('organisations', 'every participating organisation, not the client'), ('chosen', 'chosen organisations'), ('own', 'own organisation only')], default='participants', max_length=20, verbose_name='who may read this'),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('call', 'call'), ('no_answer', 'no answer'), ('message', 'message'), ('visit', 'visit'), ('joint_meeting', 'joint meeting'), ('no_show', 'no-show'), ('drop_in', 'drop-in talk'), ('check_in', 'check-in during studies'), ('note', 'note'), ('client', 'written by the client'), ('answer', 'answer to the client'), ('move', 'move to another stage'), ('handoff', 'hand-off'), ('step', 'next step'), ('option', 'education option'), ('seat', 'seat on a course'), ('responsibility', 'responsibility'), ('consent', "client's consent"), ('protection', 'non-disclosure for personal safety'), ('opened', 'pathway opened'), ('closed', 'pathway ended'), ('merged', 'files merged')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='event',
            name='visibility',
            field=models.CharField(choices=[('participants', 'every participating organisation, and the client'), ('organisations', 'every participating organisation, not the client'), ('chosen', 'chosen organisations'), ('own', 'own organisation only')], default='participants', max_length=20, verbose_name='who may read this'),
        ),
        migrations.CreateModel(
            name='AppointmentLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('pathway', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appointment_links', to='guidance.pathway')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ClientAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('local_reason', models.CharField(blank=True, choices=[('no_means', 'the client has no means of strong identification and was identified face to face'), ('safety', 'strong identification would endanger the client'), ('other', 'another reason')], max_length=20, verbose_name='why without strong identification')),
                ('local_text', models.CharField(blank=True, max_length=200, verbose_name='the reason in words')),
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='account', to='guidance.client')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='client_account', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': "client's account",
            },
        ),
        migrations.CreateModel(
            name='ClientEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('goal', 'my goal and wishes'), ('done', 'I did this'), ('question', 'a question'), ('not_contacted', 'nobody has contacted me'), ('not_right', 'this is not right')], max_length=20, verbose_name='what it is')),
                ('at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='guidance.clientaccount')),
                ('answer', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='answers', to='guidance.event')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='entry', to='guidance.event')),
                ('pathway', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='guidance.pathway')),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='entries', to='guidance.rightsrequest')),
                ('step', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='entries', to='guidance.nextstep')),
            ],
            options={
                'verbose_name': "client's entry",
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ClientInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('key_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('language', models.CharField(choices=[('fi', 'Finnish'), ('sv', 'Swedish'), ('en', 'English')], default='fi', max_length=2, verbose_name='language of the mail')),
                ('local_reason', models.CharField(blank=True, choices=[('no_means', 'the client has no means of strong identification and was identified face to face'), ('safety', 'strong identification would endanger the client'), ('other', 'another reason')], max_length=20, verbose_name='why without strong identification')),
                ('local_text', models.CharField(blank=True, max_length=200, verbose_name='the reason in words')),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='guidance.client')),
            ],
            options={
                'verbose_name': "client's invitation",
                'ordering': ['-sent_at', '-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='clientaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('local_reason', ''), ('local_text', '')), models.Q(models.Q(('local_reason', ''), _negated=True), models.Q(('local_text', ''), _negated=True)), _connector='OR'), name='client_account_reason_in_words', violation_error_message='Write why strong identification is left out.'),
        ),
        migrations.AddIndex(
            model_name='cliententry',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['pathway', 'at'], name='entry_unanswered'),
        ),
        migrations.AddConstraint(
            model_name='cliententry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', None), ('answered_at', None), ('answered_by', None)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='entry_answer_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='clientinvitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('local_reason', ''), ('local_text', '')), models.Q(models.Q(('local_reason', ''), _negated=True), models.Q(('local_text', ''), _negated=True)), _connector='OR'), name='client_invitation_reason_in_words', violation_error_message='Write why strong identification is left out.'),
        ),
        migrations.AddConstraint(
            model_name='clientinvitation',
            constraint=models.CheckConstraint(condition=models.Q(('used_at', None), ('revoked_at', None), _connector='OR'), name='client_invitation_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='clientinvitation',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None), ('used_at', None)), fields=('client',), name='client_invitation_one_open', violation_error_message='An invitation has been sent already. Send it again, or revoke it first.'),
        ),
    ]
