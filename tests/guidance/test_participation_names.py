"""What an organisation orders, finds and narrows its clients by is the client's own name and birth date, however the row or these came."""
from datetime import date

import pytest

from guidance.actions.clients import edit_client
from guidance.actions.merging import merge_pathways
from guidance.models import Client, Participation
from guidance.queries.client_search import found_row, search_page
from tests.guidance.factories import make_client, make_pathway

pytestmark = pytest.mark.django_db


def repeated(client: Client) -> set[tuple[str, str, date]]:
    return set(Participation.objects.filter(pathway__client=client).values_list("sort_key", "search_name", "birth_date"))


def found(made, name: str) -> list[str]:
    return [found_row(row).pseudonym for row in search_page(made.city.pk, name=name, size=25).rows]


def test_new_participation_repeats_the_name(made):
    client = make_pathway(made, client=make_client(family_name="Åström", given_names="Väinö")).client

    assert repeated(client) == {(client.sort_key, "astrom vaino", client.birth_date)}


def test_changed_name_is_repeated_and_found(made):
    pathway = make_pathway(made, client=make_client(family_name="Ennen"))

    edit_client(by=made.anna, pathway=pathway, seen={"family_name": "Ennen"}, family_name="Sittemmin")

    client = Client.objects.get(pk=pathway.client_id)
    assert repeated(client) == {(client.sort_key, client.search_name, client.birth_date)}
    assert found(made, "sittem") == [pathway.pseudonym]
    assert found(made, "ennen") == []


def test_changed_birth_date_is_repeated(made):
    pathway = make_pathway(made, client=make_client(birth_date=date(1990, 2, 3)))

    edit_client(by=made.anna, pathway=pathway, seen={"birth_date": date(1990, 2, 3)}, birth_date=date(1991, 2, 3))

    assert {born for _key, _name, born in repeated(pathway.client)} == {date(1991, 2, 3)}


def test_participations_of_a_merged_pathway_take_the_kept_name_and_birth_date(made):
    keep, other = (make_pathway(made, client=make_client(family_name=name, birth_date=born)) for name, born in (("Pysyvä", date(1990, 2, 3)), ("Liittyvä", date(1990, 3, 2))))

    merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True)

    client = Client.objects.get(pk=keep.client_id)
    assert repeated(client) == {(client.sort_key, client.search_name, client.birth_date)}
