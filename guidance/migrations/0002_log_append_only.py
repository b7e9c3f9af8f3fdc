from django.db import migrations

from accounts.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("guidance", "0001_initial")]
    operations = [guard("guidance_accesslog"), guard("guidance_accesslogsubject")]
