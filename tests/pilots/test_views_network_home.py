"""The home page and the totals."""
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from pilots.choices import Role
from pilots.models import JoinRequest, PilotArea, QuotedTotal
from pilots.queries.totals import network_totals
from tests.pilots.factories import (
    make_area,
    make_contact,
    make_member,
    make_membership,
    make_municipal_organisation,
    make_municipality,
    make_organisation,
    make_round,
    make_unit,
    make_user,
)
from tests.pilots.pages import address, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    """The real network from the portal's own files."""
    call_command("load_network", verbosity=0)


# Home ------------------------------------------------------------------------------------------


def test_home_shows_the_network_to_a_visitor(client):
    area = make_area("Suupohja")
    make_member(area, make_municipal_organisation(make_municipality("Teuva", latitude=62.48, longitude=21.75)))
    make_contact(area, task="agreements")

    text = page(client, "/en/")

    assert 'class="map' in text
    assert ">Suupohja</a>" in text
    assert "/en/contacts/?task=agreements" in text
    assert "/en/totals/" in text
    assert 'class="home-panel"' not in text


def test_home_of_an_empty_portal_is_calm(client):
    assert "No areas have been loaded yet." in page(client, "/en/")


@pytest.mark.parametrize(("path", "cookie", "goes_to"), [("/", "sv", "/sv/"), ("/", "en", "/en/"), ("/", "fi", ""), ("/", "xx", ""), ("/", "", ""), ("/sv/", "en", ""), ("/areas/", "sv", "")])
def test_stored_language_moves_only_the_bare_root(client, path, cookie, goes_to):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie

    answer = client.get(path)

    assert (answer.status_code, answer.headers.get("Location", "")) == ((302, goes_to) if goes_to else (200, ""))


def test_root_may_be_cached_only_with_its_cookie(client):
    assert "Cookie" in client.get("/").headers["Vary"]


def test_home_asks_a_person_without_membership_to_join(client):
    client.force_login(make_user())

    assert "/en/join/" in page(client, "/en/")


def test_home_leads_a_coordinator_to_the_own_area(client):
    area = make_area("Oma alue")
    client.force_login(make_membership(role=Role.AREA_COORDINATOR, area=area, organisation=make_organisation("Oma ky")).user)

    text = page(client, "/en/")

    assert "My area:" in text
    assert "Oma ky</a>" in text
    assert 'class="waiting-list"' not in text


def test_home_tells_an_administrator_what_waits_in_six_queries(client, django_assert_num_queries):
    organisation = make_organisation("Oma ky")
    client.force_login(make_membership(role=Role.ORGANISATION_ADMINISTRATOR, organisation=organisation).user)
    for _ in range(3):
        JoinRequest.objects.create(user=make_user(), organisation=organisation, role=Role.COUNSELLOR, created_at="2026-01-01T12:00:00Z")
    page(client, "/en/")

    with django_assert_num_queries(6):
        text = page(client, "/en/")

    assert "3 things wait for you" in text
    assert "3 people ask to join" in text


def test_home_tells_a_coordinator_what_has_grown_old_in_the_own_area(client, django_assert_num_queries):
    today = timezone.localdate()
    area, other = make_area("Oma alue", check_by=today - timedelta(days=1)), make_area("Toinen alue", check_by=today - timedelta(days=1))
    for days, ended in ((366, None), (400, None), (365, None), (500, today)):
        make_contact(area, confirmed_on=today - timedelta(days=days), ended_on=ended)
    make_contact(other, confirmed_on=today - timedelta(days=900))
    client.force_login(make_membership(role=Role.AREA_COORDINATOR, area=area).user)
    page(client, "/en/")

    with django_assert_num_queries(8):
        text = page(client, "/en/")

    assert "3 things wait for you" in text
    assert "2 contact people have not been confirmed for over a year" in text
    assert "The day to check the area’s texts has passed" in text
    assert f'href="/en/areas/{area.slug}/edit/#contacts"' in text
    # The frame of every other page counts what the home page lists.
    assert client.get("/en/areas/").context["waiting_count"] == 3


