"""The second row of places: of what is public for everyone, of the shared services for those who work with them."""
import pytest
from django.test import Client
from django.urls import reverse

from kopa_portal.sections import SECTIONS
from tests.guidance.factories import make_partnership
from tests.guidance.web import sign_in
from tests.pilots.factories import make_area, make_unit
from tests.services.factories import make_handler, make_resource, make_service

pytestmark = pytest.mark.django_db


def shown(client: Client, name: str, *args) -> dict[str, str]:
    return {place.url: place.current for place in client.get(reverse(f"services:{name}", args=args)).context["section_places"]}


def current(places: dict[str, str]) -> dict[str, str]:
    return {url: state for url, state in places.items() if state}


def test_handler_sees_the_pages_of_the_section_and_where_they_are():
    handler = make_handler()
    service = make_service(make_resource(handler.organisation))
    client = Client()
    client.force_login(handler.user)

    assert current(shown(client, "booking_list")) == {reverse("services:booking_list"): "page"}
    assert current(shown(client, "offer_what", service.pk)) == {reverse("services:offer_list"): "true"}
    assert current(shown(client, "resource_detail", service.resource_id)) == {reverse("services:offer_list"): "true"}
    assert current(shown(client, "service_detail", service.pk)) == {reverse("services:service_list"): "true"}


def test_counsellor_sees_what_they_may_open():
    places = shown(sign_in(make_partnership().anna), "service_list")

    assert set(places) == {reverse("services:service_list"), reverse("services:enrolment_list")}


def test_visitor_has_no_row_of_the_services():
    assert shown(Client(), "service_list") == {}


def test_everybody_has_the_rows_of_what_is_public():
    for part in ("models", "obstacles", "areas"):
        for _permission, _label, name, _more in SECTIONS[part]:
            context = Client().get(reverse(name)).context
            places = {place.url: place.current for place in context["section_places"]}

            assert current(places) == {reverse(name): "page"}
            assert list(places) == [reverse(other) for _permission, _label, other, _more in SECTIONS[part]]
            assert [place.url for place in context["nav_places"] if place.current] in ([reverse(name)], [reverse(SECTIONS[part][0][2])])


def test_page_below_a_place_shows_where_it_belongs():
    make_area(slug="alue")
    make_unit("Keksitty opisto", slug="opisto")
    places = {path: current({place.url: place.current for place in Client().get(path).context["section_places"]}) for path in ("/areas/alue/", "/areas/alue/report/", "/units/opisto/", "/totals/")}

    assert places == {"/areas/alue/": {"/areas/": "true"}, "/areas/alue/report/": {"/areas/": "true"}, "/units/opisto/": {"/organisations/": "true"}, "/totals/": {"/areas/": "true"}}


def test_page_of_no_part_has_no_row():
    assert Client().get("/").context["section_places"] == Client().get("/search/").context["section_places"] == []
