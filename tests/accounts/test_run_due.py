"""`manage.py run_due`: every job once, one run at a time, one broken job alone."""
import os
import signal
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone as clock

from accounts.actions.leases import lease
from accounts.actions.outbox import queue_mail
from accounts.management.commands.run_due import run_due
from accounts.models import Lease
from accounts.registries import Registry, account_sections, due_jobs

NOW = datetime(2027, 2, 3, 12, 0, tzinfo=UTC)
JOBS = ["note_last_use", "warn_of_unused", "lapse_unused", "send_due_mail", "drop_ended_sessions"]


@pytest.fixture
def broken_job():
    def broken(now):
        raise RuntimeError("broken on purpose")

    due_jobs.add(1, broken)
    yield
    due_jobs._items.pop(1)


def test_registered_jobs_in_their_order():
    """Those of accounts and pilots; the whole list is in tests/project/test_schema.py."""
    assert [job.__name__ for job in due_jobs if job.__name__ in JOBS] == JOBS


def test_account_page_has_its_section():
    assert [source.__name__ for source in account_sections] == ["account_section", "clients_data_section"]


def test_registry_takes_a_place_once():
    registry: Registry[str] = Registry("words")
    registry.add(2, "second")
    registry.add(1, "first")
    registry.add(1, "first")

    with pytest.raises(ValueError, match="words: place 1 is taken by 'first'"):
        registry.add(1, "other")
    assert list(registry) == ["first", "second"]
    assert len(registry) == 2


@pytest.mark.django_db
def test_second_run_for_the_same_time_does_nothing(mailoutbox):
    queue_mail(kind="email_confirmation", to_email="demo@example.org", language="fi", context={"email": "x", "activate_url": "y"}, now=NOW)

    first, second = run_due(NOW), run_due(NOW)

    # Jobs of the apps above may have something to do the first time; nobody has the second time.
    assert {name: first[name] for name in JOBS} == dict.fromkeys(JOBS, 0) | {"send_due_mail": 1}
    assert set(second.values()) == {0}
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_broken_job_does_not_keep_mail_from_going_out(broken_job, mailoutbox, caplog):
    queue_mail(kind="email_confirmation", to_email="demo@example.org", language="fi", context={"email": "x", "activate_url": "y"}, now=NOW)

    with pytest.raises(CommandError, match="broken"):
        call_command("run_due", "--now", NOW.isoformat())

    assert len(mailoutbox) == 1
    assert "broken on purpose" in caplog.text


@pytest.mark.django_db
def test_run_waits_for_nobody_and_leaves_the_other_alone():
    with lease("run_due", now=clock.now(), lasts=timedelta(minutes=1)) as mine:
        assert mine
        assert run_due(NOW) is None
    assert run_due(NOW) is not None


@pytest.mark.django_db
def test_run_after_run_ends_after_the_job_that_has_begun(monkeypatch):
    """A lease that was not given back would keep the process after it waiting."""
    done: list[str] = []

    def first(now):
        done.append("first")
        if done.count("first") == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        done.append("first to its end")

    before = signal.getsignal(signal.SIGTERM)
    # The test's own transaction is open in the connection.
    monkeypatch.setattr("accounts.management.commands.run_due.close_old_connections", lambda: None)
    monkeypatch.setattr(due_jobs, "_items", {1: first, 2: lambda now: done.append("second")})
    try:
        call_command("run_due", "--every", "1")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert done == ["first", "first to its end", "second", "first", "first to its end"]
    assert Lease.objects.get(name="run_due").holder is None


@pytest.mark.django_db
def test_lease_of_a_dead_holder_runs_out():
    Lease.objects.create(name="work", holder="6f2ae8e2-3b6a-4f0e-9d61-5c5b9b0b6a10", until=NOW + timedelta(minutes=10))

    with lease("work", now=NOW + timedelta(minutes=9), lasts=timedelta(minutes=10)) as mine:
        assert not mine
    with lease("work", now=NOW + timedelta(minutes=11), lasts=timedelta(minutes=10)) as mine:
        assert mine


@pytest.mark.django_db(transaction=True)
def test_lease_has_one_holder_of_many():
    Lease.objects.create(name="work")
    start, taken = threading.Barrier(6), []

    def work() -> None:
        start.wait()
        with lease("work", now=NOW, lasts=timedelta(minutes=10)) as mine:
            taken.append(mine)
            if mine:
                done.wait(20)
        connection.close()

    done = threading.Event()
    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    while len(taken) < 6:
        done.wait(0.05)
    done.set()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [False] * 5 + [True]


@pytest.mark.parametrize("now", ["yesterday", "2027-02-03T12:00:00"])
def test_command_wants_a_time_with_its_zone(now):
    with pytest.raises(CommandError, match="with its zone"):
        call_command("run_due", "--now", now)
