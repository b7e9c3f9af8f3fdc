"""The pages of a client list: what they show, to whom, what the read log says, and how many statements they take."""
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from guidance.choices import ImportState, LogAction, RowState
from guidance.models import Client, ColumnMapping, ImportBatch, ImportRow, Pathway
from guidance.tables.columns import IN_TEMPLATE, Column
from services.tables.files import read_table
from services.tables.headers import suggested
from tests.guidance.factories import days_from_now, make_partnership, make_pathway, new_client
from tests.guidance.lists import HEADER, PEOPLE, csv_of, many, mapped, row_of, states, upload, xlsx_of
from tests.guidance.web import counted, logged, sign_in, told

LIST, TEMPLATE = reverse("guidance:import_list"), reverse("guidance:import_template")


def address(name: str, batch: ImportBatch, line: int | None = None) -> str:
    return reverse(f"guidance:import_{name}", args=[batch.pk] if line is None else [batch.pk, line])


def sent(made, content: bytes, name: str = "lista.csv") -> dict:
    return {"partnership": made.partnership.pk, "file": SimpleUploadedFile(name, content)}


def shown(response) -> list[int]:
    return [one.row.line for one in response.context["rows"]]


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


# The whole way ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [csv_of(), csv_of(encoding="cp1252", delimiter=","), xlsx_of(PEOPLE)], ids=["utf-8", "windows", "workbook"])
def test_list_goes_from_the_file_to_the_clients(made, anna, content):
    uploaded = anna.post(LIST, sent(made, content), follow=True)
    batch = ImportBatch.objects.get()
    assert uploaded.redirect_chain[-1][0] == address("columns", batch)
    assert [uploaded.context["form"][f"column_{column}"].value() for column in ("family_name", "given_names", "birth_date", "phone", "email")] == [0, 1, 2, 3, None]

    columns = {"column_family_name": 0, "column_given_names": 1, "column_birth_date": 2, "first_step": "Soitetaan", "first_due_on": days_from_now(3).isoformat()}
    review = anna.post(address("columns", batch), columns, follow=True)
    assert review.redirect_chain[-1][0] == address("review", batch)
    assert [(one.row.line, one.name, one.row.state) for one in review.context["rows"]] == [(2, "Esimerkki Aino", "ready"), (3, "Mallinen Eino", "ready"), (4, "Näytelä Öivind", "ready")]

    done = anna.post(address("store", batch), follow=True)
    assert done.redirect_chain[-1][0] == address("review", batch)
    assert "guidance/import_done.html" in [template.name for template in done.templates]
    assert sorted(Client.objects.values_list("family_name", flat=True)) == ["Esimerkki", "Mallinen", "Näytelä"]
    assert ImportRow.objects.count() == 0
    assert {one.history.get().history_user for one in Client.objects.all()} == {made.anna.user}


def test_kept_mapping_is_offered_for_the_next_list(made, anna):
    ColumnMapping.objects.create(organisation=made.city, columns={"asiakas": "family_name", "puhelin": "email"})
    batch = upload(made, csv_of([["Esimerkki", "Aino", "x"]], ["Asiakas", "Etunimi", "Puhelin"]))

    form = anna.get(address("columns", batch)).context["form"]

    assert [form[f"column_{column}"].value() for column in ("family_name", "given_names", "phone", "email")] == [0, 1, None, 2]


def test_template_is_read_by_the_import_itself(anna):
    response = anna.get(TEMPLATE)

    header = response.content.decode("utf-8-sig").splitlines()[0].split(";")
    assert suggested(Column, header, {}) == {column.value: place for place, column in enumerate(IN_TEMPLATE)}
    assert response["Content-Disposition"] == 'attachment; filename="clients.csv"'
    assert read_table(response.content + b"Esimerkki;Aino;3.2.1990\r\n").rows[0][1][:3] == ["Esimerkki", "Aino", "3.2.1990"]


def test_useless_file_is_told_at_its_field(made, anna):
    response = anna.post(LIST, sent(made, b"Nimi\nAino\n"))

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert ImportBatch.objects.count() == 0


@pytest.mark.parametrize("data", [{}, {"column_family_name": "0", "column_given_names": "0", "column_birth_date": "2"}, {"column_family_name": "99"}, {"column_family_name": "0", "column_given_names": "1", "column_birth_date": "2"}])
def test_columns_that_do_not_do_are_told(made, anna, data):
    batch = upload(made, csv_of())

    response = anna.post(address("columns", batch), data)

    assert response.status_code == 422
    assert response.context["form"].errors
    assert ImportBatch.objects.get().state == ImportState.UPLOADED


# Line by line -----------------------------------------------------------------------------------


