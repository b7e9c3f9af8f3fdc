"""Pages that read a streaming replica: a second real server that follows the one of this run, is behind, and dies."""
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from os import environ
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest
from django.apps import apps
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.personal import Who, Why
from guidance.models import Client as GuidedClient
from kopa_portal import replica
from pilots import personal as of_pilots
from pilots.actions.people import end_membership
from pilots.actions.tokens import make_token, revoke_token
from pilots.choices import MembershipEnd, Role
from pilots.models import Membership, Organisation, PilotArea, RequestCount
from services import personal as of_services
from summaries import personal as of_summaries
from tests.pilots.factories import make_area, make_membership, make_organisation, make_user
from tests.project.access import API_ROWS, ROWS
from tests.servers import streaming_replica

WAIT = 10


# What is declared --------------------------------------------------------------------------------


def test_no_page_about_clients_or_people_reads_the_replica():
    assert set(ROWS) | set(API_ROWS) >= replica.READ_BEHIND
    assert not [name for name in replica.READ_BEHIND if name.startswith(("guidance:", "own:", "account", "pilots:people", "summaries:our_pathways"))]


def test_whatever_is_about_clients_or_gives_a_right_reads_the_primary():
    assert {apps.get_model(label)._meta.app_label for label in replica.PRIMARY_ONLY} == replica.APPS
    declared = of_pilots.DECLARED.models | of_services.DECLARED.models | of_summaries.DECLARED.models
    held = {model._meta.label_lower for model, said in declared.items() if said and (said.of == Who.CLIENT or said.why == Why.ACCOUNTS)}
    assert held <= replica.PRIMARY_ONLY


@pytest.mark.django_db
def test_only_public_rows_outside_transactions_are_read_behind(monkeypatch):
    choose = replica.Router().db_for_read
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    assert choose(PilotArea) == "default"
    mark = replica._behind.set(True)
    try:
        assert [choose(model) for model in (PilotArea, Organisation, User, Membership, GuidedClient)] == ["replica", "replica", "default", "default", "default"]
        monkeypatch.setattr(connections["default"], "in_atomic_block", True)
        assert choose(PilotArea) == "default"
    finally:
        replica._behind.reset(mark)


@pytest.mark.engine("postgresql")
@pytest.mark.django_db(transaction=True)
def test_page_that_is_too_slow_for_the_replica_leaves_it_to_the_others(rf, settings, monkeypatch):
    settings.DATABASE_ROUTERS = ["kopa_portal.replica.Router"]
    here = replica.Reach()
    monkeypatch.setattr(replica, "reach", here)
    here.place, here.asked_at, here.next_at = 1, time.monotonic(), float("inf")
    request = rf.get("/")
    request.resolver_match, request.session = SimpleNamespace(view_name="home"), {}

    def slow(request) -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)")

    try:
        assert replica.reading(lambda request: None).process_view(request, slow, (), {}) is None
    finally:
        connection.close()

    assert here.place == 1


# Two servers -------------------------------------------------------------------------------------


def two_servers(test):
    marks = [pytest.mark.django_db(transaction=True), pytest.mark.engine("postgresql"), pytest.mark.usefixtures("_routed")]
    for mark in marks:
        test = mark(test)
    return test


class Follower(SimpleNamespace):
    """`url` of the second server and its `server` process."""

    def ask(self, statement: str):
        parts = urlsplit(self.url)
        with closing(psycopg2.connect(host=parse_qs(parts.query)["host"][0], user=parts.username, dbname="postgres")) as open_one, open_one, open_one.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()

    def catch_up(self) -> None:
        with connection.cursor() as cursor:
            # A transaction of its own is sent at once; what only readers have noted may lie for a quarter of a minute.
            cursor.execute("SELECT pg_current_wal_insert_lsn()::text, pg_current_xact_id()")
            place, _sent = cursor.fetchone()
        deadline = time.monotonic() + WAIT
        while not self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{place}'::pg_lsn")[0]:
            assert time.monotonic() < deadline, "the replica did not catch up"
            time.sleep(0.02)
        replica.reach.__init__()

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.ask("SELECT pg_wal_replay_pause()")
        while self.ask("SELECT pg_get_wal_replay_pause_state()")[0] != "paused":
            time.sleep(0.02)
        try:
            yield
        finally:
            self.ask("SELECT pg_wal_replay_resume()")


@pytest.fixture(scope="module")
def server() -> Iterator[Follower]:
    with streaming_replica(environ["DATABASE_URL"]) as (url, process):
        yield Follower(url=url, process=process)


@contextmanager
def reading_from(follower: Follower) -> Iterator[None]:
    """As with DATABASE_REPLICA_URL in the environment."""
    second = connection.copy("replica")
    second.settings_dict["HOST"] = parse_qs(urlsplit(follower.url).query)["host"][0]
    connections["replica"] = second
    replica.reach.__init__()
    try:
        yield
    finally:
        second.close()
        del connections["replica"]


@pytest.fixture
def _routed(settings) -> None:
    settings.DATABASE_ROUTERS = ["kopa_portal.replica.Router"]
    settings.DATABASE_REPLICA_MOST_BEHIND = 60


@pytest.fixture
def follower(transactional_db, server, _routed) -> Iterator[Follower]:
    with reading_from(server):
        yield server


