"""The API asked what its own document allows and what it forbids (schemathesis): no fault, and no answer that the document does not describe."""
import random
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kopa_portal.wsgi import application
from pilots.actions.tokens import make_token
from pilots.choices import ApiScope, Role
from summaries.actions.freezing import freeze_month, last_ended
from tests.pilots.factories import (
    make_area,
    make_goal,
    make_member,
    make_membership,
    make_model,
    make_municipality,
    make_organisation,
    make_region,
    make_unit,
    make_user,
)
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal, make_support
from tests.services.courses import make_run
from tests.services.factories import make_place, make_resource, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.battery]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]


@pytest.fixture
def secret() -> str:
    """A key that reads all there is, in a network with one of each thing."""
    municipality = make_municipality(region=make_region(), latitude=62.5, longitude=25.5)
    organisation = make_organisation(municipality=municipality)
    area = make_area()
    make_member(area, organisation)
    make_member(area, make_unit(owner=organisation, municipality=municipality))
    make_model(area, goals=(make_goal(),), partners=({"organisation": organisation},))
    obstacle = make_obstacle(make_coordinator(area), evidence_links="https://example.org/a")
    make_support(obstacle)
    make_proposal(obstacle)
    make_service(make_resource(organisation), place=make_place(organisation, municipality=municipality))
    make_run()
    today = timezone.localdate()
    freeze_month(last_ended(today), today=today)
    administrator = make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=organisation)
    return make_token(by=administrator, name="Ohjelma", scopes=ApiScope.values, days=30)[1]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client does: the connection of the test, and with it its transaction, outlives a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [pytest.param(GenerationMode.POSITIVE, marks=pytest.mark.once), GenerationMode.NEGATIVE])
def test_api_answers_as_its_document_says(secret, proof: bool, rng: random.Random, mode):
    """What the document forbids is refused besides. Five addresses are drawn, and all of them asked in `make proof`."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    checks = CHECKS + ([negative_data_rejection] if mode == GenerationMode.NEGATIVE else [])
    statuses: dict[int, int] = {}

    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations if proof else rng.sample(operations, 5):

        @settings(max_examples=150 if proof else 5, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            response = case.call(headers={"Authorization": f"Bearer {secret}"})
            statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
            case.validate_response(response, checks=checks)

        ask()

    print(mode, statuses)
    assert not proof or (200 if mode == GenerationMode.POSITIVE else 400) in statuses
