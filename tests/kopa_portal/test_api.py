"""The read API: what it gives to whom, and that it is as its own document says."""
import html
import re
import shlex
from datetime import timedelta
from urllib.parse import urlsplit

import openapi_spec_validator
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import unavailable
from kopa_portal.api import document
from pilots.actions.tokens import make_token, revoke_token
from pilots.choices import ApiScope, PublicationState, Role
from pilots.models import ApiToken, Obstacle
from services.choices import Audience, Publication, ServiceKind
from services.models import SharedService
from summaries.actions.freezing import freeze_month, last_ended
from tests.pilots.factories import make_area, make_goal, make_member, make_membership, make_model, make_municipality, make_organisation, make_unit, make_user
from tests.pilots.obstacles import make_coordinator, make_obstacle
from tests.services.courses import make_run
from tests.services.factories import make_resource, make_service

pytestmark = pytest.mark.django_db
LISTS = ["areas", "organisations", "units", "municipalities", "models", "obstacles", "services", "figures"]


@pytest.fixture
def reader():
    """reader(ApiScope.OFFERED): a client with a key of a new organisation, which is `client.organisation`."""

    def make(*scopes: str, organisation=None) -> Client:
        administrator = make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=organisation or make_organisation())
        token, secret = make_token(by=administrator, name="Ohjelma", scopes=scopes, days=30)
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        client.organisation, client.token, client.administrator = administrator.organisation, token, administrator
        return client

    return make


def rows(client: Client, path: str) -> list[dict]:
    """Every row of a list, page by page."""
    found, following = [], f"/api/v1/{path}"
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.content
        found += answer.json()["results"]
        following = answer.json()["next"]
    return found


def one_page(name: str) -> str:
    return f"/api/v1/{name}"


def fill(count: int) -> None:
    for number in range(count):
        municipality = make_municipality()
        organisation = make_organisation(municipality=municipality)
        make_unit(owner=organisation, municipality=municipality)
        area = make_area()
        make_member(area, organisation)
        make_model(area, goals=(make_goal(100 + number + SharedService.objects.count()),), partners=({"organisation": organisation},))
        make_obstacle(make_coordinator())
        make_service(make_resource(organisation))


@pytest.mark.once
def test_document_is_valid_openapi():
    openapi_spec_validator.validate(document())

    assert document()["openapi"].startswith("3.1")
    assert Client().get(reverse("api_document")).json() == document()


def test_document_names_every_address():
    named = {name for name in (address.name for address in _addresses()) if name.startswith("api_")} - {"api_document", "api_nothing"}

    assert len(document()["paths"]) == len(named) == 17


def _addresses():
    from tests.project.addresses import every_address

    return every_address()


def test_nothing_of_clients_is_in_the_document():
    words = str(document()).lower()

    assert not [word for word in ("pathway", "pseudonym", "birth", "enrolment_set", "membership", "created_by", "answered_by") if word in words]


def test_drafts_are_read_by_nobody(client):
    draft = make_model(make_area(), state=PublicationState.DRAFT)
    told, kept = make_obstacle(make_coordinator()), make_obstacle(make_coordinator(), published_at=None)
    service = make_service(state=Publication.DRAFT)

    assert rows(client, "models") == rows(client, "services") == []
    assert [row["id"] for row in rows(client, "obstacles")] == [told.pk]
    assert [client.get(f"/api/v1/{path}").status_code for path in (f"models/{draft.pk}", f"obstacles/{kept.pk}", f"services/{service.pk}")] == [404, 404, 404]


def test_service_without_a_key_is_known_to_exist_only(client):
    shown, hidden = make_service(), make_service(shown_outside=False)

    (row,) = rows(client, "services")

    assert row["id"] == shown.pk
    assert row["inside"] is None
    assert shown.description_fi not in str(row)
    assert client.get(f"/api/v1/services/{hidden.pk}").status_code == 404


def test_service_with_a_key_is_read_as_it_is_offered(reader):
    client = reader(ApiScope.OFFERED)
    to_all, to_me, to_others = make_service(), make_service(audience=Audience.CHOSEN, shown_outside=False), make_service(audience=Audience.CHOSEN, shown_outside=False)
    to_me.for_organisations.add(client.organisation)

    found = rows(client, "services")

    assert [row["id"] for row in found] == [to_all.pk, to_me.pk]
    assert {row["inside"]["state"] for row in found} == {Publication.PUBLIC}
    assert client.get(f"/api/v1/services/{to_others.pk}").status_code == 404