@pytest.fixture
def area() -> PilotArea:
    return make_area("Suupohja", description_fi="Ennen")


def shown(browser: Client, area: PilotArea) -> str:
    """What the area's page shows of its description."""
    answer = browser.get(reverse("pilots:area_detail", args=[area.slug]))
    assert answer.status_code == 200
    return next(word for word in ("Ennen", "Uusi") if word in answer.content.decode())


def change(area: PilotArea, **fields) -> None:
    PilotArea.objects.filter(pk=area.pk).update(**({"description_fi": "Uusi"} | fields))


@two_servers
def test_public_page_is_read_from_the_replica_and_nothing_from_the_primary(follower, area):
    browser = Client()
    follower.catch_up()
    shown(browser, area)

    with CaptureQueriesContext(connection) as primary, CaptureQueriesContext(connections["replica"]) as behind:
        shown(browser, area)

    assert len(behind) > 3
    assert [query["sql"] for query in primary] == []
    with follower.paused():
        change(area)
        assert shown(browser, area) == "Ennen"


@two_servers
def test_own_write_is_seen_at_once_and_by_others_later(follower, area):
    coordinator = make_membership(make_user(), Role.AREA_COORDINATOR, area=area, organisation=make_organisation())
    own, other = Client(), Client()
    own.force_login(coordinator.user)
    own.get("/account/")
    other.force_login(make_membership(make_user()).user)
    other.get("/account/")
    follower.catch_up()
    assert (shown(own, area), shown(other, area)) == ("Ennen", "Ennen")

    with follower.paused():
        values = {f"{topic}_{language}": "" for topic in ("description", "challenge", "readiness", "objectives") for language in ("fi", "sv")}
        answer = own.post(reverse("pilots:area_edit", args=[area.slug]), values | {"check_by": "", "version": area.version, "description_fi": "Uusi"})
        assert answer.status_code == 302
        assert (shown(own, area), shown(other, area)) == ("Uusi", "Ennen")
    follower.catch_up()
    with CaptureQueriesContext(connections["replica"]) as behind:
        assert (shown(own, area), shown(other, area)) == ("Uusi", "Uusi")
    assert len(behind) > 3


@two_servers
def test_replica_that_is_too_far_behind_is_not_read(follower, area, settings):
    settings.DATABASE_REPLICA_MOST_BEHIND = 0.3
    browser = Client()
    follower.catch_up()

    with follower.paused():
        change(area)
        time.sleep(0.3)
        replica.reach.next_at = 0
        assert shown(browser, area) == "Uusi"


@two_servers
def test_right_that_was_taken_away_is_gone_at_the_next_request(follower, area):
    organisation = make_organisation()
    administrator = make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=organisation)
    member = make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=organisation)
    token, secret = make_token(by=administrator, name="Ohjelma", scopes=[], days=30)
    programme, browser = Client(headers={"Authorization": f"Bearer {secret}"}), Client()
    browser.force_login(member.user)
    follower.catch_up()
    assert [programme.get("/api/v1/areas").status_code, browser.get(reverse("pilots:people_list"), follow=True).status_code] == [200, 200]

    with follower.paused():
        revoke_token(token=token, by=administrator)
        end_membership(membership=member, by=administrator.user, acting=administrator, reason=MembershipEnd.ENDED)
        assert [programme.get("/api/v1/areas").status_code, browser.get(reverse("pilots:people_list"), follow=True).status_code] == [401, 403]


@two_servers
def test_thing_that_the_replica_has_not_got_yet_is_there(follower):
    follower.catch_up()

    with follower.paused():
        fresh = make_area("Tuore", description_fi="Uusi")
        assert shown(Client(), fresh) == "Uusi"
        assert Client().get(f"/api/v1/areas/{fresh.slug}").status_code == 200
        # Asked of both, and one question all the same.
        RequestCount.objects.all().delete()
        assert Client().get("/api/v1/areas/nowhere").status_code == 404
        assert RequestCount.objects.get().count == 1


@two_servers
def test_replica_that_dies_is_no_fault_of_the_page(area):
    browser = Client()
    with streaming_replica(environ["DATABASE_URL"]) as (url, process):
        doomed = Follower(url=url, process=process)
        with reading_from(doomed):
            doomed.catch_up()
            assert shown(browser, area) == "Ennen"
            change(area)
            process.kill()
            process.wait()
            # It was asked a moment ago and is believed to be there.
            replica.reach.asked_at, replica.reach.next_at = time.monotonic(), time.monotonic() + WAIT
            began = time.monotonic()
            # The API makes an answer of a database that is not there, a page does not.
            assert [browser.get(f"/api/v1/areas/{area.slug}").status_code, shown(browser, area)] == [200, "Uusi"]
            assert replica.reach.place is None
            assert time.monotonic() - began < 3


@two_servers
def test_replica_that_became_a_primary_is_not_read(area):
    with streaming_replica(environ["DATABASE_URL"]) as (url, process):
        promoted = Follower(url=url, process=process)
        promoted.catch_up()
        promoted.ask("SELECT pg_promote()")
        with reading_from(promoted):
            change(area)
            assert shown(Client(), area) == "Uusi"
