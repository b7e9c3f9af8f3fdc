from django.db import migrations, models

from accounts.append_only import guard, install_triggers, remove_triggers

TABLE = "summaries_publishedcell"


def open_table(apps, schema_editor):
    remove_triggers(schema_editor, TABLE)


def close_table(apps, schema_editor):
    install_triggers(schema_editor, TABLE)


class Migration(migrations.Migration):
    """Hidden counts are taken out of a table that nothing can be taken out of later.

    They do not come back on the way backwards: a hidden one is then a hidden zero, and the older code, which finds that nothing adds up,
    freezes no later month.
    """

    dependencies = [("summaries", "0004_published")]
    operations = [
        migrations.RunPython(open_table, close_table),
        migrations.RemoveConstraint("publishedcell", "published_cell_tells_no_small_count"),
        migrations.AlterField("publishedcell", "is_told", models.BooleanField(default=True, verbose_name="is told")),
        migrations.AlterField("publishedcell", "count", models.PositiveIntegerField(null=True, verbose_name="count")),
        migrations.RunSQL(
            f'UPDATE {TABLE} SET "count" = NULL WHERE NOT is_told',
            f'UPDATE {TABLE} SET is_told = ("count" IS NOT NULL), "count" = COALESCE("count", 0)',
        ),
        migrations.RemoveField("publishedcell", "is_told"),
        migrations.AddConstraint("publishedcell", models.CheckConstraint(condition=models.Q(count=None) | models.Q(count=0) | models.Q(count__gte=5), name="published_cell_tells_no_small_count")),
        guard(TABLE),
    ]
