from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEvent
from guidance.actions.clients import CLIENT_FIELDS, edit_client, name_people, protect_client, unprotect_client
from guidance.choices import EventKind, ProtectionEnd
from guidance.models import Client
from services.conflicts import Conflict
from tests.guidance.factories import make_counsellor, make_pathway, make_shared_pathway, new_client

FULL = {"phone": "050 1", "email": "asiakas@example.org", "address": "Keksitie 1", "municipality_code": "905"}


@pytest.fixture
def full(made):
    return make_pathway(made, client=new_client(**FULL))


def stored(pathway) -> Client:
    return Client.objects.get(pk=pathway.client_id)


def test_edit_changes_and_keeps_history(made, full):
    edit_client(by=made.anna, pathway=full, family_name="Åkeksi-Uusi", phone="050 2")

    client = stored(full)
    assert (client.family_name, client.phone, client.search_name.startswith("akeksi uusi")) == ("Åkeksi-Uusi", "050 2", True)
    assert client.history.count() == 2
    [row] = AuditEvent.objects.filter(verb="client_edited")
    assert row.detail == {"pathway": full.pseudonym, "fields": ["family_name", "phone"]}


def test_edit_nothing_writes_no_audit_row(made, full):
    edit_client(by=made.anna, pathway=full, phone="050 1")

    assert not AuditEvent.objects.filter(verb="client_edited").exists()


def test_edit_does_not_overwrite_what_another_changed(made, full):
    seen = {name: getattr(full.client, name) for name in CLIENT_FIELDS}
    edit_client(by=made.anna, pathway=full, seen=seen, phone="050 2")

    edit_client(by=made.city_people[1], pathway=full, seen=seen, email="uusi@example.org", phone="050 2")
    with pytest.raises(ValidationError) as refusal:
        edit_client(by=made.city_people[1], pathway=full, seen=seen, phone="050 3")

    assert list(refusal.value.message_dict) == ["phone"]
    assert (stored(full).phone, stored(full).email) == ("050 2", "uusi@example.org")


@pytest.mark.parametrize(
    "fields",
    [
        {"family_name": ""}, {"email": "not an address"}, {"is_protected": True}, {"sort_key": "x"}, {"birth_date": date(2999, 1, 1)}, {"service_language": "xx"}, {"by": "ossi"},
        {"birth_date": "minor"}, {"birth_date": "minor", "minor_actor": "guardian"},
    ],
)
def test_edit_refuses(made, full, fields):
    young = timezone.localdate() - timedelta(days=15 * 365)
    fields = {name: {"ossi": made.ossi, "minor": young}.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    before = Client.objects.values().get(pk=full.client_id)

    with pytest.raises(ValidationError):
        edit_client(**({"by": made.anna, "pathway": full} | fields))

    assert Client.objects.values().get(pk=full.client_id) == before


def test_protection_empties_the_row_and_its_history(made, full):
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")

    client = stored(full)
    assert (client.is_protected, client.contact_address, client.phone, client.email, client.address, client.municipality_code) == (True, "PL 1", "", "", "", "")
    assert list(client.named_people.all()) == [made.anna]
    for row in client.history.all():
        assert {row.phone, row.email, row.address, row.municipality_code} == {""}
    assert "Keksitie" not in str(list(client.history.values()))


def test_protected_details_are_changed_by_named_people_only(made, full):
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")

    with pytest.raises(ValidationError, match="only the people named"):
        edit_client(by=made.city_people[1], pathway=full, contact_address="PL 2")
    with pytest.raises(ValidationError, match="Under non-disclosure only the contact address"):
        edit_client(by=made.anna, pathway=full, phone="050 3")
    name_people(by=made.anna, pathway=full, people=[made.anna, made.city_people[1]])
    edit_client(by=made.city_people[1], pathway=full, contact_address="PL 2")

    assert stored(full).contact_address == "PL 2"


@pytest.mark.parametrize("case", ["nobody", "outsider", "ended", "not protected"])
def test_naming_refuses(made, full, case):
    if case != "not protected":
        protect_client(by=made.anna, pathway=full, contact_address="PL 1")
    ended = make_counsellor(made.city)
    ended.ended_at, ended.end_reason = timezone.now(), "left"
    ended.save()
    people = {"nobody": [], "outsider": [made.anna, made.ossi], "ended": [made.anna, ended], "not protected": [made.anna]}[case]

    with pytest.raises(ValidationError):
        name_people(by=made.anna, pathway=full, people=people)

    assert list(stored(full).named_people.all()) == ([] if case == "not protected" else [made.anna])


@pytest.mark.parametrize("reason", ProtectionEnd)
def test_protection_ends_with_a_coded_reason(made, full, reason):
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")

    unprotect_client(by=made.anna, pathway=full, reason=reason)

    client = stored(full)
    assert (client.is_protected, client.phone, client.named_people.count()) == (False, "", 0)
    assert [(event.by, event.text, event.detail) for event in full.events.filter(kind=EventKind.PROTECTION)] == [(made.anna, "", {"ended": reason}), (made.anna, "", {})]
    assert AuditEvent.objects.get(verb="client_unprotected").detail == {"pathway": full.pseudonym, "reason": reason}


@pytest.mark.parametrize("by, reason", [(1, ProtectionEnd.REGISTER), (0, ""), (0, "Syy omin sanoin")])
def test_protection_ends_by_a_named_person_with_a_reason_only(made, full, by, reason):
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")

    with pytest.raises(ValidationError):
        unprotect_client(by=made.city_people[by], pathway=full, reason=reason)

    assert stored(full).is_protected


def test_protection_begun_or_ended_by_somebody_else_is_a_conflict(made, full):
    """An old page must neither lift what was just begun nor begin what was just ended."""
    with pytest.raises(Conflict):
        unprotect_client(by=made.anna, pathway=full, reason=ProtectionEnd.MISTAKE)
    protect_client(by=made.anna, pathway=full, contact_address="PL 1")
    with pytest.raises(Conflict):
        protect_client(by=made.anna, pathway=full, contact_address="PL 1")

    assert stored(full).is_protected


def test_named_person_of_an_organisation_that_leaves_is_named_no_more(made):
    from guidance.actions.participations import end_participation
    from guidance.models import NextStep, Pathway

    pathway = make_shared_pathway(made)
    protect_client(by=made.anna, pathway=pathway, contact_address="PL 1", named_people=[made.ossi])
    Pathway.objects.update(guidance_lead=None)
    NextStep.objects.update(responsible=made.anna)

    end_participation(by=made.anna, pathway=pathway, organisation_id=made.college.pk, reason="Valmis")

    assert list(stored(pathway).named_people.all()) == [made.anna]