def test_review_names_line_and_column_in_the_lists_own_words(made):
    batch = mapped(made, csv_of([["Esimerkki", "Aino", "huomenna", ""]], [*HEADER[:2], "Synt.aika", "Puhelin"]))

    html = sign_in(made.anna).get(f"/en{address('review', batch)}").content.decode()

    [line] = re.findall(r'id="line-2">.*?</li>\s*</ul>', html, re.S)
    assert "Line 2" in line
    assert "Birth date (“Synt.aika” in the file):" in line
    assert "Write the day in the form 3.2.2027." in line


def test_review_shows_who_looks_alike_and_only_whom_the_organisation_sees(made, anna):
    mine = make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    other = make_pathway(make_partnership(), client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[1]]))
    # A stale row must not tell either.
    ImportRow.objects.filter(line=2).update(likely=[mine.pk, other.pk])

    response = anna.get(address("review", batch))

    assert [[pathway for pathway, _stage in one.likely] for one in response.context["rows"]] == [[mine], []]
    assert other.pseudonym not in response.content.decode()
    assert logged()[-1] == (LogAction.LIST, "guidance:import_review", [mine.pseudonym])


def test_review_pages_through_every_line_once(made, anna):
    batch = mapped(made, csv_of(many(60)))
    pages = [anna.get(address("review", batch))]
    while after := pages[-1].context["page"].after:
        pages.append(anna.get(f"{address('review', batch)}?after={after}"))
    back = anna.get(f"{address('review', batch)}?before={pages[-1].context['page'].before}")

    assert [len(shown(page)) for page in pages] == [25, 25, 10]
    assert [line for page in pages for line in shown(page)] == list(range(2, 62))
    assert shown(back) == shown(pages[1])


@pytest.mark.parametrize("place", ["after=x", "after=99999999999999999999999", "before=-1", "show=ei-ole", "after=4294967296", "before=0"])
def test_review_at_a_place_that_is_none_begins_again(made, anna, place):
    batch = mapped(made, csv_of())

    assert shown(anna.get(f"{address('review', batch)}?{place}")) == [2, 3, 4]


def test_review_shows_one_state(made, anna):
    batch = mapped(made, csv_of([PEOPLE[0], ["", "x", "", ""], PEOPLE[0]]))

    found = {state: shown(anna.get(f"{address('review', batch)}?show={state}")) for state in RowState.values}

    assert found == {"wrong": [3], "ask": [4], "ready": [2], "left_out": []}


@pytest.mark.parametrize("written, reads", [("31.2.1990", "31.2.1990"), ("<b>3.2.</b>", "&lt;b&gt;3.2.&lt;/b&gt;")])
def test_review_shows_a_faulty_birth_date_as_it_was_written_beside_its_fault(made, anna, written, reads):
    batch = mapped(made, csv_of([["Esimerkki", "Aino", written, ""], PEOPLE[0]]))

    page = anna.get(f"/en{address('review', batch)}").content.decode()

    faults = page[page.index('class="import-faults"'):page.index("</ul>", page.index('class="import-faults"'))]
    assert (f"It reads “{reads}”." in faults, f"born {reads}" in page) == (True, False)
    assert "born" in page


def test_line_is_corrected_and_leads_back_to_its_place(made, anna):
    batch = mapped(made, csv_of([["Esimerkki", "Aino", "huomenna", ""], ["", "x", "", ""]]))
    path = f"{address('row', batch, 2)}?show=wrong"
    form = anna.get(path).context["form"]
    assert list(form.errors) == ["birth_date"]

    data = {name: form[name].value() or "" for name in form.fields}
    wrong = anna.post(path, data | {"birth_date": "31.2.1990"})
    right = anna.post(path, data | {"birth_date": "28.2.1990"})

    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["birth_date"])
    assert right["Location"] == f"{address('review', batch)}?show=wrong#line-2"
    assert (row_of(batch, 2).state, row_of(batch, 2).values["birth_date"]) == (RowState.READY, "28.2.1990")
    assert anna.post(path, data | {"birth_date": "27.2.1990"}).status_code == 409


def test_corrected_line_that_now_looks_like_somebody_asks_at_once(made, anna):
    there = make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    batch = mapped(made, csv_of([["Esimerkki", "Aino", "huomenna", ""]]))
    form = anna.get(address("row", batch, 2)).context["form"]

    response = anna.post(address("row", batch, 2), {name: form[name].value() or "" for name in form.fields} | {"birth_date": "3.2.1990"}, follow=True)

    assert response.redirect_chain[-1][0] == address("row", batch, 2)
    assert [pathway for pathway, _stage in response.context["one"].likely] == [there]
    assert logged()[-1] == (LogAction.VIEW, "guidance:import_row", [there.pseudonym])


def test_decisions_are_made_from_what_was_seen(made, anna):
    make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    batch = mapped(made, csv_of([PEOPLE[0]]))
    [one] = anna.get(address("review", batch)).context["rows"]

    anna.post(address("decide", batch, 2), {"decision": "store"})
    assert states(batch) == {2: RowState.ASK}
    anna.post(address("decide", batch, 2), {"decision": "store", "seen": one.seen})
    assert states(batch) == {2: RowState.READY}
    anna.post(address("decide", batch, 2), {"decision": "skip"})
    assert states(batch) == {2: RowState.LEFT_OUT}


