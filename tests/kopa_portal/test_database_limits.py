"""What keeps a connection from waiting for ever and its rows out of the server's log, and that it is told when nothing does."""
import re
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import psycopg2
import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from kopa_portal.checks import TELLING, UNLIMITED
from tests.servers import QUICK, become_unprivileged, postgres_programs, postgres_server

pytestmark = [pytest.mark.django_db, pytest.mark.engine("postgresql")]


def said() -> list[str]:
    return [found.msg + found.hint for found in run_checks(tags=[Tags.database], databases=["default"]) if found.id == UNLIMITED]


def test_portals_own_connections_have_their_limits(settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s) AS name", [list(settings.DATABASE_LIMITS)])
        assert dict(cursor.fetchall()) == settings.DATABASE_LIMITS
    assert said() == []


@pytest.mark.parametrize("name, value", [("lock_timeout", "0"), ("jit", "on")])
def test_limit_that_a_pooler_kept_back_is_told(name, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {name} = {value}")

    (found,) = said()

    assert f"SET {name} = " in found
    assert "statement_timeout" not in found


@pytest.mark.parametrize("asked, owns, told", [(True, True, 0), (True, False, 1), (False, True, 1)])
def test_owner_may_ask_for_statements_without_an_end(settings, asked, owns, told):
    """As deploy/install.sh and docs/deployment.md write the owner's address; of nobody else, and not where nobody asked."""
    own = {unquote(found) for name in ("deploy/install.sh", "docs/deployment.md") for found in re.findall(r"options=(-c%20statement_timeout%3D0[^\s`']*)", Path(name).read_text())}
    assert len(own) == 1
    limits = dict(one.split("=") for one in own.copy().pop().removeprefix("-c ").split(" -c "))
    assert limits.keys() == settings.DATABASE_LIMITS.keys()
    with connection.cursor() as cursor:
        cursor.execute("".join(f"SET LOCAL {name} = '{value}';" for name, value in limits.items()))
        if not owns:
            cursor.execute("CREATE ROLE kopa_no_owner; SET LOCAL ROLE kopa_no_owner")
    before = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = before | {"options": own.pop() if asked else before.get("options", "")}
    try:
        found = said()
    finally:
        connection.settings_dict["OPTIONS"] = before

    assert ["statement_timeout" in one for one in found] == [True] * told


def test_log_that_would_be_told_rows_is_told():
    def found() -> list[str]:
        return [one.id for one in run_checks(tags=[Tags.database], databases=["default"], include_deployment_checks=True) if one.id == TELLING]

    assert found() == [TELLING]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL log_error_verbosity = 'terse'; SET LOCAL log_min_error_statement = 'panic'")
    assert found() == []


def test_rows_that_the_database_refuses_are_not_in_its_log():
    """With deploy/roles.sql, in a database that a restore makes as well."""
    refused = ("INSERT INTO people VALUES ('Aino Marker', 0)", "INSERT INTO people VALUES ('Aino Marker', 1), ('Aino Marker', 1)")
    with postgres_server(*QUICK) as server:
        psql = [*become_unprivileged(), postgres_programs() / "psql", "--no-psqlrc", "--quiet", "--host", server.folder, "--username", "kopa", "--file", "-", "kopa"]
        made = "ALTER DATABASE kopa OWNER TO kopa_owner; CREATE DATABASE kopa_restore OWNER kopa_owner;\n"
        subprocess.run(psql, input=Path("deploy/roles.sql").read_text() + made, text=True, check=True)
        for name in ("kopa", "kopa_restore"):
            with closing(psycopg2.connect(host=str(server.folder), user="kopa_owner", dbname=name)) as one, one.cursor() as cursor:
                one.autocommit = True
                cursor.execute("CREATE SCHEMA own; SET search_path = own; CREATE TABLE people (name text UNIQUE, age int CHECK (age > 0))")
                for statement in refused:
                    with pytest.raises(psycopg2.IntegrityError):
                        cursor.execute(statement)
        log = (server.folder / "log").read_text()

    assert (log.count("ERROR:  "), log.count("Marker")) == (4, 0)
