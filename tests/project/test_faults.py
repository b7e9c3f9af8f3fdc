"""A short turn of `make faults`: killed servers and lost connections in the middle of writes, and everything that was acknowledged is there whole."""
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections

from tests.accounts.test_worker import database_url
from tests.faults import turns, verdict
from tests.faults.portal import HOST, Portal, environment
from tests.faults.prepared import prepare
from tests.faults.writers import Writers
from tests.smtp import mail_server

pytestmark = [pytest.mark.engine("postgresql"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portal(settings, tmp_path: Path) -> Iterator[Portal]:
    settings.MEDIA_PRIVATE = str(tmp_path / "private")
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    with mail_server() as smtp:
        chosen = environment(database_url(), tmp_path / "private", smtp.port, SECRET_KEY=settings.SECRET_KEY, STATIC_ROOT=settings.STATIC_ROOT, WEB_WORKERS="2")
        portal = Portal(port, chosen, tmp_path / "log")
        try:
            yield portal
        finally:
            portal.stop()


def test_faults_lose_nothing_acknowledged_and_leave_nothing_by_half(portal, rng):
    next_write, report = prepare(pathways=12, services=3), turns.Report()
    connections.close_all()
    portal.start()
    writers = Writers(portal, next_write)

    with writers.at_work(3) as told:
        report.back(told, time.monotonic(), "start")
        turns.kill_workers(portal, told, report, rng, 2, pause=0.5)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            ended = cursor.fetchone()[0]
        report.back(told, time.monotonic(), "lost connections")

    stored = [write for _at, write in told.acknowledged]
    assert (verdict.faults(stored), told.wrong, told.given_up, report.wrong) == ([], [], [], [])
    assert ended >= 1
    assert len({write.kind for write in stored}) >= 3


def test_faults_verdict_sees_what_is_lost_and_what_is_half(settings, tmp_path):
    from guidance.models import AccessLog, Event
    from services.models import Booking, Occupancy
    from tests.guidance.factories import make_partnership, make_pathway
    from tests.services.factories import book, hours, make_service

    settings.MEDIA_PRIVATE = str(tmp_path)
    next_write = prepare(pathways=1, services=1)
    booking = book(make_service(), hours(9, 11))
    Occupancy.objects.filter(booking=booking).delete()
    pathway = make_pathway(make_partnership())
    Event.objects.create(pathway=pathway, kind="note", at=pathway.opened_at, text="Keksitty")

    found = verdict.faults([next_write()])

    assert sorted(line.partition(":")[0] for line in found) == ["half", "half", "lost"]
    assert Booking.objects.count() == 1
    assert not AccessLog.objects.filter(page="guidance:pathway_log").exists()
