"""Two coordinators of one area at once: nothing is lost, nothing is written twice, nobody sees an error page."""
from collections import Counter
from datetime import date
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from pilots.choices import Role
from pilots.models import AreaMembership, PilotArea
from tests.pilots.factories import make_area, make_contact, make_member, make_membership, make_organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]

AT_ONCE = 12


@pytest.fixture
def rounds(battery_count) -> int:
    return max(10, battery_count(50))


@pytest.fixture
def area():
    return make_area("Suupohja")


@pytest.fixture
def clients(area) -> list[Client]:
    """Sessions of two coordinators of the area, in turns."""
    users = [make_membership(role=Role.AREA_COORDINATOR, area=area).user for _number in range(2)]
    signed_in = [Client() for _number in range(AT_ONCE)]
    for number, client in enumerate(signed_in):
        client.force_login(users[number % 2])
        client.get(reverse("pilots:area_edit", args=[area.slug]))
    return signed_in


def test_area_edit_at_once_loses_no_text(clients, area, rounds, at_once):
    address = reverse("pilots:area_edit", args=[area.slug])
    texts = {f"{topic}_{language}": "" for topic in ("description", "challenge", "readiness", "objectives") for language in ("fi", "sv")}

    for number in range(rounds):
        version = PilotArea.objects.get(pk=area.pk).version
        values = texts | {"check_by": "", "version": version}

        answers = at_once([partial(client.post, address, values | {"description_fi": f"Teksti {number} {place}"}) for place, client in enumerate(clients)])

        assert Counter(answer.status_code for answer in answers) == {302: 1, 409: AT_ONCE - 1}
        winner = next(place for place, answer in enumerate(answers) if answer.status_code == 302)
        saved = PilotArea.objects.get(pk=area.pk)
        assert (saved.description_fi, saved.version) == (f"Teksti {number} {winner}", version + 1)
        for place, answer in enumerate(answers):
            if place != winner:
                assert (f"Teksti {number} {place}" in answer.content.decode(), saved.description_fi in answer.content.decode()) == (True, True)

    assert (area.history.count(), AuditEvent.objects.filter(verb="edit_area").count()) == (rounds + 1, rounds)


def test_contact_edit_at_once_loses_no_change(clients, area, rounds, at_once):
    contact = make_contact(area)
    address = reverse("pilots:contact_edit", args=[area.slug, contact.pk])

    for number in range(rounds):
        values = {"version": contact.history.first().history_id, "task": "general", "name": contact.name, "email": contact.email}
        values |= {"speaks_finnish": "on", "confirmed_on": "3.2.2021"}

        answers = at_once([partial(client.post, address, values | {"phone": f"040 {number:03d} {place:03d}"}) for place, client in enumerate(clients)])

        assert Counter(answer.status_code for answer in answers) == {302: 1, 409: AT_ONCE - 1}

    assert contact.history.count() == rounds + 1


def test_member_add_at_once_makes_one_membership(clients, area, rounds, at_once):
    address = reverse("pilots:member_add", args=[area.slug])

    for _number in range(rounds):
        body = make_organisation()
        values = {"body": f"organisation-{body.pk}", "participation": "direct", "through": ""}

        answers = at_once([partial(client.post, address, values | {"starts_on": f"{place + 1}.8.2020"}) for place, client in enumerate(clients)])

        assert Counter(answer.status_code for answer in answers) == {302: 1, 200: AT_ONCE - 1}
        assert AreaMembership.objects.filter(organisation=body).count() == 1


def test_ending_at_once_is_kept_once(clients, area, rounds, at_once):
    for _number in range(rounds):
        contact, member = make_contact(area), make_member(area)
        addresses = reverse("pilots:contact_end", args=[area.slug, contact.pk]), reverse("pilots:member_end", args=[area.slug, member.pk])

        answers = at_once([partial(client.post, addresses[place // 2 % 2], {"last_day": "31.5.2021"}) for place, client in enumerate(clients)])

        assert Counter(answer.status_code for answer in answers) == {302: AT_ONCE}
        assert (contact.history.count(), member.history.count()) == (2, 2)
        member.refresh_from_db()
        assert member.ends_on == date(2021, 6, 1)
