"""Words are found by an index: PostgreSQL would compare every text otherwise. SQLite has none, and does.

The cost of the function is that of what it does, so that PostgreSQL asks the index and does not make the tokens of every row anew.
"""
from django.db import migrations, models

TOKENS = """CREATE FUNCTION kopa_tokens(stored text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 400
AS $$ BEGIN RETURN array_to_tsvector(string_to_array(btrim(stored), ' ')); END $$"""
TABLES = ("municipality", "pilotarea", "cooperationmodel", "obstacle", "organisation", "unit", "publication")
# Of these there are thousands, and a name is also found by what stands in the middle of a word.
LARGE = ("cooperationmodel", "obstacle")
INDEXES = {f"{table}_words_found": (table, "kopa_tokens(search_words)") for table in TABLES}
INDEXES |= {f"{table}_{name}_found": (table, f"(upper({name}::text)) gin_trgm_ops") for table in LARGE for name in ("name_fi", "name_sv")}


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(TOKENS)
        for name, (table, what) in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} ON pilots_{table} USING gin ({what})")


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
        schema_editor.execute("DROP FUNCTION IF EXISTS kopa_tokens(text)")


class Migration(migrations.Migration):
    dependencies = [("pilots", "0007_provision")]

    operations = [
        migrations.RunPython(create, drop),
        migrations.AddIndex(model_name="modelstatusperiod", index=models.Index(fields=["starts_on"], name="model_status_by_start")),
    ]
