"""The second row of places, for those who work with the shared services."""
import pytest
from django.test import Client
from django.urls import reverse

from tests.guidance.factories import make_partnership
from tests.guidance.web import sign_in
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


def test_visitor_has_no_second_row():
    assert shown(Client(), "service_list") == {}
    assert "section_places" in Client().get(reverse("pilots:area_list")).context
