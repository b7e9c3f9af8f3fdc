"""The client list, the search, adding with the duplicate guard, editing, protecting, merging; talks, caseloads, absences."""
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.actions.contacts import log_event
from guidance.actions.pathways import close_pathway
from guidance.choices import EndReason, EventKind, LogAction, OptionKind, Outcome, Stage, TargetGroup, Visibility
from guidance.models import Absence, AccessLog, AccessLogSubject, Client, DropIn, Event, Participation, Partnership, Pathway, PathwayAlias
from guidance.queries.client_search import found_query, search_page
from pilots.choices import Role
from pilots.forms.days import written
from tests.guidance.factories import (
    days_from_now,
    make_client,
    make_counsellor,
    make_option,
    make_organisation,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    new_client,
)
from tests.guidance.test_views_waiting import asked, due

LIST, SEARCH, ADD = (reverse(f"guidance:{name}") for name in ("client_list", "client_search", "client_add"))


def named(made, *names: str, **fields) -> list[Pathway]:
    return [make_pathway(made, client=make_client(family_name=name), **fields) for name in names]


def shown(response) -> list[str]:
    return [row.name.split()[0] for row in response.context["rows"]]


def subjects(action: str) -> list[str]:
    ids = list(AccessLog.objects.filter(action=action).values_list("pk", flat=True))
    return sorted(AccessLogSubject.objects.filter(log_id__in=ids).values_list("pseudonym", flat=True))


# List --------------------------------------------------------------------------------------------


def test_list_is_in_finnish_order_and_shows_only_where_the_organisation_takes_part(made, guide_client):
    named(made, "Åberg", "Aalto", "Östman", "Zilliacus", "Äyräs")
    named(make_partnership(), "Vieras")

    response = guide_client(made.anna).get(LIST)

    assert shown(response) == ["Aalto", "Zilliacus", "Åberg", "Äyräs", "Östman"]
    assert guide_client(made.ossi).get(LIST).context["rows"] == []


def test_list_tells_the_last_event_that_one_may_read(made, guide_client):
    pathway = make_shared_pathway(made)
    city, college = guide_client(made.anna), guide_client(made.ossi)
    before = city.get(LIST).context["rows"][0].last_event_at
    note = log_event(by=made.ossi, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text="Opiston oma", visibility=Visibility.OWN)

    assert [client.get(LIST).context["rows"][0].last_event_at for client in (city, college)] == [before, note.at]


def test_list_pages_both_ways_through_every_client_once(made, guide_client, monkeypatch):
    monkeypatch.setattr("guidance.views.clients.ON_PAGE", 2)
    named(made, "A", "B", "B", "B", "C")
    client = guide_client(made.anna)
    first = client.get(LIST)
    second = client.get(f"{LIST}?after={first.context['page'].after}")
    third = client.get(f"{LIST}?after={second.context['page'].after}")
    back = client.get(f"{LIST}?before={third.context['page'].before}")

    pages = [[row.pseudonym for row in page.context["rows"]] for page in (first, second, third, back)]
    assert [len(page) for page in pages] == [2, 2, 1, 2]
    assert len({*pages[0], *pages[1], *pages[2]}) == 5
    assert pages[3] == pages[1]
    assert (first.context["page"].before, third.context["page"].after) == (None, None)


def test_place_of_a_foreign_client_in_the_list_tells_nothing(made, guide_client):
    named(made, "Aalto", "Östman")
    foreign = named(make_partnership(), "Mäki")[0].participations.get()

    assert shown(guide_client(made.anna).get(f"{LIST}?after={foreign.pk}")) == ["Aalto", "Östman"]


def test_list_filters_by_codes(made, guide_client):
    plain, other = named(made, "Tavallinen", "Toinen")
    Pathway.objects.filter(pk=other.pk).update(stage=Stage.MAPPING, target_group=TargetGroup.CHANGING_OCCUPATION, waits_since=timezone.now(), last_event_at=timezone.now() - timedelta(days=31))
    for pathway, born in ((other, timezone.localdate() - timedelta(days=365 * 20)), (plain, date(1970, 1, 1))):
        pathway.client.birth_date = born
        pathway.client.save()
    due(other, -1)
    make_option(other, made.anna, kind=OptionKind.APPRENTICESHIP)
    other.participations.update(responsible=made.city_people[1])
    client = guide_client(made.anna)

    queries = ["stage=mapping", "group=changing_occupation", "waits=1", "stale=1", "overdue=1", "under_30=1", "option=apprenticeship", f"person={made.city_people[1].pk}"]
    assert {query: shown(client.get(f"{LIST}?{query}")) for query in queries} == {query: ["Toinen"] for query in queries}
    assert shown(client.get(f"{LIST}?role=part")) == ["Tavallinen"]
    assert shown(guide_client(made.city_people[1]).get(f"{LIST}?mine=1")) == ["Toinen"]


