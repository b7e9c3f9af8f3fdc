"""Who can open backups, and how long they are kept; where they go, `operation` says."""
from kopa_portal.settings.environment import env

# Public keys of age (age1…): whoever has one of the secret keys can open a backup, this server cannot.
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])
# Whoever is erased stands in old backups for so many days more, and no longer.
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", default=30)
