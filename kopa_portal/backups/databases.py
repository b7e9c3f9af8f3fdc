"""Which database the portal runs on."""
from django.db import connection

from kopa_portal.backups.postgres import Postgres
from kopa_portal.backups.sqlite import Sqlite

Database = Sqlite | Postgres


def database() -> Database:
    return Postgres() if connection.vendor == "postgresql" else Sqlite()