@pytest.mark.parametrize("query", ["stage=nothing", "person=x", "mine=0", "stage=%00", "q=Aalto", "after=abc"])
def test_list_value_that_is_none_leaves_the_list_as_it_is(made, guide_client, query):
    named(made, "Aalto")

    response = guide_client(made.city_people[1]).get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert "Aalto" in response.content.decode() or query == "mine=0"


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries_for_any_number_of_rows(made, guide_client, rows):
    named(made, *"ABC"[:rows])
    client = guide_client(made.anna)
    client.get(LIST)

    with CaptureQueriesContext(connection) as captured:
        client.get(f"{LIST}?mine=1")

    assert asked(captured) == 8, [query["sql"][:120] for query in captured]


def test_full_page_of_the_list_is_under_40_kb(made, guide_client):
    named(made, *[f"Pitkänimi-Esimerkki{number}" for number in range(26)])

    response = guide_client(made.anna).get(LIST)

    assert len(response.context["rows"]) == 25
    assert len(response.content) < 40_000


def test_list_count_stops_at_a_thousand(made, guide_client, monkeypatch):
    monkeypatch.setattr("pilots.queries.keyset.MOST_COUNTED", 2)
    named(made, *"ABCDE")

    assert guide_client(made.anna).get(LIST).context["page"].count == 3


@pytest.mark.parametrize("names, counts", [("AB", [2]), ("ABC", [3, 3]), ("ABCDE", [3, 3, 3])])
def test_filtered_list_is_counted_as_far_as_its_page(made, guide_client, monkeypatch, names, counts):
    monkeypatch.setattr("guidance.views.clients.ON_PAGE", 2)
    named(made, *names)
    client = guide_client(made.anna)
    pages = [client.get(f"{LIST}?mine=1")]
    while after := pages[-1].context["page"].after:
        pages.append(client.get(f"{LIST}?mine=1&after={after}"))

    assert [page.context["page"].count for page in pages] == counts
    assert [page.context["page"].most for page in pages] == [2] * len(counts)


def test_list_stale_where_no_partnership_says_so_is_empty(made, guide_client):
    named(made, "Aalto")
    Partnership.objects.update(opened_at=None)

    assert shown(guide_client(made.anna).get(f"{LIST}?stale=1")) == []


def test_list_writes_whom_it_showed(made, guide_client):
    pathways = named(made, "Aalto", "Östman")

    guide_client(made.anna).get(LIST)

    assert subjects(LogAction.LIST) == sorted(pathway.pseudonym for pathway in pathways)


# Search ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["maki", "MÄKI", "äki", "Anna Mäki", "mäki anna"])
def test_search_finds_by_part_of_the_name_whatever_its_spelling(made, guide_client, text):
    pathway = make_pathway(made, client=make_client(family_name="Mäkinen", given_names="Anna-Liisa"))
    named(made, "Virtanen")

    response = guide_client(made.anna).post(SEARCH, {"name": text})

    assert response.status_code == 200
    assert [row.pseudonym for row in response.context["rows"]] == [pathway.pseudonym]
    assert subjects(LogAction.SEARCH) == [pathway.pseudonym]


def test_search_by_birth_date(made, guide_client):
    pathway = make_pathway(made, client=make_client(birth_date=date(1991, 2, 3)))

    assert [row.pseudonym for row in guide_client(made.anna).post(SEARCH, {"birth_date": "3.2.1991"}).context["rows"]] == [pathway.pseudonym]


def test_search_never_finds_a_foreign_client(made, guide_client):
    named(make_partnership(), "Vieras")

    response = guide_client(made.anna).post(SEARCH, {"name": "vieras"})

    assert (response.context["rows"], response.context["page"].count) == ([], 0)


@pytest.mark.parametrize("data", [{}, {"name": "ab"}, {"name": "a b c"}, {"birth_date": "eilen"}, {"name": "\x00\x00\x00"}, {"name": "x" * 101}])
def test_search_without_enough_says_so(made, guide_client, data):
    assert guide_client(made.anna).post(SEARCH, data).status_code == 422


@pytest.mark.parametrize("data", [{"name": "%%%"}, {"name": "___"}, {"name": "nimi", "after": "x"}])
def test_search_for_signs_finds_nobody(made, guide_client, data):
    named(made, "Aalto")

    assert guide_client(made.anna).post(SEARCH, data).context["rows"] == []


