"""Rows by COPY into tables without indexes, which are built at the end. PostgreSQL only, as a superuser, while nothing else writes."""
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO


def copy(raw, columns: dict[type, str], texts: dict[type, str]) -> None:
    """The lines of each model, in the order of its columns."""
    with raw.cursor() as cursor:
        for model, text in texts.items():
            names = ", ".join(f'"{name}"' for name in columns[model].split())
            cursor.copy_expert(f"COPY {model._meta.db_table} ({names}) FROM STDIN", StringIO(text))


@contextmanager
def bare_tables(tables: list[str]) -> Iterator[None]:
    """Without indexes, unique and exclusion rules and triggers while the rows come; all as they were at the end."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute("SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('u', 'x') AND conrelid = ANY(%s::regclass[])", [tables])
        rules = cursor.fetchall()
        for table, name, _rule in rules:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute("SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE NOT i.indisprimary AND i.indrelid = ANY(%s::regclass[])", [tables])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, rule in rules:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}')


def finish(models: list[type]) -> None:
    """The next keys follow those that came, and PostgreSQL knows what is in the tables."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(model._meta.db_table for model in models)}")
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
        cursor.execute("RESET maintenance_work_mem")
