"""What whoever runs the portal is told, and how the portal is told of by them; docs/operation.md."""
from django.core.exceptions import ImproperlyConfigured
from django.utils.dateparse import parse_date

from kopa_portal.settings.environment import env

# Opens /metrics and the details of /ready, sent as `Authorization: Bearer …`. Without one /metrics does not exist.
OPERATION_TOKEN = env.str("OPERATION_TOKEN", default="")
# Where `manage.py backup` writes, and the time of its last good one. Without it /ready does not judge backups.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
READY_MIN_FREE_MB = env.int("READY_MIN_FREE_MB", default=500)

# /.well-known/security.txt (RFC 9116): whom to tell of a weakness, and until when that holds.
SECURITY_CONTACT = env.list("SECURITY_CONTACT", default=[])
_expires = env.str("SECURITY_TXT_EXPIRES", default="")
try:
    SECURITY_TXT_EXPIRES = parse_date(_expires) if _expires else None
except ValueError:
    SECURITY_TXT_EXPIRES = None
if _expires and SECURITY_TXT_EXPIRES is None:
    raise ImproperlyConfigured("SECURITY_TXT_EXPIRES must be a day such as 2027-06-30.")