def test_search_pages_by_post(made, guide_client, monkeypatch):
    monkeypatch.setattr("guidance.views.clients.ON_PAGE", 2)
    named(made, "Korhonen", "Korhonen", "Korhonen")
    client = guide_client(made.anna)
    first = client.post(SEARCH, {"name": "korho"})
    second = client.post(SEARCH, {"name": "korho", "after": first.context["page"].after})

    found = [row.pseudonym for page in (first, second) for row in page.context["rows"]]
    assert len(found) == len(set(found)) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_search_asks_the_same_number_of_queries_for_any_number_of_rows(made, guide_client, rows):
    named(made, *["Korhonen"] * rows)
    client = guide_client(made.anna)
    client.get(SEARCH)

    with CaptureQueriesContext(connection) as captured:
        client.post(SEARCH, {"name": "korho"})

    assert asked(captured) == 8, [query["sql"][:120] for query in captured]


# Add ---------------------------------------------------------------------------------------------


def filled(made, **fields) -> dict:
    return {
        "token": str(uuid4()), "partnership": made.partnership.pk, "family_name": "Uusi", "given_names": "Keksitty", "birth_date": "3.2.1990", "service_language": "fi",
        "first_step": "Soita", "first_due_on": written(days_from_now(3)),
    } | fields


def test_add_opens_a_pathway_with_its_first_step_and_sent_twice_only_one(made, guide_client):
    client, data = guide_client(made.anna), filled(made)

    answers = [client.post(ADD, data) for _turn in range(2)]

    pathway = Pathway.objects.get()
    assert {answer.url for answer in answers} == {pathway.get_absolute_url()}
    assert (pathway.client.family_name, pathway.next_steps.get().what, pathway.process_person) == ("Uusi", "Soita", made.anna)
    assert "Uusi" not in answers[0].url


def test_add_asks_when_likely_the_same_person_is_here_and_goes_on_when_it_is_another(made, guide_client):
    known = make_pathway(made, client=make_client(family_name="Mäkinen", given_names="Anna", birth_date=date(1990, 2, 3)))
    client, data = guide_client(made.anna), filled(made, family_name="Makinen", given_names="Anna")
    question = client.post(ADD, data)
    blind = client.post(ADD, data | {"is_another": "on"})
    confirmed = client.post(ADD, data | {"is_another": "on", "others": question.context["form"]["others"].value()})

    assert (question.status_code, [one.pathway.pseudonym for one, _stage in question.context["likely"]]) == (422, [known.pseudonym])
    assert known.pseudonym in question.content.decode()
    assert (blind.status_code, confirmed.status_code, Pathway.objects.count()) == (422, 302, 2)
    assert set(subjects(LogAction.SEARCH)) == {known.pseudonym}


def test_add_says_nothing_of_the_same_person_elsewhere(made, guide_client):
    make_pathway(make_partnership(), client=make_client(family_name="Uusi", given_names="Keksitty", birth_date=date(1990, 2, 3)))

    assert guide_client(made.anna).post(ADD, filled(made)).status_code == 302


def test_add_of_a_minor_asks_first_who_acts_and_about_the_duty(made, guide_client):
    young = written(days_from_now(-365 * 16))
    client = guide_client(made.anna)
    asked_first = client.post(ADD, filled(made, birth_date=young))
    half = client.post(ADD, filled(made, birth_date=young, minor_actor="guardian"))
    whole = client.post(ADD, filled(made, birth_date=young, minor_actor="guardian", minor_checked_on=written(days_from_now(-1))))

    assert "minor_actor" in asked_first.context["form"].errors
    assert asked_first.context["form"].shows_minor
    assert "minor_checked_on" in half.context["form"].errors
    assert (whole.status_code, Client.objects.get().minor_actor) == (302, "guardian")


def test_add_under_non_disclosure_keeps_the_contact_address_only(made, guide_client):
    guide_client(made.anna).post(ADD, filled(made, phone="040 000", email="keksi@example.org", is_protected="on", contact_address="PL 1"))

    client = Client.objects.get()
    assert (client.is_protected, client.phone, client.email, client.contact_address, list(client.named_people.all())) == (True, "", "", "PL 1", [made.anna])


def test_add_under_non_disclosure_without_a_contact_address_makes_nothing(made, guide_client):
    response = guide_client(made.anna).post(ADD, filled(made, phone="040 000", is_protected="on"))

    assert (response.status_code, list(response.context["form"].errors), Client.objects.count()) == (422, ["contact_address"], 0)


@pytest.mark.parametrize("wrong", [{"birth_date": "3.2.2190"}, {"first_due_on": "3.2.2020"}, {"family_name": ""}, {"partnership": "999"}, {"token": "x"}, {"first_step": ""}, {"email": "x"}])
def test_add_with_bad_input_says_so_and_makes_nothing(made, guide_client, wrong):
    response = guide_client(made.anna).post(ADD, filled(made, **wrong))

    assert (response.status_code, Pathway.objects.count()) == (422, 0)


def test_add_is_only_for_the_process_owner(made, guide_client):
    response = guide_client(made.ossi).post(ADD, filled(made))

    assert (response.status_code, response.context["may_open"], Pathway.objects.count()) == (200, False, 0)


