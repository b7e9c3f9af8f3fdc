"""The frame and the sign-in of those who guide clients."""
import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from pilots.choices import Role
from tests.guidance.factories import make_counsellor, make_partnership, make_pathway, new_client
from tests.guidance.web import sign_in

PASSWORD = "four plain made words"


@pytest.fixture
def made(db):
    cache.clear()
    return make_partnership()


def login(membership, **fields):
    membership.user.set_password(PASSWORD)
    membership.user.save()
    EmailAddress.objects.create(user=membership.user, email=membership.user.email, verified=True, primary=True)
    return Client().post(reverse("account_login"), {"login": membership.user.email, "password": PASSWORD} | fields)["Location"]


def test_counsellor_lands_on_what_waits(made):
    assert login(made.anna) == reverse("guidance:waiting")


def test_counsellor_lands_on_the_page_that_was_asked_for(made):
    assert login(made.anna, next="/areas/") == "/areas/"


def test_others_land_on_the_front_page(made):
    assert login(make_counsellor(made.city, Role.ORGANISATION_ADMINISTRATOR)) == reverse("home")


@pytest.mark.parametrize("name", ["pathway_detail", "pathway_move", "client_edit"])
def test_page_of_a_client_is_under_clients(made, name):
    pathway = make_pathway(made, client=new_client())

    places = sign_in(made.anna).get(reverse(f"guidance:{name}", args=[pathway.pseudonym])).context["nav_places"]

    assert [place.url for place in places if place.current] == [reverse("guidance:client_list")]


def test_page_of_what_waits_is_under_itself(made):
    places = sign_in(made.anna).get(reverse("guidance:waiting")).context["nav_places"]

    assert [place.url for place in places if place.current] == [reverse("guidance:waiting")]