def test_all_lines_of_a_state_are_left_out(made, anna):
    batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[0], ["", "x", "", ""]]))

    anna.post(address("leave_out", batch), {"state": "ready"})
    anna.post(address("leave_out", batch), {"state": "ask"})
    anna.post(address("leave_out", batch), {"state": "wrong"})

    assert states(batch) == {2: RowState.READY, 3: RowState.LEFT_OUT, 4: RowState.LEFT_OUT}


# Storing and discarding -------------------------------------------------------------------------


def test_store_is_logged_with_everybody_stored(made, anna):
    batch = mapped(made, csv_of())

    anna.post(address("store", batch))

    assert logged()[-1] == (LogAction.CHANGE, "guidance:import_store", sorted(Pathway.objects.values_list("pseudonym", flat=True)))


def test_store_of_an_unsettled_list_shows_what_has_changed_since(made, anna):
    batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[1]]))
    make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    before = Client.objects.count()

    response = anna.post(address("store", batch))

    assert (response.status_code, response.context["error"].messages != []) == (422, True)
    assert [one.row.state for one in response.context["rows"]] == [RowState.ASK, RowState.READY]
    assert Client.objects.count() == before


def test_store_twice_is_once_and_a_colleague_gets_409(made, anna):
    batch = mapped(made, csv_of())
    anna.post(address("store", batch))

    again, colleague = anna.post(address("store", batch)), sign_in(made.city_people[1]).post(address("store", batch))

    assert (again.status_code, colleague.status_code) == (302, 409)
    assert Client.objects.count() == 3


def test_same_file_is_refused_after_it_was_stored(made, anna):
    anna.post(address("store", mapped(made, csv_of())))

    response = anna.post(LIST, sent(made, csv_of()))

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert (Client.objects.count(), ImportBatch.objects.count()) == (3, 1)


def test_discard_asks_first(made, anna):
    batch = mapped(made, csv_of())

    assert anna.get(address("discard", batch)).context["count"] == 3
    assert ImportRow.objects.count() == 3
    anna.post(address("discard", batch))

    assert (ImportBatch.objects.get().state, ImportRow.objects.count(), Client.objects.count()) == (ImportState.DROPPED, 0, 0)


@pytest.mark.parametrize("name, method", [("review", "get"), ("columns", "get"), ("columns", "post"), ("row", "get"), ("decide", "post"), ("leave_out", "post"), ("store", "post"), ("discard", "get"), ("discard", "post")])
def test_another_organisations_list_is_as_good_as_missing(made, name, method):
    batch = mapped(made, csv_of())
    line = 2 if name in ("row", "decide") else None

    for person in (made.ossi, make_partnership().anna):
        assert getattr(sign_in(person), method)(address(name, batch, line)).status_code == 404
    assert states(batch) == dict.fromkeys((2, 3, 4), RowState.READY)


def test_counsellor_of_a_part_that_opens_no_pathways_is_told_so(made):
    response = sign_in(made.ossi).get(LIST)

    assert (response.status_code, response.context["may_import"]) == (200, False)
    assert sign_in(made.ossi).post(LIST, sent(made, csv_of())).status_code == 200
    assert ImportBatch.objects.count() == 0


def test_no_name_stands_in_an_address_a_title_or_a_message(made, anna):
    batch = mapped(made, csv_of([["Salainen", "Nimi", "huomenna", ""]]))

    for path in (address("review", batch), address("row", batch, 2), address("columns", batch), address("discard", batch)):
        html = anna.get(path).content.decode()
        assert not re.search(r"<title>[^<]*Salainen", html)
        assert not re.search(r'(?:href|action)="[^"]*Salainen', html)
    assert "Salainen" not in anna.post(address("decide", batch, 2), {"decision": "skip"}, follow=True).content.decode().partition('id="line-')[0]


@pytest.mark.parametrize("count", [1, 25])
def test_pages_take_as_many_statements_for_one_line_as_for_many(made, anna, count):
    """Half of the lines look like a client each: the dearest page there is."""
    people = many(count)
    for family, given, born, _phone in people[::2]:
        day, month, year = (int(part) for part in born.split("."))
        make_pathway(made, client=new_client(family_name=family, given_names=given, birth_date=date(year, month, day)))
    batch = mapped(made, csv_of(people))
    found = {}
    for name, path in {"list": LIST, "columns": address("columns", batch), "review": address("review", batch), "row": address("row", batch, 2)}.items():
        with counted() as statements:
            response = anna.get(path)
        assert response.status_code == 200
        found[name] = (len(statements), told(statements))

    assert {name: number for name, (number, _text) in found.items()} == {"list": 7, "columns": 9, "review": 11, "row": 10}, "\n\n".join(text for _number, text in found.values())