def test_talk_becomes_the_first_event(made, guide_client):
    guide_client(made.ossi).post(reverse("guidance:drop_in_list"), talk(made))
    drop_in = DropIn.objects.get()

    guide_client(made.anna).post(f"{ADD}?talk={drop_in.pk}", filled(made))

    drop_in.refresh_from_db()
    assert (drop_in.event.kind, drop_in.event.pathway) == (EventKind.DROP_IN, Pathway.objects.get())


@pytest.mark.parametrize("talk_pk", ["x", "999999", "99999999999999999999"])
def test_talk_that_is_none_is_missing(made, guide_client, talk_pk):
    assert guide_client(made.anna).get(f"{ADD}?talk={talk_pk}").status_code == 404


# Edit, protect, merge ----------------------------------------------------------------------------


def page(name: str, pathway: Pathway) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym])


def edit_data(response) -> dict:
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: written(value) if isinstance(value, date) else "" if value is None else value for name, value in values.items()}


def test_edit_changes_the_client(made, guide_client):
    pathway, client = make_pathway(made), guide_client(made.anna)
    data = edit_data(client.get(page("client_edit", pathway)))

    response = client.post(page("client_edit", pathway), data | {"phone": "040 111", "given_names": "Uusi Nimi"})

    pathway.client.refresh_from_db()
    assert (response.status_code, pathway.client.phone, pathway.client.given_names) == (302, "040 111", "Uusi Nimi")


def test_edit_of_two_at_once_loses_nothing(made, guide_client):
    pathway, client = make_pathway(made), guide_client(made.anna)
    data = edit_data(client.get(page("client_edit", pathway)))
    Client.objects.filter(pk=pathway.client_id).update(phone="040 222", email="toinen@example.org")

    conflict = client.post(page("client_edit", pathway), data | {"phone": "040 111"})
    again = client.post(page("client_edit", pathway), edit_data(conflict) | {"phone": "040 111", "email": "toinen@example.org"})

    pathway.client.refresh_from_db()
    assert (conflict.status_code, [saved for _field, saved in conflict.context["sides"]]) == (409, ["040 222"])
    assert (again.status_code, pathway.client.phone, pathway.client.email) == (302, "040 111", "toinen@example.org")


def test_edit_leaves_alone_what_the_person_did_not_change(made, guide_client):
    pathway, client = make_pathway(made), guide_client(made.anna)
    data = edit_data(client.get(page("client_edit", pathway)))
    Client.objects.filter(pk=pathway.client_id).update(email="toinen@example.org")

    client.post(page("client_edit", pathway), data | {"phone": "040 111"})

    pathway.client.refresh_from_db()
    assert (pathway.client.phone, pathway.client.email) == ("040 111", "toinen@example.org")


@pytest.mark.parametrize("wrong", [{"seen": "x"}, {"birth_date": "x"}, {"municipality": "Olematon"}, {"email": "x"}, {"family_name": ""}])
def test_edit_with_bad_input_says_so(made, guide_client, wrong):
    pathway, client = make_pathway(made), guide_client(made.anna)
    data = edit_data(client.get(page("client_edit", pathway)))

    assert client.post(page("client_edit", pathway), data | wrong).status_code == 422


def test_protecting_empties_and_only_named_people_edit_from_then_on(made, guide_client):
    pathway = make_shared_pathway(made, client=new_client(phone="040 1", address="Keksintie 1"))
    guide_client(made.anna).post(page("client_protect", pathway), {"contact_address": "PL 1"})

    client = Client.objects.get()
    assert (client.is_protected, client.phone, client.address, client.contact_address) == (True, "", "", "PL 1")
    assert guide_client(made.ossi).get(page("client_edit", pathway)).status_code == 404
    assert guide_client(made.anna).get(page("client_edit", pathway)).status_code == 200


def test_protection_ends_on_its_own_page_by_a_named_person_with_a_reason(made, guide_client):
    pathway = make_shared_pathway(made)
    anna, ossi = guide_client(made.anna), guide_client(made.ossi)
    anna.post(page("client_protect", pathway), {"contact_address": "PL 1"})

    answers = [ossi.post(page("client_unprotect", pathway), {"reason": "mistake"}), anna.post(page("client_unprotect", pathway), {}), anna.get(page("client_unprotect", pathway))]
    protected = Client.objects.get().is_protected
    done = anna.post(page("client_unprotect", pathway), {"reason": "mistake"})

    assert [answer.status_code for answer in answers] == [404, 422, 200]
    assert (protected, Client.objects.get().is_protected, done.url) == (True, False, pathway.get_absolute_url())


