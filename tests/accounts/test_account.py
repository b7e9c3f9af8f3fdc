"""The account page, and what people say of themselves."""
import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from accounts.actions.users import change_profile, create_verified_user
from accounts.models import AuditEvent, User
from tests.pilots.people_stage import refused

from .conftest import PASSWORD, make_person

NEW = {"email": "uusi@example.org", "name": "Demo Uusi", "password": PASSWORD, "language": "sv"}


@pytest.mark.parametrize("count", [1, 3])
def test_account_page_asks_the_database_the_same_whatever_there_is(signed_in, person, count, django_assert_num_queries):
    from pilots.choices import Role
    from tests.pilots.factories import make_membership

    for number in range(count):
        make_membership(person, role=Role.ORGANISATION_ADMINISTRATOR)
        EmailAddress.objects.create(user=person, email=f"{number}@example.org")
    signed_in.get("/account/")

    with django_assert_num_queries(8):
        response = signed_in.get("/account/")

    assert len(response.context["addresses"]) == count + 1


def test_profile_is_saved_with_its_audit_row(signed_in, person):
    response = signed_in.post("/account/", {"name": " Demo\r\nToinen  Nimi ", "language": "en"})

    person.refresh_from_db()
    assert response.status_code == 302
    assert (person.name, person.language) == ("Demo Toinen Nimi", "en")
    event = AuditEvent.objects.exclude(verb="user.signed_in").get()
    assert (event.verb, event.actor_id, event.target_id, event.detail) == ("user.profile_changed", person.pk, str(person.pk), {"fields": ["name", "language"]})


def test_profile_saved_as_it_is_writes_nothing(person):
    change_profile(by=person, name=person.name, language=person.language)

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("name", "  "), ("name", "x" * 151), ("language", "de"), ("language", "")])
def test_profile_is_refused_and_the_frame_keeps_the_old_name(signed_in, person, field, value):
    response = signed_in.post("/account/", {"name": "Demo Toinen", "language": "en", field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert response.context["user"].name == person.name
    person.refresh_from_db()
    assert (person.name, person.language) == ("Demo Henkilö", "fi")


def test_create_verified_user_can_sign_in_at_once(client, db):
    user = create_verified_user(by=None, **(NEW | {"email": "Uusi@Example.org", "name": "Demo \n Uusi"}))

    assert (user.email, user.name, user.language) == ("uusi@example.org", "Demo Uusi", "sv")
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD})["Location"] == "/"
    assert AuditEvent.objects.exclude(verb="user.signed_in").get().verb == "user.created"


@pytest.mark.parametrize("password", ["short", "password1234", "uusi@example.org"])
def test_create_verified_user_refuses_a_weak_password(db, password):
    with pytest.raises(ValidationError) as refusal:
        create_verified_user(by=None, **(NEW | {"password": password}))

    assert list(refusal.value.message_dict) == ["password"]
    assert not User.objects.exists()


def test_create_verified_user_refuses_a_known_address(person):
    other = make_person("toinen@example.org")
    EmailAddress.objects.create(user=other, email="sivuosoite@example.org", verified=True)

    for email in (person.email, "sivuosoite@example.org"):
        with refused("already an account"):
            create_verified_user(by=None, **(NEW | {"email": email}))
    assert User.objects.count() == 2
    assert not AuditEvent.objects.exists()


def test_signing_out_empties_the_browsers_cache(signed_in):
    assert "Clear-Site-Data" not in signed_in.get("/account/logout/").headers
    assert signed_in.post("/account/logout/").headers["Clear-Site-Data"] == '"cache"'
