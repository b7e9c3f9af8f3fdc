"""No page that can show a client opens without a second factor that was used in this session."""
import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from tests.project.access import GUIDANCE_ROWS, OWN_ROWS, PATHWAY_ROWS
from tests.project.conftest import GuardClient

pytestmark = pytest.mark.once

# Who the partners are is no client's data.
WITHOUT_CLIENTS = {"guidance:partnership_list", "guidance:partnership_detail", "guidance:outside_answer", "guidance:share_open", "guidance:legal_list", "guidance:legal_add", "guidance:legal_edit", "own:join", "own:appointment", "own:back"}
LOOKING = ("counsellor", "lead", "protection_officer", "client")


def addresses(world) -> list[tuple[str, str, str]]:
    """Method and address of everything on the own side that the counsellor, the lead, the data protection officer or the client may open."""
    found = []
    for name, row in (GUIDANCE_ROWS | OWN_ROWS | PATHWAY_ROWS).items():
        if name not in WITHOUT_CLIENTS:
            person = next(one for one in LOOKING if one in row.may)
            path = reverse(name, kwargs=row.arguments(world.own) if row.arguments else {})
            found += [(person, method, path) for method in sorted(row.methods)]
    return found


def answers(world, clients: dict[str, Client]) -> set[tuple[int, str]]:
    return {(response.status_code, response.headers.get("Location", "").partition("?")[0]) for person, method, path in addresses(world) for response in [clients[person].generic(method, path)]}


def clients_of(world, *, with_key: bool, used: bool) -> dict[str, Client]:
    clients = {}
    for person in LOOKING:
        client = clients[person] = GuardClient()
        user = world.people[person]
        if with_key:
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa" if used else "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return clients


@pytest.mark.django_db
def test_second_factor_is_needed_on_every_page_about_clients(world):
    clients = clients_of(world, with_key=False, used=False)

    assert answers(world, clients) == {(403, "")}
    assert "Salainen" not in clients["counsellor"].get(world.own.pathway.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_second_factor_must_have_been_used_in_this_session(world):
    assert answers(world, clients_of(world, with_key=True, used=False)) == {(302, reverse("mfa_reauthenticate"))}


@pytest.mark.django_db
def test_second_factor_removed_ends_the_right_at_once(world):
    clients = clients_of(world, with_key=True, used=True)
    path = world.own.pathway.get_absolute_url()
    before = clients["counsellor"].get(path).status_code

    Authenticator.objects.all().delete()

    assert (before, clients["counsellor"].get(path).status_code) == (200, 403)
