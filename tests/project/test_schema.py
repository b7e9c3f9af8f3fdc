"""Migrations and what they leave in the database, on whichever database the suite runs."""
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import IntegrityError
from django.utils import timezone

from accounts import append_only, registries
from accounts.models import AuditEvent
from services.fixed import TRIGGERS

OWN_APPS = ["accounts", "pilots", "services", "guidance", "summaries"]


def triggers_in_database() -> set[str]:
    sql = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {row[0] for row in cursor.fetchall()}


# Rules of services that only the database can hold; on PostgreSQL no two bookings overlap by a constraint instead.
NOT_OVERSOLD = {f"course_run_not_oversold_services_{watched}" for watched in ("enrolment_insert", "enrolment_update", "courserun_update")}
NO_OVERLAP = {"occupancy_no_overlap_insert", "occupancy_no_overlap_update"}


def declared_triggers() -> set[str]:
    rules = NOT_OVERSOLD if connection.vendor == "postgresql" else NOT_OVERSOLD | NO_OVERLAP
    return rules | TRIGGERS | {name for table in registries.guarded_tables for name in append_only.trigger_names(table, connection.vendor)}


@pytest.mark.django_db
def test_schema_matches_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_schema_migrations_have_telling_names():
    names = [path.name for app in OWN_APPS for path in (Path(settings.BASE_DIR) / app / "migrations").glob("0*.py")]

    assert [name for name in names if re.search(r"_(auto|alter_\w+_and_more|\w+_and_more)", name)] == []


@pytest.mark.django_db
def test_schema_has_the_declared_triggers():
    assert triggers_in_database() == declared_triggers()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", ["update", "delete", pytest.param("replace", marks=pytest.mark.engine("sqlite")), pytest.param("truncate", marks=pytest.mark.engine("postgresql"))]
)
def test_schema_guarded_row_cannot_be_changed(change):
    event = AuditEvent.objects.create(at=timezone.now(), verb="made", target_kind="test", target_id="1")
    row = f"SELECT * FROM accounts_auditevent WHERE id = {event.pk}"
    statements = {
        "update": f"UPDATE accounts_auditevent SET verb = 'x' WHERE id = {event.pk}",
        "delete": f"DELETE FROM accounts_auditevent WHERE id = {event.pk}",
        "replace": f"INSERT OR REPLACE INTO accounts_auditevent {row}",
        "truncate": "TRUNCATE accounts_auditevent",
    }

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements[change])

    assert AuditEvent.objects.get(pk=event.pk).verb == "made"


@pytest.mark.minutes
@pytest.mark.django_db(transaction=True)
def test_schema_migrates_back_and_forth_on_loaded_data(network, proof, rng):
    """Migrations back and forwards again with the network loaded, guards included: to the one that the seed says, and whatever stands on it.

    In `make proof` each by itself, so that no other has emptied the tables that it finds, and then all but each app's first.
    """
    for app, name in steps_back() if proof else [rng.choice(steps_back())]:
        call_command("migrate", app, previous_migration(app, name), verbosity=0)
        assert (app, name) not in MigrationRecorder(connection).applied_migrations()
        call_command("migrate", verbosity=0)
    if proof:
        for app in reversed(OWN_APPS):
            call_command("migrate", app, "0001", verbosity=0)
        assert {key for key in MigrationRecorder(connection).applied_migrations() if key[0] in OWN_APPS} <= {(app, migrations_of(app)[0]) for app in OWN_APPS}
        call_command("migrate", verbosity=0)

    assert triggers_in_database() == declared_triggers()
    assert apps.get_model("pilots", "PilotArea").objects.count() == 13


def migrations_of(app: str) -> list[str]:
    return sorted(key[1] for key in MigrationExecutor(connection).loader.graph.nodes if key[0] == app)


def steps_back() -> list[tuple[str, str]]:
    return [(app, name) for app in reversed(OWN_APPS) for name in reversed(migrations_of(app)[1:])]


def previous_migration(app: str, name: str) -> str:
    names = migrations_of(app)
    return names[names.index(name) - 1]


def test_registries_have_who_is_expected():
    """Who speaks upwards, in order. An empty registry is a wire that nobody connected."""
    from pilots.registries import membership_end_guards

    registered = {registry.name: [item.__name__ for item in registry] for registry in (registries.due_jobs, registries.account_sections, membership_end_guards)}

    assert registered == {
        registries.due_jobs.name: ["end_expired_consents", "climb_ladder", "expire_holds", "end_agreements", "note_last_use", "warn_of_unused", "lapse_unused", "remind_of_models", "remind_of_obstacles", "remind_of_provisions", "fold_summaries", "freeze_ended_month", "publish_ended_month", "count_ahead", "apply_retention", "drop_old_lists", "drop_old_imports", "remove_files", "tell_ledger", "discard_unfinished", "check_each_night", "tell_of_what_is_new", "send_digests", "return_jobs", "send_due_mail", "drop_ended_sessions", "drop_old_notifications", "drop_done_jobs", "forget_counts", "seal_new_rows", "check_seals_each_night", "sweep_files_each_night", "fetch_busy_times", "tell_of_old_busy_times"],
        registries.account_sections.name: ["account_section", "clients_data_section"],
        membership_end_guards.name: ["keep_an_administrator", "forbid_ending_responsible"],
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_schema_guarded_table_is_empty_and_guarded_in_each_test(turn):
    """The tests' own emptying of the tables leaves neither rows nor holes in the guard behind."""
    assert AuditEvent.objects.count() == 0
    assert triggers_in_database() == declared_triggers()

    AuditEvent.objects.create(at=timezone.now(), verb="made", target_kind="test", target_id=str(turn))