def test_own_drafts_are_read_with_their_scope_only(reader):
    organisation = make_organisation()
    draft = make_service(make_resource(organisation), state=Publication.DRAFT)
    make_service(state=Publication.DRAFT)
    offered = make_service()
    hidden = make_service(shown_outside=False)

    reads = {scopes: {row["id"]: row["inside"] is not None for row in rows(reader(*scopes, organisation=organisation), "services")} for scopes in [(), (ApiScope.OFFERED,), (ApiScope.OWN,), (ApiScope.OFFERED, ApiScope.OWN)]}

    assert reads == {
        (): {offered.pk: False},
        (ApiScope.OFFERED,): {offered.pk: True, hidden.pk: True},
        # Of others, that they exist: as everybody knows.
        (ApiScope.OWN,): {draft.pk: True, offered.pk: False},
        (ApiScope.OFFERED, ApiScope.OWN): {draft.pk: True, offered.pk: True, hidden.pk: True},
    }


def test_runs_need_a_key_that_reads_what_is_offered(client, reader):
    run = make_run()
    hidden = make_run()
    SharedService.objects.filter(pk=hidden.service_id).update(audience=Audience.CHOSEN)

    without, with_other = client.get("/api/v1/course-runs"), reader(ApiScope.OWN).get("/api/v1/course-runs")

    assert (without.status_code, without["WWW-Authenticate"]) == (401, 'Bearer realm="KOPA"')
    assert with_other.status_code == 403
    (row,) = rows(reader(ApiScope.OFFERED), "course-runs")
    assert (row["id"], row["seats"], row["taken"]) == (run.pk, run.seats, 0)
    assert reader(ApiScope.OFFERED).get(f"/api/v1/course-runs/{hidden.pk}").status_code == 404


@pytest.mark.parametrize("spoil", ["", "Basic x", "Bearer", "Bearer kopa_x", "Bearer \x00"])
def test_key_that_is_none_is_refused(spoil):
    answer = Client(headers={"Authorization": spoil} if spoil else {}).get("/api/v1/areas")

    assert answer.status_code == (401 if spoil else 200)


def test_key_reads_nothing_more_once_revoked(reader):
    client = reader(ApiScope.OFFERED)
    assert client.get("/api/v1/services").status_code == 200

    revoke_token(by=client.administrator, token=client.token)

    assert client.get("/api/v1/services").status_code == 401