def test_protecting_twice_does_not_end_it_and_the_second_is_told(made, guide_client):
    pathway = make_pathway(made)
    client = guide_client(made.anna)

    answers = [client.post(page("client_protect", pathway), {"contact_address": "PL 1"}) for _turn in range(2)]
    ended = [client.post(page("client_unprotect", pathway), {"reason": "register"}) for _turn in range(2)]

    assert [answer.status_code for answer in (*answers, *ended)] == [302, 409, 302, 409]
    assert [client.get(page(name, pathway)).status_code for name in ("client_unprotect", "client_named_people")] == [302, 302]


def test_named_people_are_chosen_anew_by_one_of_them(made, guide_client):
    pathway = make_shared_pathway(made)
    anna = guide_client(made.anna)
    anna.post(page("client_protect", pathway), {"contact_address": "PL 1"})

    nobody = anna.post(page("client_named_people", pathway), {})
    stranger = anna.post(page("client_named_people", pathway), {"named_people": [make_partnership().anna.pk]})
    nobody_of_the_owner = anna.post(page("client_named_people", pathway), {"named_people": [made.ossi.pk]})
    given_on = anna.post(page("client_named_people", pathway), {"named_people": [made.ossi.pk, made.city_people[1].pk]})

    assert [answer.status_code for answer in (nobody, stranger, nobody_of_the_owner, given_on)] == [422, 422, 422, 302]
    assert set(Client.objects.get().named_people.all()) == {made.ossi, made.city_people[1]}
    assert anna.get(page("client_named_people", pathway)).status_code == 404
    assert guide_client(made.ossi).get(page("client_named_people", pathway)).status_code == 200


def test_merge_shows_both_and_keeps_the_chosen_one(made, guide_client):
    first, second = (make_pathway(made, client=make_client(family_name="Mäki", given_names="Anna", birth_date=date(1990, 2, 3))) for _turn in range(2))
    client = guide_client(made.anna)
    start = client.get(page("client_merge", first))
    preview = client.post(page("client_merge", first), {"other": second.pseudonym})
    done = client.post(page("client_merge", first), {"other": second.pseudonym, "keep": second.pseudonym, "phase": "merge"})

    assert [one.pathway.pseudonym for one in start.context["likely"]] == [second.pseudonym]
    assert [file.pathway.pseudonym for file in preview.context["files"]] == [first.pseudonym, second.pseudonym]
    assert done.url == second.get_absolute_url()
    assert (Pathway.objects.get().pseudonym, PathwayAlias.objects.get().pseudonym, Client.objects.count()) == (second.pseudonym, first.pseudonym, 1)


def test_merge_of_two_birth_dates_warns_and_asks_again(made, guide_client):
    first, second = (make_pathway(made, client=make_client(family_name="Mäki", given_names="Anna", birth_date=date(1990, 2, day))) for day in (3, 4))
    client, data = guide_client(made.anna), {"other": second.pseudonym, "keep": first.pseudonym, "phase": "merge"}

    preview = client.post(page("client_merge", first), {"other": second.pseudonym})
    refused = client.post(page("client_merge", first), data)
    count = Pathway.objects.count()
    done = client.post(page("client_merge", first), data | {"is_same_person": "on"})

    assert preview.context["births_differ"]
    assert (refused.status_code, list(refused.context["form"].errors), count) == (422, ["is_same_person"], 2)
    assert (done.url, Pathway.objects.get()) == (first.get_absolute_url(), first)


def test_merge_of_a_protected_file_is_refused_to_who_is_not_named(made, guide_client):
    first, second = (make_pathway(made, client=make_client(birth_date=date(1990, 2, 3))) for _turn in range(2))
    guide_client(made.anna).post(page("client_protect", first), {"contact_address": "PL 1"})

    response = guide_client(made.city_people[1]).post(page("client_merge", second), {"other": first.pseudonym, "keep": second.pseudonym, "phase": "merge"})

    assert (response.status_code, Pathway.objects.count(), list(Client.objects.get(pk=first.client_id).named_people.all())) == (422, 2, [made.anna])


def test_merge_preview_counts_what_one_may_read_and_says_who_reads_more(made, guide_client):
    alone, shared = (make(made, client=make_client(birth_date=date(1990, 2, 3))) for make in (make_pathway, make_shared_pathway))
    client = guide_client(made.anna)
    before = {file.pathway: file.events for file in client.post(page("client_merge", alone), {"other": shared.pseudonym}).context["files"]}
    log_event(by=made.ossi, pathway=shared, kind=EventKind.NOTE, at=timezone.now(), text="Opiston oma", visibility=Visibility.OWN)

    files = client.post(page("client_merge", alone), {"other": shared.pseudonym}).context["files"]

    assert {file.pathway: file.events for file in files} == before
    assert {file.pathway: file.new_readers for file in files} == {alone: [made.college], shared: []}


