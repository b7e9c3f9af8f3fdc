from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [guard("accounts_auditevent")]
