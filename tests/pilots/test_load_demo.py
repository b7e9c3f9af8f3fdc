"""Demo people: of every role, only in a demo, there once, gone again without a trace of real data."""
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import PortalSession, User
from pilots.choices import ContactTask, Role
from pilots.loading.demo import load_demo, remove_demo
from pilots.loading.demo_people import CONTACTS, INVITED, PASSWORD, PEOPLE
from pilots.loading.network import load_network
from pilots.models import Contact, Invitation, JoinRequest, Membership, Organisation, PilotArea
from tests.pilots.factories import make_contact, make_membership, make_user
from tests.pilots.test_load_network import digest

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def network(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Loaded once for all of these, under a transaction of its own; what a test changes is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_network()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(network):
    return load_demo(now=timezone.now())


def test_load_demo_has_a_person_for_every_role(demo):
    assert set(Membership.objects.active().values_list("role", flat=True)) == set(Role.values)
    assert {name for name in User.objects.values_list("name", flat=True) if not name.startswith("Demo ")} == set()
    assert set(User.objects.values_list("is_demo", flat=True)) == {True}
    assert sum(person.posts == () for person in PEOPLE) == 2
    assert max(len(person.posts) for person in PEOPLE) == 2


def test_load_demo_people_can_sign_in(demo, client):
    validate_password(PASSWORD)

    signed_in = [client.login(email=person.email, password=PASSWORD) for person in PEOPLE[:2]]

    assert signed_in == [True, True]
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == len(PEOPLE)


def test_load_demo_twice_changes_no_row(demo):
    before = digest()

    again = load_demo(now=timezone.now() + timedelta(days=3))

    assert digest() == before
    assert (again.people, again.contacts, again.invitations, again.requests) == (0, 0, 0, 0)


def test_load_demo_does_not_bring_back_what_was_ended(demo):
    Membership.objects.filter(user__email="suupohja@example.org").update(ended_at=timezone.now(), end_reason="ended")
    Contact.objects.filter(area__slug="suupohja").first().delete()
    before = digest()

    load_demo(now=timezone.now())

    assert digest() == before


def test_load_demo_shows_every_task_language_and_age(demo):
    contacts = list(Contact.objects.all())

    assert len(contacts) == sum(len(one.tasks) for one in CONTACTS)
    assert {contact.task for contact in contacts} == set(ContactTask.values)
    assert {contact.is_stale for contact in contacts} == {True, False}
    assert {contact.speaks_swedish for contact in contacts} == {True, False}
    assert PilotArea.objects.filter(contacts=None).count() == 2
    assert all(contact.is_demo and contact.name.startswith("Demo ") and contact.email.endswith("@example.org") for contact in contacts)


def test_load_demo_has_an_open_and_an_expired_invitation_and_a_request(demo):
    now = timezone.now()

    assert [invitation.expires_at > now for invitation in Invitation.objects.open().order_by("-sent_at")] == [True, False]
    assert [request.user.email for request in JoinRequest.objects.open()] == ["hakija@example.org"]


def test_load_demo_keeps_constraints_of_the_models(demo):
    for model in (User, Membership, Invitation, JoinRequest, Contact):
        for row in model.objects.all():
            row.full_clean()


def test_load_demo_refuses_where_demo_is_not_set(network, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="only where DEMO=1 is set"):
        call_command("load_demo")

    assert User.objects.count() == 0


def test_load_demo_prints_a_sign_in_for_each(network, settings):
    settings.DEMO = True
    out = StringIO()

    call_command("load_demo", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[1] == f"Everyone's password: {PASSWORD}"
    assert ["suupohja@example.org", "area coordinator (Suupohja)", "Suupohjan koulutuskuntayhtymä"] in [
        [part.strip() for part in line.split("  ") if part.strip()] for line in lines
    ]
    assert len(lines) == 2 + sum(max(1, len(person.posts)) for person in PEOPLE)


def test_load_demo_asks_for_the_network_first(settings):
    settings.DEMO = True
    Organisation.objects.filter(slug="kuntaliitto").update(slug="somebody-else")

    with pytest.raises(CommandError, match=r"^Run load_network first: “kuntaliitto” is not loaded.$"):
        call_command("load_demo")


def test_load_demo_refuses_an_address_of_a_real_person(network, settings):
    settings.DEMO = True
    make_user(PEOPLE[3].email)

    with pytest.raises(CommandError, match="belongs to a person who is not a demo person"):
        call_command("load_demo")

    assert User.objects.count() == 1


# Removal ----------------------------------------------------------------------------------------


def test_remove_demo_leaves_every_table_as_before(network):
    real = make_membership(organisation=Organisation.objects.get(slug="gradia"))
    make_contact(Organisation.objects.get(slug="gradia"), name="Real Person", email="real@example.fi")
    before = digest()
    load_demo(now=timezone.now())

    removed = remove_demo(now=timezone.now())

    assert digest() == before
    assert (removed.people, removed.closed, removed.contacts, removed.invitations) == (len(PEOPLE), 0, sum(len(one.tasks) for one in CONTACTS), len(INVITED))
    assert list(Membership.objects.all()) == [real]


def test_remove_demo_closes_a_person_whose_act_is_kept(demo):
    administrator = User.objects.get(email="sakky-hallinto@example.org")
    ended = make_membership(
        organisation=Organisation.objects.get(slug="savon-koulutuskuntayhtyma"), ended_at=timezone.now(), ended_by=administrator, end_reason="ended"
    )
    PortalSession.objects.create(session_key="x" * 32, user_id=administrator.pk, expire_date=timezone.now() + timedelta(hours=1))

    removed = remove_demo(now=timezone.now())

    administrator.refresh_from_db()
    ended.refresh_from_db()
    assert (removed.people, removed.closed) == (len(PEOPLE) - 1, 1)
    assert (administrator.name, administrator.email, administrator.is_active) == ("", f"removed-{administrator.pk}@example.invalid", False)
    assert not administrator.check_password(PASSWORD)
    assert (ended.ended_by, PortalSession.objects.count(), EmailAddress.objects.count()) == (administrator, 0, 0)
    assert list(Membership.objects.all()) == [ended]


def test_remove_demo_keeps_who_changed_an_area(demo):
    coordinator = User.objects.get(email="suupohja@example.org")
    area = PilotArea.objects.get(slug="suupohja")
    area.description_fi = "Kuvaus"
    area._history_user = coordinator
    area.save()

    remove_demo(now=timezone.now())

    assert area.history.first().history_user == coordinator
    assert not User.objects.get(pk=coordinator.pk).is_active


def test_remove_demo_keeps_a_row_that_somebody_made_real(demo):
    contact = Contact.objects.filter(area__slug="suupohja").first()
    contact.name, contact.email = "Real Person", "real@example.fi"
    contact.save()

    remove_demo(now=timezone.now())

    assert [(one.name, one.is_demo) for one in Contact.objects.all()] == [("Real Person", False)]


def test_remove_demo_command_tells_what_it_removed(demo):
    out = StringIO()

    call_command("remove_demo", stdout=out)

    assert out.getvalue() == f"Removed: {len(PEOPLE)} people, {sum(len(one.tasks) for one in CONTACTS)} contact people, {len(INVITED)} invitations.\n"


def test_load_demo_again_after_removal(demo):
    remove_demo(now=timezone.now())

    again = load_demo(now=timezone.now())

    assert (again.people, again.contacts) == (len(PEOPLE), sum(len(one.tasks) for one in CONTACTS))
    assert Contact.objects.latest("confirmed_on").confirmed_on <= date.today()
