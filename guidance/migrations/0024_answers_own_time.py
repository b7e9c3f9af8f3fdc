"""Each organisation has its own time to answer: what was taken more moved the day of all that were asked."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from guidance.choices.rights import months_after


def give_each_its_own(apps, schema_editor):
    Request, Answer = apps.get_model("guidance", "RightsRequest"), apps.get_model("guidance", "RightsAnswer")
    asked = Request.objects.filter(pk=OuterRef("request"))
    Answer.objects.update(asked_at=Subquery(asked.values("received_at")), due_on=Subquery(asked.values("due_on")))
    for request in Request.objects.filter(extended_at__isnull=False).select_related("extended_by"):
        answers = Answer.objects.filter(request=request)
        own = answers.filter(organisation=request.extended_by.organisation_id)
        own.update(extended_at=request.extended_at, extended_by=request.extended_by_id, extension_reason=request.extension_reason)
        answers.exclude(pk__in=own.values("pk")).update(due_on=months_after(timezone.localdate(request.received_at), 1))
    # PostgreSQL changes no table that waits for its keys to be looked at.
    schema_editor.connection.check_constraints()


def give_the_request_the_latest(apps, schema_editor):
    Request, Answer = apps.get_model("guidance", "RightsRequest"), apps.get_model("guidance", "RightsAnswer")
    Request.objects.update(due_on=Subquery(Answer.objects.filter(request=OuterRef("pk")).order_by("-due_on").values("due_on")[:1]))
    for answer in Answer.objects.filter(extended_at__isnull=False):
        Request.objects.filter(pk=answer.request_id).update(extended_at=answer.extended_at, extended_by=answer.extended_by_id, extension_reason=answer.extension_reason)
    schema_editor.connection.check_constraints()


REASON = {"verbose_name": "why more time is needed", "max_length": 20, "choices": [("complex", "The request is complex."), ("many", "The organisation has had many requests.")], "blank": True}
WHOLE = Q(("extended_at", None), ("extended_by", None), ("extension_reason", "")) | Q(("extended_at__isnull", False), ("extended_by__isnull", False), ("extension_reason__in", ["complex", "many"]))


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0023_purpose_shared'),
    ]

    operations = [
        migrations.AlterModelOptions(name='rightsrequest', options={'ordering': ['received_at', 'id'], 'verbose_name': 'request about the own data'}),
        migrations.AddField(model_name='rightsanswer', name='asked_at', field=models.DateTimeField(null=True, verbose_name='asked')),
        migrations.AddField(model_name='rightsanswer', name='due_on', field=models.DateField(null=True, verbose_name='answer due')),
        migrations.AddField(model_name='rightsanswer', name='extended_at', field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            model_name='rightsanswer', name='extended_by', field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pilots.membership')
        ),
        migrations.AddField(model_name='rightsanswer', name='extension_reason', field=models.CharField(default='', **REASON), preserve_default=False),
        # So that the way back has a column to fill.
        migrations.AlterField(model_name='rightsrequest', name='due_on', field=models.DateField(null=True, verbose_name='answer due')),
        migrations.RunPython(give_each_its_own, give_the_request_the_latest),
        migrations.AlterField(model_name='rightsanswer', name='asked_at', field=models.DateTimeField(verbose_name='asked')),
        migrations.AlterField(model_name='rightsanswer', name='due_on', field=models.DateField(verbose_name='answer due')),
        migrations.AddConstraint(
            model_name='rightsanswer', constraint=models.CheckConstraint(condition=WHOLE, name='rights_answer_extension_is_whole', violation_error_message='More time needs its reason.')
        ),
        migrations.RemoveConstraint(model_name='rightsrequest', name='rights_request_extension_is_whole'),
        *(migrations.RemoveField(model_name='rightsrequest', name=name) for name in ('due_on', 'extended_at', 'extended_by', 'extension_reason')),
    ]
