from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Who decided about a transfer and when; earlier hand-offs have none."""

    dependencies = [("guidance", "0009_participation_by_name")]

    operations = [
        migrations.AddField("handoff", "decided_by", models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="who decided")),
        migrations.AddField("handoff", "decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
        migrations.AddConstraint(
            "handoff",
            models.CheckConstraint(
                condition=Q(decided_by="", decided_on=None) | (Q(kind="transfer", decided_on__isnull=False) & ~Q(decided_by="")),
                name="handoff_decision_is_whole",
                violation_error_message="The decision about a transfer has both who decided and the day.",
            ),
        ),
    ]