def test_client_of_an_ended_pathway_is_protected_from_its_page(made, guide_client):
    pathway = make_pathway(made, client=new_client(phone="040 1"))
    close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN)
    client = guide_client(made.anna)
    assert page("client_protect", pathway) in client.get(pathway.get_absolute_url()).content.decode()

    client.post(page("client_protect", pathway), {"contact_address": "PL 1"})
    client.post(page("client_named_people", pathway), {"named_people": [made.anna.pk, made.city_people[1].pk]})

    stored = Client.objects.get()
    assert (stored.is_protected, stored.phone, set(stored.named_people.all())) == (True, "", {made.anna, made.city_people[1]})
    assert page("client_named_people", pathway) in client.get(pathway.get_absolute_url()).content.decode()


def test_merge_with_a_foreign_file_answers_as_with_none(made, guide_client):
    own, foreign = make_pathway(made), make_pathway(make_partnership())
    client = guide_client(made.anna)

    answers = [client.post(page("client_merge", own), {"other": other}) for other in (foreign.pseudonym, "2222-2222")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].context["form"].errors == answers[1].context["form"].errors


@pytest.mark.parametrize("name", ["client_edit", "client_protect", "client_unprotect", "client_named_people", "client_merge"])
def test_foreign_client_is_as_missing_as_none_and_the_refusal_is_logged(made, guide_client, name):
    foreign = make_pathway(make_partnership())
    client = guide_client(made.anna)

    answers = [client.get(reverse(f"guidance:{name}", args=[pseudonym])) for pseudonym in (foreign.pseudonym, "2222-2222")]

    assert [answer.status_code for answer in answers] == [404, 404]
    words = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()) for answer in answers]
    assert words[0].replace(foreign.pseudonym, "2222-2222") == words[1]
    assert subjects(LogAction.REFUSAL) == [foreign.pseudonym]


