"""Backups: one encrypted file with the database and the private files, and how it becomes a portal again (docs/backup.md)."""
