from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.registries import guarded_tables

MIGRATIONS = "django_migrations"


class Command(BaseCommand):
    help = (
        "PostgreSQL: gives the role that serves the portal what it needs and no more. It may add to the append-only logs and read them, "
        "and change everything else; it owns nothing. Run it as the owner after each migrate."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("role", help="a login role that exists already: CREATE ROLE kopa_web LOGIN PASSWORD '…'")

    def handle(self, *args, role: str, **options) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite has no roles: there the triggers and the seals are the only guard.")
        with connection.cursor() as cursor:
            self._refuse_unfit(cursor, role)
            with transaction.atomic():
                for statement in grants(role, connection.introspection.table_names(cursor)):
                    cursor.execute(statement)
                self._refuse_more(cursor, role)
        self.stdout.write(f"{role} may add to {', '.join(guarded_tables)} and read them; everything else it may change. It owns nothing.")

    def _refuse_unfit(self, cursor, role: str) -> None:
        cursor.execute("SELECT rolsuper OR rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None:
            raise CommandError(f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'")
        if found[0]:
            raise CommandError(f"{role} is a superuser, makes roles or replicates: it could switch the triggers off. Take another one.")
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = current_schema::regnamespace AND pg_has_role(%s, relowner, 'MEMBER') LIMIT 1", [role])
        if owned := cursor.fetchone():
            raise CommandError(f"{role} owns {owned[0]}, or belongs to the role that does: it could switch the triggers off. Take another one.")

    def _refuse_more(self, cursor, role: str) -> None:
        """Rights that come by another way, of PUBLIC or of a role that this one belongs to, are not ours to take away."""
        for table in guarded_tables:
            cursor.execute("SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE, TRUNCATE, TRIGGER')", [role, table])
            if cursor.fetchone()[0]:
                raise CommandError(f"{role} may change {table} by a right of PUBLIC or of a role it belongs to. Take that right away first; nothing was granted.")


def grants(role: str, tables: list[str]) -> list[str]:
    """The statements, those that take away first: a table that is guarded since the last time is guarded now."""
    name = connection.ops.quote_name
    guarded = sorted(table for table in tables if table in set(guarded_tables))
    others = sorted(set(tables) - {*guarded, MIGRATIONS})

    def listed(some: list[str]) -> str:
        return ", ".join(map(name, some))

    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name(role)}",
        f"REVOKE CREATE ON SCHEMA public FROM {name(role)}",
        f"GRANT USAGE ON SCHEMA public TO {name(role)}",
        f"GRANT SELECT ON {name(MIGRATIONS)} TO {name(role)}",
        f"GRANT SELECT, INSERT ON {listed(guarded)} TO {name(role)}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {listed(others)} TO {name(role)}",
    ]
