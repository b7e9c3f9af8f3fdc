"""Who stands where in the tests of people: an organisation with an administrator, another one, and Kuntaliitto."""
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override

from accounts.models import AuditEvent, OutboxMessage, User
from pilots.choices import Role
from pilots.models import Membership
from tests.pilots.factories import make_membership, make_organisation, make_user


def person(name: str, **fields) -> User:
    """A user with a confirmed address."""
    user = make_user(f"{name.lower().replace(' ', '.')}@example.org", name=f"Demo {name}", **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_stage() -> SimpleNamespace:
    own, other = make_organisation("Oma kuntayhtymä"), make_organisation("Vieras kuntayhtymä")
    kuntaliitto = make_organisation("Kattojärjestö", slug="kuntaliitto")
    stage = SimpleNamespace(own=own, other=other, kuntaliitto=kuntaliitto)
    stage.administrator = make_membership(person("Hallinto"), Role.ORGANISATION_ADMINISTRATOR, organisation=own)
    stage.officer = make_membership(person("Virkahenkilo"), Role.EDUCATION_OFFICER, organisation=own)
    stage.other_administrator = make_membership(person("Vieras"), Role.ORGANISATION_ADMINISTRATOR, organisation=other)
    stage.portal = make_membership(person("Paakayttaja"), Role.PORTAL_ADMINISTRATOR, organisation=kuntaliitto)
    stage.outsider = person("Ulkopuolinen")
    return stage


def client_of(who: Membership | User) -> Client:
    client = Client()
    client.force_login(who.user if isinstance(who, Membership) else who)
    return client


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def mails() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.order_by("id").values_list("kind", "to_email"))


@contextmanager
def refused(words: str) -> Iterator[None]:
    """The action inside is refused with these words, in the language that they are written in here."""
    with override("en"), pytest.raises(ValidationError, match=words):
        yield
