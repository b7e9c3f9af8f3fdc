"""Keys of the API: who makes and revokes them, and which is taken."""
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from pilots.actions import tokens
from pilots.actions.tokens import MOST_TOKENS, make_token, revoke_token
from pilots.choices import ApiScope, Role
from pilots.models import ApiToken, Membership, RequestCount
from pilots.queries.tokens import count_request, find_token, forget_counts
from tests.pilots.factories import make_membership, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Membership:
    return make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=make_organisation())


def made(by: Membership, **fields) -> tuple[ApiToken, str]:
    return make_token(by=by, **({"name": "Verkkosivut", "scopes": [ApiScope.OFFERED], "days": 30} | fields))


def test_token_is_kept_as_a_hash_only(administrator):
    token, secret = made(administrator)

    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert secret.removeprefix("kopa_") not in str(row)
    assert find_token(secret, timezone.now()) == token
    assert [(one.verb, one.organisation_id) for one in AuditEvent.objects.all()] == [("api_token.made", administrator.organisation_id)]


def test_token_ends_on_its_day(administrator):
    _token, secret = made(administrator, days=30)

    assert find_token(secret, timezone.now() + timedelta(days=29, hours=23)) is not None
    assert find_token(secret, timezone.now() + timedelta(days=30, seconds=1)) is None


def test_token_revoked_is_taken_no_more_and_tells_who(administrator):
    token, secret = made(administrator)
    colleague = make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=administrator.organisation)

    revoke_token(by=colleague, token=token)

    assert find_token(secret, timezone.now()) is None
    assert ApiToken.objects.get().revoked_by == colleague


def test_token_of_an_organisation_that_has_ended_is_taken_no_more(administrator):
    _token, secret = made(administrator)
    organisation = administrator.organisation
    organisation.ended_on = timezone.localdate()
    organisation.save()

    assert find_token(secret, timezone.now()) is None


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.SERVICE_HANDLER, Role.EDUCATION_OFFICER])
def test_token_is_made_by_administrators_only(role):
    with pytest.raises(PermissionDenied):
        made(make_membership(make_user(), role, organisation=make_organisation()))


def test_token_of_another_organisation_is_not_revoked(administrator):
    token, _secret = made(make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=make_organisation()))

    with pytest.raises(PermissionDenied):
        revoke_token(by=administrator, token=token)


@pytest.mark.parametrize("fields", [{"name": "  "}, {"scopes": ["clients"]}, {"days": 0}, {"days": 367}])
def test_token_out_of_bounds_is_refused(administrator, fields):
    with pytest.raises(ValidationError):
        made(administrator, **fields)


def test_token_number_of_an_organisation_is_limited(administrator, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    made(administrator)

    with pytest.raises(ValidationError):
        made(administrator)
    assert MOST_TOKENS == 20


def test_token_page_shows_the_secret_once(administrator, client: Client):
    client.force_login(administrator.user)
    address = reverse("pilots:token_list")

    answer = client.post(address, {"name": "Verkkosivut", "scopes": [ApiScope.OWN], "days": "90"})

    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    assert secret not in client.get(address).content.decode()
    assert find_token(secret, timezone.now()).scopes == [ApiScope.OWN]

    client.post(reverse("pilots:token_revoke", args=[ApiToken.objects.get().pk]))
    assert find_token(secret, timezone.now()) is None


def test_count_is_of_one_reader_and_one_minute():
    now = timezone.now().replace(second=10, microsecond=0)

    counts = [count_request(reader, moment)[0] for reader, moment in [("a", now), ("a", now), ("b", now), ("a", now + timedelta(minutes=1))]]

    assert counts == [1, 2, 1, 1]
    assert count_request("a", now) == (3, 50)
    assert forget_counts(now + timedelta(minutes=1, seconds=30)) == 2
    assert RequestCount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_count_loses_nothing_between_workers(at_once):
    now = timezone.now()

    counts = at_once([lambda: count_request("a", now)[0] for _worker in range(12)])

    assert sorted(counts) == list(range(1, 13))
    connection.close()
