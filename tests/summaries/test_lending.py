"""Who lends to whom: what stays between the two sides and Kuntaliitto's staff."""
import pytest
from django.test import Client

from pilots.charts import Band, Stage, flow_chart, funnel_chart
from tests.services.factories import make_handler
from tests.services.web import sign_in
from tests.summaries.figured import make_figured_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return make_figured_network()


def flows(client: Client, query: str) -> dict[tuple[str, str], int]:
    return {(str(flow.lender), str(flow.borrower)): flow.count for flow in client.get(f"/en/summary/flow/?{query}").context["flows"]}


def test_flow_tells_each_loan_once_by_organisation_area_and_municipality(made):
    client = sign_in(made.staff)

    assert flows(client, "by=organisation") == {("Täällä", "Opisto"): 1, ("Täällä", "Omistaja"): 1, ("Täällä", "Ulkopuolinen"): 1, ("Omistaja", "Opisto"): 1, ("Omistaja", "Ulkopuolinen"): 1}
    assert flows(client, "by=municipality") == {("Täällä", "Tuolla"): 4, ("Täällä", "Täällä"): 1}
    assert sum(flows(client, "by=area").values()) == 5
    assert flows(client, "by=area&what=enrolments") == {("Alue yksi", "Alue yksi"): 1, ("Alue yksi", "in no area"): 1}


def test_lending_is_not_for_the_sides_neighbours(made):
    handler = sign_in(make_handler(made.town))

    assert [handler.get(path).status_code for path in ("/en/summary/use/", "/en/summary/flow/")] == [403, 403]
    assert "Ulkopuolinen" in sign_in(made.staff).get("/en/summary/use/").content.decode()


def test_lending_list_tells_no_purpose(made):
    assert "Keksitty</" not in sign_in(made.staff).get("/en/summary/use/").content.decode().replace("Keksitty palvelu", "")


def test_flow_chart_draws_a_band_for_each_pair_that_keeps_its_proportion():
    drawn = str(flow_chart("f", "Otsikko", "Selitys", [Band("A", "B", 30), Band("A & C", "B", 10), Band("A", "D", 0)]))

    assert (drawn.count('class="flow-band"'), drawn.count('class="flow-end"')) == (2, 3)
    assert 'height="80.0"' in drawn
    assert 'height="106.7"' in drawn
    assert "A &amp; C → B: 10" in drawn
    assert "<title" in drawn
    assert "<desc" in drawn
    assert flow_chart("f", "", "", []) == ""


def test_funnel_chart_hides_the_length_of_what_is_not_told():
    drawn = str(funnel_chart("f", "Otsikko", "Selitys", [Stage("Ensin", 40, "40"), Stage("Sitten", 10, "10", "25 %"), Stage("Lopuksi", None, "ei kerrota")]))

    assert drawn.count('class="bar"') == 2
    assert drawn.count('class="bar below-nought"') == 1
    assert 'width="360.0"' in drawn
    assert 'width="90.0"' in drawn
    assert 'width="358.0"' in drawn
