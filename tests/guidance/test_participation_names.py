"""What an organisation orders and finds its clients by is the client's own name, however the row or the name came."""
from datetime import date

import pytest

from guidance.actions.clients import edit_client
from guidance.actions.merging import merge_pathways
from guidance.models import Client, Participation
from guidance.queries.client_list import found_by
from tests.guidance.factories import make_client, make_pathway

pytestmark = pytest.mark.django_db


def repeated(client: Client) -> set[tuple[str, str]]:
    return set(Participation.objects.filter(pathway__client=client).values_list("sort_key", "search_name"))


def test_new_participation_repeats_the_name(made):
    client = make_pathway(made, client=make_client(family_name="Åström", given_names="Väinö")).client

    assert repeated(client) == {(client.sort_key, "astrom vaino")}


def test_changed_name_is_repeated_and_found(made):
    pathway = make_pathway(made, client=make_client(family_name="Ennen"))

    edit_client(by=made.anna, pathway=pathway, seen={"family_name": "Ennen"}, family_name="Sittemmin")

    client = Client.objects.get(pk=pathway.client_id)
    assert repeated(client) == {(client.sort_key, client.search_name)}
    assert [row.pathway for row in found_by(made.anna, name="sittem")] == [pathway]
    assert list(found_by(made.anna, name="ennen")) == []


def test_participations_of_a_merged_pathway_take_the_kept_name(made):
    keep, other = (make_pathway(made, client=make_client(family_name=name, birth_date=date(1990, 2, 3))) for name in ("Pysyvä", "Liittyvä"))

    merge_pathways(by=made.anna, keep=keep, other=other)

    client = Client.objects.get(pk=keep.client_id)
    assert repeated(client) == {(client.sort_key, client.search_name)}