def test_home_leads_an_officer_of_a_municipality_to_its_page(client):
    town = make_municipality("Pikkukunta", code="841")
    client.force_login(make_membership(role=Role.EDUCATION_OFFICER, organisation=make_municipal_organisation(town)).user)

    assert client.get("/en/").context["own_municipality"] == town
    assert 'href="/en/municipalities/841/"' in page(client, "/en/")

    client.force_login(make_membership(role=Role.EDUCATION_OFFICER, organisation=make_organisation("Kuntayhtymä")).user)

    assert client.get("/en/").context["own_municipality"] is None


def test_home_tells_a_coordinator_of_one_area_nothing_of_another(client):
    make_area("Toinen alue", check_by=timezone.localdate() - timedelta(days=1))
    client.force_login(make_membership(role=Role.AREA_COORDINATOR, area=make_area("Oma alue", check_by=timezone.localdate())).user)

    assert 'class="waiting-list"' not in page(client, "/en/")


# Totals ----------------------------------------------------------------------------------------


def test_totals_stand_beside_the_sources_with_the_rule(client, network):
    text = page(client, "/en/totals/")
    row = text.split('<tr id="municipalities">')[1].split("</tr>")[0]

    assert '<td class="number" data-label="The source says">44</td>' in row
    assert '<td class="number" data-label="The portal counts">46' in row
    assert "44 is their number without Isojoki and Karijoki" in row


def test_totals_page_says_so_when_a_total_is_not_counted(client):
    make_area()
    QuotedTotal.objects.create(round=make_round(), code="unknown", value=7, quote="seitsemän", source="test")

    assert "not counted" in page(client, "/en/totals/")


# The whole -------------------------------------------------------------------------------------


def test_every_page_of_the_real_network_is_small_and_takes_few_queries(client, network, django_assert_max_num_queries):
    for area in network_totals().areas:
        make_contact(area)
    totals = network_totals()
    things = [*totals.areas, *(row.body for row in totals.members.rows), *totals.municipalities]
    paths = dict.fromkeys(["/", "/areas/", "/municipalities/", "/organisations/", "/contacts/", "/totals/", *map(address, things)])

    for path in paths:
        # The page of an area, or of a municipality, gathers what all others tell of it.
        with django_assert_max_num_queries(12 if path.startswith(("/areas/", "/municipalities/")) else 5):
            answer = client.get(f"/sv{path}")
        assert (answer.status_code, len(answer.content) <= 60_000) == (200, True), path



def test_name_in_another_language_carries_its_language(client):
    make_member(make_area("Rannikko"), make_unit("Yrkesskolan", name_sv="", owner=make_organisation("Förbundet")))

    text = page(client, "/sv/organisations/")

    assert 'lang="fi">Förbundet</a>' in text


def test_map_of_each_area_leads_nowhere_that_its_lists_do_not(client, network):
    """Targets on a map are small and may touch: an equal of each stands on the page, by the name or in the list of areas."""
    for area in PilotArea.objects.all():
        text = page(client, area.get_absolute_url())
        before, picture = text.split('<g class="map-marks">')
        marks = re.findall(r'href="([^"]+)"', picture.partition("</g>\n")[0])
        members = re.findall(r'href="([^"]+)"', before)

        assert marks
        assert set(marks) <= set(members), area.slug


def test_empty_network_shows_no_figures_of_nothing(client):
    assert 'class="counts"' not in page(client, "/")
    make_member(make_area())
    assert 'class="counts"' in page(client, "/")


@pytest.mark.parametrize(("rows", "offered"), [(0, 0), (1, 0), (2, 2)])
def test_order_is_offered_where_there_is_one(client, rows, offered):
    for _turn in range(rows):
        make_area()

    assert len(client.get("/areas/").context["sorts"]) == offered