def test_key_past_its_day_is_refused(reader):
    client = reader()
    ApiToken.objects.update(created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get("/api/v1/areas").status_code == 401


def test_session_gives_no_right(client):
    member = make_membership(make_user(), Role.SERVICE_HANDLER, organisation=make_organisation())
    make_service()
    client.force_login(member.user)

    assert [row["inside"] for row in rows(client, "services")] == [None]


def test_answer_with_a_key_is_kept_nowhere_and_read_by_no_other_page(client, reader):
    with_key, without = reader().get("/api/v1/areas"), client.get("/api/v1/areas")

    assert "no-store" in with_key["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in with_key
    assert without["Cache-Control"] == "public, max-age=60"
    assert without["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in without
    assert {"Authorization", "Accept-Language"} <= {name.strip() for name in without["Vary"].split(",")}
    assert "default-src 'none'" in without["Content-Security-Policy"]


def test_etag_tells_that_nothing_has_changed(client):
    area = make_area("Suupohja")
    first = client.get("/api/v1/areas")

    again = client.get("/api/v1/areas", headers={"If-None-Match": first["ETag"]})
    area.name_fi = "Suupohjan seutu"
    area.save()
    changed = client.get("/api/v1/areas", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_pages_hold_each_row_once_even_while_rows_come(client):
    for _number in range(5):
        make_organisation()

    first = client.get("/api/v1/organisations?page_size=2").json()
    make_organisation("AAA tuli väliin")
    others = rows(client, urlsplit(first["next"]).path.removeprefix("/api/v1/") + "?" + urlsplit(first["next"]).query)

    keys = [row["slug"] for row in first["results"] + others]
    assert len(keys) == len(set(keys)) == 6


def test_filters_are_those_of_the_page(client):
    area = make_area()
    models = [make_model(area), make_model(make_area())]

    assert [row["id"] for row in rows(client, f"models?area={area.slug}")] == [models[0].pk]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("kind=ei-ole", "kind"), ("knd=course", "knd"), ("kind=course&kind=staff", "kind"), ("kind=", "kind"), ("lang=de", "lang"), ("page_size=101", "page_size"), ("page_size=0", "page_size"), ("after=-1", "after"), ("after=99999999999999999999", "after"), ("q=%00", "q"), ("area=%00", "area")],
)
def test_wrong_parameter_is_named(client, query, parameter):
    answer = client.get(f"/api/v1/services?{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_problem_is_told_in_the_language_asked_for(client):
    told = {language: client.get(f"/api/v1/areas/ei-ole?lang={language}") for language in ("fi", "sv", "en")}

    assert {language: answer["Content-Language"] for language, answer in told.items()} == {"fi": "fi", "sv": "sv", "en": "en"}
    assert told["en"].json() == {"type": "about:blank", "title": "There is no such thing", "status": 404, "detail": "There is nothing at this address, or nothing that you may read."}
    assert client.get("/api/v1/ei-ole").json()["status"] == 404


def test_language_follows_the_header_unless_it_is_asked_for(client):
    make_area("Suupohja", name_sv="Sydösterbotten")

    names = [client.get(path, headers={"Accept-Language": "sv-FI,fi;q=0.5"}).json()["results"][0]["name"] for path in ("/api/v1/areas", "/api/v1/areas?lang=fi")]

    assert names == ["Sydösterbotten", "Suupohja"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_nothing_can_be_changed(method):
    answer = Client(enforce_csrf_checks=True).generic(method, "/api/v1/areas")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_browser_may_ask_before_it_reads(client):
    answer = client.options("/api/v1/areas", headers={"Origin": "https://muu.example.org", "Access-Control-Request-Method": "GET"})

    assert (answer.status_code, answer["Access-Control-Allow-Methods"], answer["Access-Control-Allow-Headers"]) == (204, "GET, HEAD", "If-None-Match")


def test_limit_holds_and_tells_how_long_to_wait(client, reader, settings):
    settings.API_MOST_WITHOUT_KEY, settings.API_MOST_WITH_KEY = 2, 3
    with_key = reader()

    codes = [client.get("/api/v1/areas").status_code for _time in range(3)], [with_key.get("/api/v1/areas").status_code for _time in range(4)]
    refused = client.get("/api/v1/areas")

    # A minute may turn in between; then all are let through once more.
    assert codes == ([200, 200, 429], [200, 200, 200, 429])
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused.json()["status"] == 429


def test_keys_that_are_wrong_are_counted_too(settings):
    settings.API_MOST_WITHOUT_KEY = 2
    guess = {"headers": {"authorization": "Bearer made-up"}}

    assert [Client().get("/api/v1/areas", **guess).status_code for _time in range(3)] == [401, 401, 429]


def test_one_network_is_one_reader(settings):
    settings.API_MOST_WITHOUT_KEY = 2

    assert [Client(REMOTE_ADDR=f"2001:db8:0:1::{number}").get("/api/v1/areas").status_code for number in (1, 2, 3)] == [200, 200, 429]


def test_database_that_does_not_answer_is_503(client, monkeypatch):
    from django.db.utils import OperationalError

    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("pilots.api.limits.count_request", fail)
    answer = client.get("/api/v1/areas")

    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, str(unavailable.RETRY_AFTER), "application/problem+json")


def test_figures_are_the_frozen_ones(client):
    make_member(make_area())
    today = timezone.localdate()
    freeze_month(last_ended(today), today=today)

    (row,) = rows(client, f"figures?figure=members&of=network&month={last_ended(today):%Y-%m}")

    assert (row["value"], row["code"]) == (1, "")
    assert client.get("/api/v1/figures?month=2026-13").status_code == 400


@pytest.mark.parametrize("name", [*LISTS, "course-runs"])
def test_list_asks_as_often_for_many_rows_as_for_one(reader, name):
    client = reader(*ApiScope.values)
    fill(1)
    make_run()
    # The first question of a day notes the use of the key.
    client.get(one_page(name))
    asked = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(one_page(name))
        asked.append((len(queries), len(answer.json()["results"])))
        fill(2)
        make_run()

    assert asked[0][0] == asked[1][0] <= 14
    if name != "figures":
        assert asked[0][1] < asked[1][1]


@pytest.mark.once
def test_examples_for_developers_are_answered(client, reader):
    """Each command of the page, as it stands there."""
    call_command("load_network", verbosity=0)
    page = html.unescape(client.get(reverse("developers")).content.decode())
    commands = [shlex.split(text) for text in re.findall(r"<code>(curl .*?)</code>", page)]

    for command in commands:
        asker = reader(ApiScope.OFFERED) if "-H" in command else client
        address = urlsplit(command[-1])
        answer = asker.get(f"{address.path}?{address.query}")
        assert answer.status_code == 200, (command, answer.content)
    assert len(commands) == 8


def test_kinds_of_services_are_all_told():
    """A kind that is new to the portal is new to the document."""
    kinds = document()["components"]["schemas"]["ServiceData"]["properties"]["kind"]["enum"]

    assert set(kinds) == set(ServiceKind.values)
    assert Obstacle._meta.get_field("status").choices
