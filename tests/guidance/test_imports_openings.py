"""Many pathways opened at once are row for row what one opened by hand is."""
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict

from accounts.models import AuditEvent
from guidance.actions.openings import checked, open_pathways
from guidance.actions.pathways import open_pathway
from guidance.choices import TargetGroup
from guidance.models import Client, Pathway
from tests.guidance.factories import days_from_now, make_partnership, new_client

# What two pathways never share; which of them a field names is compared by what it points to.
OWN = {"id", "token", "pseudonym", "client", "pathway", "history_id", "target_id", "detail"}
MOMENTS = {"opened_at", "last_event_at", "started_at", "starts_at", "created_at", "at", "history_date"}


def facts(row) -> dict:
    """Every field, moments by whether they are there."""
    values = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.name not in OWN}
    return {name: value is not None if name in MOMENTS else value for name, value in values.items()}


def all_rows(pathway: Pathway) -> dict[str, list[dict]]:
    client = Client.objects.get(pk=pathway.client_id)
    rows = {
        "client": [client], "history": list(client.history.all()), "pathway": [Pathway.objects.get(pk=pathway.pk)], "audit": list(AuditEvent.objects.filter(target_kind="pathway", target_id=str(pathway.pk))),
    }
    for relation in Pathway._meta.related_objects:
        if not relation.many_to_many:
            rows[relation.related_model.__name__] = list(relation.related_model.objects.filter(**{relation.field.name: pathway}))
    return {name: [facts(row) for row in found] for name, found in rows.items()}


@pytest.mark.parametrize("part", ["authority", "no authority"])
def test_opened_together_is_as_opened_alone(made, part):
    own = made.partnership.parts.get(organisation=made.city)
    own.acts_as_authority = part == "authority"
    own.save()
    person = {"family_name": "Ölander-Koe", "given_names": "Aino", "phone": "050", "service_language": "sv"}
    values = {"first_step": "Keksitty askel", "first_due_on": days_from_now(7), "target_group": TargetGroup.CHANGING_OCCUPATION}
    day = new_client().birth_date

    alone = open_pathway(by=made.anna, partnership=made.partnership, client=new_client(birth_date=day, **person), token=uuid.uuid4(), **values)
    together = open_pathways(by=made.anna, partnership=made.partnership, openings=[checked(client=new_client(birth_date=day, **person), token=uuid.uuid4(), **values) for _turn in range(2)])

    expected = all_rows(alone)
    assert {"StagePeriod", "Participation", "NextStep", "Event", "history", "audit"} <= {name for name, rows in expected.items() if rows}
    for pathway in together:
        found = all_rows(pathway)
        assert {name: rows for name, rows in found.items() if rows != expected[name]} == {}
        assert found.keys() == expected.keys()


def test_organisation_that_has_not_stated_its_basis_opens_neither_one_nor_many(made):
    made.partnership.parts.get(organisation=made.city).delete()
    values = {"first_step": "Askel", "first_due_on": days_from_now(1), "token": uuid.uuid4()}

    for opens in (
        lambda: open_pathway(by=made.anna, partnership=made.partnership, client=new_client(), **values),
        lambda: open_pathways(by=made.anna, partnership=made.partnership, openings=[checked(client=new_client(), **values)]),
    ):
        with pytest.raises(ValidationError, match="has not stated on what basis"):
            opens()
    assert Client.objects.count() == 0


def test_opened_together_have_their_own_pseudonyms_and_tokens(made, nobody_lost):
    openings = [checked(client=new_client(), first_step="Askel", first_due_on=days_from_now(1), token=uuid.uuid4()) for _turn in range(3)]

    pathways = open_pathways(by=made.anna, partnership=made.partnership, openings=openings)

    assert [model_to_dict(one.events.get(), ["pathway"])["pathway"] for one in pathways] == [one.pk for one in pathways]
    assert [one.events.get().token for one in pathways] == [one.token for one in openings]
    assert len({one.pseudonym for one in pathways}) == 3
    assert [AuditEvent.objects.get(target_id=str(one.pk)).detail for one in pathways] == [{"pathway": one.pseudonym} for one in pathways]
    with pytest.raises(ValidationError, match="used already"):
        open_pathways(by=made.anna, partnership=made.partnership, openings=[checked(client=new_client(), first_step="Askel", first_due_on=days_from_now(1), token=openings[0].token)])
    nobody_lost()


@pytest.mark.parametrize("wrong", [{"first_due_on": days_from_now(-1)}, {"first_due_on": None}, {"first_step": ""}, {"first_step": "x" * 301}, {"target_group": "x"}])
def test_opening_that_one_alone_would_not_be_is_refused(wrong):
    values = {"client": new_client(), "first_step": "Askel", "first_due_on": days_from_now(1), "token": uuid.uuid4()} | wrong

    with pytest.raises(ValidationError):
        checked(**values)


@pytest.mark.parametrize("client", [{"family_name": ""}, {"email": "x"}, {"phone": "0" * 41}, {"birth_date": days_from_now(-3000)}, {"birth_date": days_from_now(3)}, {"service_language": "de"}])
def test_client_who_could_not_come_alone_is_refused(client):
    with pytest.raises(ValidationError):
        checked(client=new_client(**client), first_step="Askel", first_due_on=days_from_now(1), token=uuid.uuid4())


def test_only_the_process_owner_opens_many_and_only_where_it_is_open(made):
    def openings():
        return [checked(client=new_client(), first_step="Askel", first_due_on=days_from_now(1), token=uuid.uuid4())]

    closed = make_partnership(is_open=False)

    for by, partnership in ((made.ossi, made.partnership), (closed.anna, closed.partnership)):
        with pytest.raises(ValidationError):
            open_pathways(by=by, partnership=partnership, openings=openings())
    assert Client.objects.count() == 0
