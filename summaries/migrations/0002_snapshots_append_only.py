from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("summaries", "0001_snapshots")]
    operations = [guard("summaries_summarysnapshot")]
