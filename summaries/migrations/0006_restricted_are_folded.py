from django.db import migrations


class Migration(migrations.Migration):
    """Pathways whose use is restricted are no longer counted: the next run of run_due takes out those that were."""

    dependencies = [("guidance", "0026_event_with_measure"), ("summaries", "0005_hidden_counts_go")]
    operations = [
        migrations.RunSQL(
            'INSERT INTO summaries_stalefact (pathway_id, "at") SELECT id, CURRENT_TIMESTAMP FROM guidance_pathway WHERE restricted_at IS NOT NULL',
            migrations.RunSQL.noop,
        ),
    ]
