"""Of the read log only the list of codes grows, which changes no table, so its triggers stay."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0021_restriction_erasure_retention'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accesslog',
            name='purpose',
            field=models.CharField(choices=[('guidance', 'guiding the client'), ('handoff', 'answering a hand-off'), ('lead', "the partnership's follow-up"), ('protection', 'supervising data protection'), ('own', "the client's own visit"), ('rights', 'answering what the client asked about the own data'), ('shared', 'shared by the client')], max_length=20),
        ),
    ]
