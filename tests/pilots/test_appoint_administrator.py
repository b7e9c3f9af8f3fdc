"""The command that gives a new portal its first administrator."""
import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AuditEvent
from pilots.choices import Role
from pilots.models import Membership
from tests.pilots.factories import make_organisation, make_user

from .people_stage import client_of, person

pytestmark = pytest.mark.django_db


def appoint(email: str) -> None:
    call_command("appoint_administrator", email, verbosity=0)


def test_appointed_person_manages_every_organisation():
    kuntaliitto, other = make_organisation(slug="kuntaliitto"), make_organisation()
    first = person("Ensimmainen")
    page = reverse("pilots:people_of", args=[other.slug])
    before = client_of(first).get(page).status_code

    appoint(first.email.upper())
    appoint(first.email)

    membership = Membership.objects.get()
    assert (membership.user, membership.organisation, membership.role) == (first, kuntaliitto, Role.PORTAL_ADMINISTRATOR)
    assert (before, client_of(first).get(page).status_code) == (403, 200)
    event = AuditEvent.objects.first()
    assert (event.verb, event.actor_id, event.target_id) == ("membership.appointed", None, str(membership.pk))


@pytest.mark.parametrize("state", ["unknown", "unconfirmed", "closed"])
def test_appoint_refuses_who_cannot_sign_in(state):
    make_organisation(slug="kuntaliitto")
    if state != "unknown":
        user = make_user("joku@example.org", is_active=state != "closed")
        EmailAddress.objects.create(user=user, email=user.email, verified=state == "closed", primary=True)

    with pytest.raises(CommandError, match="Nobody who can sign in has confirmed the address joku@"):
        appoint("joku@example.org")

    assert not Membership.objects.exists()


def test_appoint_needs_the_network():
    first = person("Ensimmainen")

    with pytest.raises(CommandError, match="Run load_network first"):
        appoint(first.email)
