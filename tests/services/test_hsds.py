"""The export by HSDS 3.0: strictly as the standard has it, and nothing to anybody who could not read it on the pages."""
import json
import zipfile
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from jsonschema import Draft202012Validator

from pilots.actions.tokens import make_token
from pilots.choices import ApiScope, Role
from pilots.loading.demo import load_demo
from pilots.loading.network import load_network
from pilots.models import Organisation
from services.api.hsds_rows import SERVICE, uuid_of
from services.choices import Publication
from services.loading.demo import load_services
from services.models import SharedService
from services.queries.catalogue import visible_services
from tests.pilots.factories import make_membership, make_municipality, make_organisation, make_region, make_user
from tests.services.factories import make_place, make_resource, make_service
from tests.services.hsds_schemas import page, schema

pytestmark = pytest.mark.django_db


def faults(rules: dict, thing: object) -> list[str]:
    validator = Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:200] for error in validator.iter_errors(thing)]


def with_key(organisation: Organisation, *scopes: str) -> Client:
    administrator = make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=organisation)
    return Client(headers={"Authorization": f"Bearer {make_token(by=administrator, name='Ohjelma', scopes=scopes or ApiScope.values, days=30)[1]}"})


def unzipped(client: Client, query: str = "") -> dict[str, list]:
    answer = client.get(f"/hsds/bulk.zip{query}")
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.mark.once
def test_hsds_of_the_whole_demo_has_no_fault():
    """Every service and organization, without a key and with the key of an organisation that offers some; each language in turn."""
    load_network()
    load_demo(now=timezone.now())
    load_services(now=timezone.now())
    service_rules, organization_rules = Draft202012Validator(schema("service"), format_checker=Draft202012Validator.FORMAT_CHECKER), Draft202012Validator(schema("organization"), format_checker=Draft202012Validator.FORMAT_CHECKER)
    owner = SharedService.objects.filter(state=Publication.PUBLIC, price__isnull=False, resource__isnull=False).first().organisation
    for client, language in ((Client(), "fi"), (with_key(owner), "sv")):
        tables = unzipped(client, f"?lang={language}")
        found = [error.message for row in tables["services.json"] for error in service_rules.iter_errors(row)] + [error.message for row in tables["organizations.json"] for error in organization_rules.iter_errors(row)]
        assert found == []
        ids = [row["id"] for rows in tables.values() for row in rows]
        assert len(ids) == len(set(ids))
        assert len(tables["services.json"]) >= 150
        assert {row["organization"]["id"] for row in tables["services.json"]} == {row["id"] for row in tables["organizations.json"]}
    filled = {name for row in tables["services.json"] for name in row}
    assert {"schedules", "languages", "cost_options", "service_at_locations", "fees_description"} <= filled


@pytest.mark.parametrize("spoil", [{"description": None}, {"status": "open"}, {"extra": "x"}, {"id": "1"}, {"cost_options": [{"id": str(uuid4()), "amount": "12.00"}]}, {"schedules": [{"id": str(uuid4()), "timezone": "Europe/Helsinki"}]}, {"url": "not an address"}])
def test_hsds_rules_find_what_is_wrong(spoil):
    """What the known traps are: null, a Decimal as text, a time zone as text, extra properties."""
    row = {"id": str(uuid4()), "name": "Keksitty", "status": "active", "url": "https://example.org/"}

    assert faults(schema("service"), row) == []
    assert faults(schema("service"), row | spoil) != []


def test_hsds_address_without_a_province_is_a_fault():
    region = make_region(name_fi="Keksimaa")
    place = make_place(make_organisation(), municipality=make_municipality(region=region))
    service = make_service(make_resource(place.owner), place=place)
    row = with_key(make_organisation()).get(f"/hsds/services/{uuid_of(SERVICE, service.pk)}").json()

    (address,) = row["service_at_locations"][0]["location"]["addresses"]
    assert (address["state_province"], faults(schema("address"), address)) == ("Keksimaa", [])
    assert faults(schema("address"), {name: value for name, value in address.items() if name != "state_province"}) != []