@pytest.mark.parametrize("name", ["client_list", "client_search", "client_add", "waiting", "caseload_move", "absence_list", "drop_in_list"])
@pytest.mark.parametrize("role", [Role.EDUCATION_OFFICER, Role.SERVICE_HANDLER, Role.ORGANISATION_ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_others_than_counsellors_are_refused(made, guide_client, name, role):
    assert guide_client(make_counsellor(made.city, role)).get(reverse(f"guidance:{name}")).status_code == 403


# Talks, caseloads, absences ----------------------------------------------------------------------


def talk(made, **fields) -> dict:
    return {"token": str(uuid4()), "partnership": made.partnership.pk, "topic": "education", "under_30": "yes"} | fields


def test_talk_is_logged_by_one_press_and_sent_twice_once(made, guide_client):
    client, data = guide_client(made.ossi), talk(made)
    for _turn in range(2):
        client.post(reverse("guidance:drop_in_list"), data)

    drop_in = DropIn.objects.get()
    assert (drop_in.topic, drop_in.under_30, drop_in.organisation) == ("education", True, made.college)
    assert [row.pk for row in client.get(reverse("guidance:drop_in_list")).context["rows"]] == [drop_in.pk]


@pytest.mark.parametrize("wrong", [{"topic": "x"}, {"topic": ""}, {"under_30": "x"}, {"partnership": "9999"}, {"token": "x"}])
def test_talk_with_bad_input_makes_nothing(made, guide_client, wrong):
    response = guide_client(made.ossi).post(reverse("guidance:drop_in_list"), talk(made, **wrong))

    assert (response.status_code, DropIn.objects.count()) == (422, 0)


def test_talks_of_a_foreign_partnership_are_not_listed(made, guide_client):
    other = make_partnership()
    guide_client(other.anna).post(reverse("guidance:drop_in_list"), talk(other))

    assert guide_client(made.anna).get(reverse("guidance:drop_in_list")).context["rows"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_talks_ask_the_same_number_of_queries_for_any_number_of_rows(made, guide_client, rows):
    client = guide_client(made.anna)
    for _turn in range(rows):
        client.post(reverse("guidance:drop_in_list"), talk(made))
    client.get(reverse("guidance:drop_in_list"))

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("guidance:drop_in_list"))

    assert asked(captured) == 7, [query["sql"][:120] for query in captured]


def test_caseload_is_shown_first_and_moves_whole(made, guide_client):
    pathways = named(made, "Aalto", "Östman")
    client, url = guide_client(made.anna), reverse("guidance:caseload_move")
    data = {"person": made.anna.pk, "heir": made.city_people[1].pk}
    preview = client.post(url, data)
    client.post(url, data | {"phase": "move", "all": "yes"})

    assert [row.pseudonym for row, _stage, _is_chosen in preview.context["rows"]] == [pathway.pseudonym for pathway in pathways]
    assert set(Pathway.objects.values_list("process_person", flat=True)) == {made.city_people[1].pk}


def test_caseload_moves_only_the_chosen(made, guide_client):
    stays, goes = named(made, "Aalto", "Östman")
    data = {"person": made.anna.pk, "heir": made.city_people[1].pk, "phase": "move", "all": "no", "client": [goes.pseudonym]}

    guide_client(made.anna).post(reverse("guidance:caseload_move"), data)

    assert dict(Pathway.objects.values_list("pk", "process_person")) == {stays.pk: made.anna.pk, goes.pk: made.city_people[1].pk}


def forms_of(response) -> list[dict[str, list[str]]]:
    """What each form of the page's main part sends when nothing on it is touched."""
    sent = []
    for form in re.findall(r"<form method=.*?</form>", response.content.decode().split("<main", 1)[1], re.DOTALL):
        fields: dict[str, list[str]] = {}
        for one in re.findall(r"<(?:input|button)[^>]*>", form):
            values = dict(re.findall(r'(\w+)="([^"]*)"', one))
            if "name" in values and not (values.get("type") == "checkbox" and " checked" not in one):
                fields.setdefault(values["name"], []).append(values["value"])
        sent.append(fields)
    return sent


def test_caseload_of_which_nothing_was_chosen_does_not_move_by_the_second_form(made, guide_client):
    """Whoever unticks a client on the page must never see it moved all the same."""
    stays, goes = named(made, "Aalto", "Östman")
    client, url = guide_client(made.anna), reverse("guidance:caseload_move")
    everything, chosen = forms_of(client.post(url, {"person": made.anna.pk, "heir": made.city_people[1].pk}))

    none = client.post(url, chosen)
    both = client.post(url, everything | {"client": [goes.pseudonym]})
    before = set(Pathway.objects.values_list("process_person", flat=True))
    client.post(url, chosen | {"client": [goes.pseudonym]})

    assert ("client" in everything, "client" in chosen) == (False, False)
    assert (none.status_code, both.status_code, before) == (422, 422, {made.anna.pk})
    assert [is_chosen for _row, _stage, is_chosen in both.context["rows"]] == [False, True]
    assert dict(Pathway.objects.values_list("pk", "process_person")) == {stays.pk: made.anna.pk, goes.pk: made.city_people[1].pk}


def test_caseload_of_protected_clients_says_what_becomes_of_the_naming(made, guide_client):
    pathway = named(made, "Aalto")[0]
    client, data = guide_client(made.city_people[1]), {"person": made.anna.pk, "heir": made.city_people[1].pk}
    before = client.post(reverse("guidance:caseload_move"), data).context["hides"]
    guide_client(made.anna).post(page("client_protect", pathway), {"contact_address": "PL 1"})

    preview = client.post(reverse("guidance:caseload_move"), data)
    client.post(reverse("guidance:caseload_move"), data | {"phase": "move", "all": "yes"})

    assert (before, preview.context["hides"]) == (False, True)
    assert client.get(page("client_edit", pathway)).status_code == 404
    assert guide_client(made.anna).get(page("client_edit", pathway)).status_code == 200


@pytest.mark.parametrize("who", ["foreign", "self", "none"])
def test_caseload_moves_only_to_another_colleague(made, guide_client, who):
    heir = {"foreign": make_counsellor(make_organisation()).pk, "self": made.anna.pk, "none": ""}[who]
    named(made, "Aalto")

    response = guide_client(made.anna).post(reverse("guidance:caseload_move"), {"person": made.anna.pk, "heir": heir, "phase": "move", "all": "yes"})

    assert (response.status_code, Pathway.objects.get().process_person) == (422, made.anna)


def test_absence_is_added_changed_and_ended(made, guide_client):
    third = make_counsellor(made.city)
    client = guide_client(made.anna)
    data = {"membership": made.anna.pk, "substitute": made.city_people[1].pk, "starts_on": written(days_from_now(2)), "ends_on": written(days_from_now(4))}
    client.post(reverse("guidance:absence_list"), data)
    absence = Absence.objects.get()
    client.post(reverse("guidance:absence_change", args=[absence.pk]), {"substitute": third.pk})
    absence.refresh_from_db()
    changed = absence.substitute
    client.post(reverse("guidance:absence_end", args=[absence.pk]))

    assert changed == third
    assert not Absence.objects.exists()


@pytest.mark.parametrize("wrong", [{"starts_on": "x"}, {"ends_on": "1.1.2020"}, {"substitute": ""}, {"substitute": "999999"}])
def test_absence_with_bad_input_makes_nothing(made, guide_client, wrong):
    data = {"membership": made.anna.pk, "substitute": made.city_people[1].pk, "starts_on": written(days_from_now(2)), "ends_on": written(days_from_now(4))}

    response = guide_client(made.anna).post(reverse("guidance:absence_list"), data | wrong)

    assert (response.status_code, Absence.objects.count()) == (422, 0)


@pytest.mark.parametrize("name", ["absence_change", "absence_end"])
def test_foreign_absence_is_missing(made, guide_client, name):
    absence = made.ossi.absences.create(substitute=made.college_people[1], starts_on=days_from_now(0), ends_on=days_from_now(1))

    assert guide_client(made.anna).post(reverse(f"guidance:{name}", args=[absence.pk])).status_code == 404
    assert Absence.objects.filter(pk=absence.pk, substitute=made.college_people[1]).exists()


def test_no_event_holds_the_name(made, guide_client):
    guide_client(made.anna).post(ADD, filled(made))

    assert not Event.objects.filter(text__icontains="Uusi").exists()


def plan_of(cursor, execution: str) -> str:
    """Made anew: the plan that the connection keeps may be of another test's tables and settings."""
    cursor.execute(f"DISCARD PLANS; EXPLAIN EXECUTE {execution}")
    return "\n".join(row for (row,) in cursor.fetchall())


@pytest.mark.engine("postgresql")
def test_search_uses_the_index_of_parts_of_names(made):
    now = timezone.now()
    rows = Client.objects.bulk_create(Client(family_name="x", given_names="y", birth_date=date(1990, 1, 1), sort_key=str(number), search_name=f"keksi{number * 7919 % 5000:04} esimerkki{number}", created_at=now) for number in range(5000))
    pathways = Pathway.objects.bulk_create(
        Pathway(client=client, partnership=made.partnership, stage=Stage.MAPPING, process_owner=made.city, process_person=made.anna, opened_at=now, last_event_at=now) for client in rows
    )
    Participation.objects.bulk_create(
        Participation(pathway=one, organisation=made.city, responsible=made.anna, starts_at=now, processing_basis="statutory_task", disclosure_basis="own", sort_key=one.client.sort_key, search_name=one.client.search_name, birth_date=one.client.birth_date)
        for one in pathways
    )
    with connection.cursor() as cursor:
        # A table of this size is read whole as fast; what is asked is whether the index can answer at all.
        cursor.execute("SELECT gin_clean_pending_list('participation_search_trigram'); ANALYZE guidance_client; ANALYZE guidance_pathway; ANALYZE guidance_participation; SET LOCAL enable_seqscan = off")

    assert len(search_page(made.city.pk, name="rkki4321", size=25).rows) == 1
    with connection.cursor() as cursor:
        plan = plan_of(cursor, f"{found_query(1, False, False, False, 25).name}({made.city.pk}, 'rkki4321')")

    # With the organisation, so that what other organisations' clients are called costs nothing.
    assert "participation_search_trigram" in plan, plan
    assert "((organisation_id = " in plan, plan


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize("query", ["", "stage=mapping", "under_30=1&overdue=1&stale=1"])
def test_list_walks_the_index_of_names(made, guide_client, query):
    """Nothing is sorted: what a page costs does not grow with the organisation's clients."""
    named(made, *"ABC")
    client = guide_client(made.anna)
    with connection.cursor() as cursor:
        # Few rows are sorted as fast; what is asked is whether the index can give them in order at all.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")

    with CaptureQueriesContext(connection) as captured:
        client.get(f"{LIST}?{query}")

    # What the page asks: who acts, whether a second factor is there, whose desk it is, and the list.
    statement = [one["sql"] for one in captured if one["sql"].startswith("EXECUTE")][-1].removeprefix("EXECUTE ")
    with connection.cursor() as cursor:
        plan = plan_of(cursor, statement)
    assert "participation_by_name" in plan, plan
    # The last event of each row shown is a plan of its own; its sort does not grow with the organisation.
    assert "Sort" not in plan.partition("SubPlan")[0], plan


def test_protect_with_a_number_no_row_can_have_names_the_field(made, guide_client, pathway):
    answer = guide_client(made.anna).post(reverse("guidance:client_protect", args=[pathway.pseudonym]), {"named_people": "9" * 40})

    assert answer.status_code == 422
    assert "named_people" in answer.context["form"].errors


@pytest.mark.parametrize("query, chip", [("stage=registered", "Stage: Registered as unemployed"), ("mine=1", "My clients only")])
def test_filter_that_is_on_says_its_name_once(made, guide_client, query, chip):
    page = guide_client(made.anna).get(f"/en{LIST.removeprefix('/en')}?{query}")

    assert [one.label for one in page.context["chips"]] == [chip]


def test_fields_of_a_minor_are_not_called_optional(made, guide_client):
    page = guide_client(made.anna).get(ADD).content.decode()

    labels = dict(re.findall(r'<label class="field-label" for="id_(\w+)">(.*?)</label>', page))
    assert ["optional" in labels[name] for name in ("phone", "minor_actor", "minor_checked_on")] == [True, False, False]
