"""What a page says where somebody might go wrong: who may open a pathway, which search is meant, whose answer it is."""
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from guidance.actions.participations import join_pathway
from guidance.actions.pathways import close_pathway
from guidance.choices import DisclosureBasis, HandoffState
from guidance.forms.clients import AddClientForm, SearchForm
from guidance.forms.moments import MomentField
from guidance.loading.demo_names import invent
from guidance.models import Handoff, Pathway
from pilots.forms.days import DayField
from tests.guidance.factories import make_client, make_handoff, make_partnership, make_pathway, make_shared_pathway


def where(name: str, *arguments) -> str:
    with translation.override("en"):
        return reverse(f"guidance:{name}", args=arguments)


@pytest.mark.parametrize("person, offered", [("anna", True), ("ossi", False)])
def test_add_a_client_is_offered_to_those_who_may(made, guide_client, person, offered):
    client = guide_client(getattr(made, person))

    listed, found = client.get(where("client_list")), client.post(where("client_search"), {"name": "Eikukaan"})

    for page in (listed, found):
        assert (where("client_add") in page.content.decode(), page.context["may_open"]) == (offered, offered)
        assert ("opens the pathway of a new client" in page.content.decode()) is not offered


def test_add_a_client_waits_until_the_partnership_is_open(db, guide_client):
    made = make_partnership(is_open=False)

    assert guide_client(made.anna).get(where("client_list")).context["may_open"] is False


@pytest.mark.parametrize("guides", [True, False])
def test_search_of_the_network_sends_counsellors_to_the_search_of_clients(made, guide_client, client, guides):
    asked = guide_client(made.anna) if guides else client

    with translation.override("en"):
        page = asked.get(reverse("summaries:search"), {"q": "xqzyw"}).content.decode()

    assert [f'href="{where("client_search")}"' in page, "no clients" in page] == [guides, guides]


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_answer_of_an_outside_body_is_written_down_in_own_words(made, guide_client, answer):
    handoff = make_handoff(made, make_pathway(made), to_outside="Keksitty paja")
    address = where(f"handoff_{answer}", handoff.pk)
    client = guide_client(made.anna)

    page = client.get(address).content.decode()

    assert "Write down the" in page
    assert "Why you decline" not in page
    assert "Your organisation sees nothing more" not in page


def test_refusal_of_an_outside_body_is_told_without_telling_a_sender(made, guide_client):
    handoff = make_handoff(made, make_pathway(made), to_outside="Keksitty paja")

    page = guide_client(made.anna).post(where("handoff_decline", handoff.pk), {"decline_reason": "Ei tilaa"}, follow=True)

    assert Handoff.objects.get().state == HandoffState.DECLINED
    assert "The refusal is written down" in page.content.decode()


def test_duplicate_that_has_ended_says_when(made, guide_client):
    client = make_client(family_name="Esimerkki", given_names="Keksi Malli", birth_date=date(1990, 2, 3))
    pathway = make_pathway(made, client=client)
    close_pathway(by=made.anna, pathway=Pathway.objects.get(pk=pathway.pk), end_reason="moved", outcome="unknown")
    address = where("client_add")
    fields = {"family_name": "Esimerkki", "given_names": "Keksi Malli", "birth_date": "3.2.1990", "service_language": "fi", "first_step": "Soita", "first_due_on": timezone.localdate().strftime("%d.%m.%Y")}
    asked = guide_client(made.anna)
    form = asked.get(address).context["form"]

    page = asked.post(address, fields | {"token": form["token"].value(), "partnership": made.partnership.pk})

    [(one, stage)] = page.context["likely"]
    assert (one.pathway, stage) == (pathway, "")
    assert "ended on" in page.content.decode()
    assert "Open the file of Esimerkki Keksi Malli" in page.content.decode() or "Open the file of Keksi Malli Esimerkki" in page.content.decode()


def test_what_must_be_written_is_named():
    with translation.override("en"):
        form = AddClientForm({}, partnerships=[])
        errors = {name: form.errors[name][0] for name in ("family_name", "given_names", "birth_date", "first_step")}

        assert errors == {"family_name": "Write the family name.", "given_names": "Write the given names.", "birth_date": "Write the birth date, for example 3.2.1998.", "first_step": "Write what happens next."}
        assert "1998" in str(SearchForm().fields["birth_date"].help_text)


@pytest.mark.parametrize("field, written, code", [(DayField, "31.2.2026", "no_such_day"), (DayField, "2026-02-31", "no_such_day"), (DayField, "huomenna", "invalid"), (MomentField, "31.2.2026 10.00", "no_such_moment"), (MomentField, "1.2.2026 25.00", "no_such_moment"), (MomentField, "huomenna", "invalid")])
def test_a_day_that_is_not_there_is_no_fault_of_the_form(field, written, code):
    with pytest.raises(ValidationError) as refusal:
        field().clean(written)

    assert refusal.value.code == code


def test_who_took_part_earlier_is_named_once(made, guide_client):
    pathway = make_shared_pathway(made)
    for _turn in range(2):
        join_pathway(pathway=pathway, person=made.taru, disclosure_basis=DisclosureBasis.STATUTE, disclosure_statute="keksitty säännös")
        pathway.participations.filter(organisation=made.te).update(ends_at=timezone.now())

    page = guide_client(made.anna).get(pathway.get_absolute_url()).context["page"]

    assert [row.organisation_id for row in page.former] == [made.te.pk]


def test_demo_people_have_no_name_twice():
    import random

    rng = random.Random(1)

    for number in range(3000):
        names = invent(rng, number).given_names.split()
        assert len(names) == len(set(names))