def test_hsds_without_a_key_tells_that_it_exists():
    place = make_place(make_organisation(), step_free=True, postal_code="00100")
    service = make_service(make_resource(place.owner), place=place, contact_phone="+358 999 000", contact_email="a@example.org", description_fi="Salainen kuvaus")
    hidden = make_service(shown_outside=False)
    make_service(state=Publication.DRAFT)

    everything = unzipped(Client())
    row = Client().get(f"/hsds/services/{uuid_of(SERVICE, service.pk)}").json()

    assert [one["name"] for one in everything["services.json"]] == [service.name]
    assert faults(schema("service"), row) == []
    assert not [text for text in ("Salainen", "+358 999", "@example", "Keksitie", '"00100"') if text in json.dumps([everything, row])]
    assert Client().get(f"/hsds/services/{uuid_of(SERVICE, hidden.pk)}").status_code == 404


def test_hsds_with_a_key_tells_what_is_offered():
    place = make_place(make_organisation(), step_free=True, lift=False)
    service = make_service(make_resource(place.owner), place=place, contact_phone="+358 999 000", price_basis="hour", price="12.50")

    row = with_key(make_organisation()).get(f"/hsds/services/{uuid_of(SERVICE, service.pk)}?lang=en").json()

    assert faults(schema("service"), row) == []
    assert ([one["number"] for one in row["phones"]], [one["amount"] for one in row["cost_options"]], row["languages"][0]["code"]) == (["+358 999 000"], [12.5], "fi")
    assert [(one["byday"], one["opens_at"], one["closes_at"]) for one in row["schedules"]][:2] == [("MO", "08:00", "20:00"), ("TU", "08:00", "20:00")]
    assert row["service_at_locations"][0]["location"]["accessibility"][0]["description"] == "Step-free entrance. No lift to every floor in use."


def test_hsds_lists_what_the_organisation_sees():
    organisation = make_organisation()
    make_service()
    make_service(make_resource(organisation), state=Publication.DRAFT)
    client = with_key(organisation, ApiScope.OFFERED)

    answer = client.get("/hsds/services?per_page=1").json()

    assert faults(page("service"), answer) == []
    assert answer["total_items"] == visible_services(client_reader(organisation)).filter(state=Publication.PUBLIC).count() == 1
    assert faults(page("organization"), client.get("/hsds/organizations").json()) == []


def client_reader(organisation: Organisation):
    from pilots.queries.tokens import Reader

    return Reader(organisation.pk, frozenset())


def test_hsds_uuid_is_the_same_for_ever_and_finds_its_thing_only():
    service = make_service()
    row = Client().get(f"/hsds/services/{uuid_of(SERVICE, service.pk)}?lang=en").json()

    assert row["id"] == uuid_of(SERVICE, service.pk) != uuid_of(SERVICE, service.pk + 1)
    assert Client().get(f"/hsds/organizations/{row['id']}").status_code == 404
    assert Client().get(f"/hsds/organizations/{row['organization']['id']}").json()["name"] == service.organisation.name
    assert Client().get(f"/hsds/services/{uuid4()}").status_code == 404
    assert [one["id"] for one in Client().get(f"/hsds/services?organization_id={row['organization']['id']}").json()["contents"]] == [row["id"]]


@pytest.mark.parametrize("query", ["page=0", "per_page=101", "search=%00", "organization_id=1", "serch=x"])
def test_hsds_wrong_parameter_is_refused(query):
    answer = Client().get(f"/hsds/services?{query}")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("path", ["services", "organizations", "bulk.zip"])
def test_hsds_asks_as_often_for_many_as_for_one(path):
    organisation = make_organisation()
    client = with_key(organisation)
    client.get(f"/hsds/{path}")
    asked = []
    for _round in range(2):
        for _number in range(2):
            owner = make_organisation(part_of=organisation)
            make_service(make_resource(owner), place=make_place(owner, municipality=make_municipality(region=make_region())))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/hsds/{path}").status_code == 200
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 12


def test_hsds_base_names_the_version():
    assert Client().get("/hsds/").json()["version"] == "3.0"
