"""A client list from the file to the clients: mapped, judged, decided, stored whole or not at all, erased."""
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import AuditEvent
from guidance.actions.import_store import drop_old_lists, store_list
from guidance.actions.imports import decide_row, discard_list, edit_row, leave_out, map_columns
from guidance.choices import ImportState, RowDecision, RowState, TargetGroup
from guidance.loading.demo_removal import remove_caseload
from guidance.models import Client, ColumnMapping, Event, ImportBatch, ImportRow, NextStep, Pathway
from guidance.tables.columns import Column
from guidance.tables.judging import Fault
from pilots.models import Municipality
from services.conflicts import Conflict
from services.tables.headers import suggested
from tests.guidance.factories import days_from_now, make_partnership, make_pathway, new_client
from tests.guidance.lists import HEADER, PEOPLE, csv_of, mapped, row_of, states, upload, xlsx_of


def everything() -> list[int]:
    return [model.objects.count() for model in (Client, Pathway, Event, NextStep)]


def test_list_becomes_clients_with_pathways(made, nobody_lost):
    batch = mapped(made, csv_of())

    pathways = store_list(by=made.anna, batch=batch)

    assert [(one.client.family_name, one.client.given_names, one.client.birth_date, one.client.phone) for one in pathways] == [
        ("Esimerkki", "Aino", date(1990, 2, 3), "050 1"), ("Mallinen", "Eino", date(1985, 12, 24), "050 2"), ("Näytelä", "Öivind", date(1988, 2, 29), ""),
    ]
    assert [(one.process_person, one.next_steps.get().what, one.next_steps.get().due_on) for one in pathways] == [(made.anna, "Keksitty askel", days_from_now(7))] * 3
    assert AuditEvent.objects.filter(verb="pathway_opened").count() == 3
    stored = ImportBatch.objects.get()
    assert (stored.state, stored.stored_by, stored.stored_count) == (ImportState.STORED, made.anna, 3)
    nobody_lost()


def test_list_that_is_stored_keeps_nothing_of_its_lines(made):
    batch = mapped(made, csv_of())
    store_list(by=made.anna, batch=batch)

    stored = ImportBatch.objects.get()
    assert ImportRow.objects.count() == 0
    assert (stored.file_name, stored.header, stored.columns, stored.first_step, stored.first_due_on) == ("", [], {}, "", None)


def test_every_field_comes_in(made):
    Municipality.objects.create(code="903", name_fi="Keksilä", name_sv="Påhittby", latitude=62, longitude=25, language_status="fi", source="made for tests")
    header = ["Efternamn", "Förnamn", "Födelsedatum", "E-post", "Adress", "Hemkommun", "Språk", "Tulkkauskieli", "Suomen kielen taso", "Ruotsin kielen taso", "Kohderyhmä", "Koulutustausta", "Ensimmäinen askel", "Määräaika"]
    row = ["Esimerkki", "Aino", "3.2.1990", "aino@example.org", "Keksitie 1", "påhittby", "svenska", "arabia", "B1", "none", "changing_occupation", "basic", "Oma askel", "1.12.2199"]
    batch = mapped(made, csv_of([row], header))

    [pathway] = store_list(by=made.anna, batch=batch)

    client = pathway.client
    assert (client.email, client.address, client.municipality_code, client.service_language) == ("aino@example.org", "Keksitie 1", "903", "sv")
    assert (client.interpreter_language, client.finnish_level, client.swedish_level) == ("arabia", "b1", "none")
    assert (pathway.target_group, pathway.education_background) == (TargetGroup.CHANGING_OCCUPATION, "basic")
    assert (pathway.next_steps.get().what, pathway.next_steps.get().due_on) == ("Oma askel", date(2199, 12, 1))


def test_workbook_comes_in_as_the_same_list_does(made):
    batch = mapped(made, xlsx_of([["Esimerkki", "Aino", date(1990, 2, 3), 501234567], ["Mallinen", "Eino", "24.12.1985", "050 2"]]))

    pathways = store_list(by=made.anna, batch=batch)

    assert [(one.client.birth_date, one.client.phone) for one in pathways] == [(date(1990, 2, 3), "501234567"), (date(1985, 12, 24), "050 2")]


WRONG = {
    "no name": (["", "Aino", "3.2.1990", ""], {"family_name": Fault.MISSING}),
    "digits for a name": (["1234", "Aino", "3.2.1990", ""], {"family_name": Fault.NO_NAME}),
    "long name": (["E" * 101, "Aino", "3.2.1990", ""], {"family_name": Fault.TOO_LONG}),
    "no birth date": (["Esimerkki", "Aino", "", ""], {"birth_date": Fault.MISSING}),
    "no such day": (["Esimerkki", "Aino", "31.2.1990", ""], {"birth_date": Fault.DAY}),
    "American day": (["Esimerkki", "Aino", "02/03/1990", ""], {"birth_date": Fault.DAY}),
    "far-off day": (["Esimerkki", "Aino", "1.1.1890", ""], {"birth_date": Fault.TOO_FAR}),
    "coming day": (["Esimerkki", "Aino", "1.1.2190", ""], {"birth_date": Fault.FUTURE}),
    "formula": (["=HYPERLINK(1)", "Aino", "3.2.1990", ""], {"family_name": Fault.FORMULA}),
    "command": (["Esimerkki", "@SUM(1)", "3.2.1990", "+cmd|x"], {"given_names": Fault.FORMULA, "phone": Fault.FORMULA}),
    "under 18": (["Esimerkki", "Aino", "1.1.2020", ""], {"minor_actor": Fault.MINOR_ACTOR, "minor_checked_on": Fault.MINOR_CHECKED}),
    "two cells too many": (["Esimerkki", "Aino", "3.2.1990", "", "", "liikaa"], {"": Fault.SHAPE}),
}


@pytest.mark.parametrize("row, faults", WRONG.values(), ids=WRONG)
def test_wrong_line_names_its_columns(made, row, faults):
    batch = mapped(made, csv_of([PEOPLE[1], row]))

    assert (row_of(batch, 2).state, row_of(batch, 3).state) == (RowState.READY, RowState.WRONG)
    assert row_of(batch, 3).faults == faults


@pytest.mark.parametrize("column, text, fault", [("Sähköposti", "ei osoite", Fault.EMAIL), ("Kotikunta", "Olematon", Fault.MUNICIPALITY), ("Kohderyhmä", "tuntematon", Fault.CHOICE), ("Määräaika", "1.1.2020", Fault.PAST)])
def test_wrong_value_of_another_column_is_named(made, column, text, fault):
    batch = mapped(made, csv_of([[*PEOPLE[0], text]], [*HEADER, column]))

    assert list(row_of(batch, 2).faults.values()) == [fault]


def test_telephone_with_a_plus_is_no_formula(made):
    assert states(mapped(made, csv_of([["Esimerkki", "Aino", "3.2.1990", "+358 50 (1) 2-3"]]))) == {2: RowState.READY}


def test_nothing_is_stored_while_a_line_is_wrong(made):
    batch = mapped(made, csv_of([*PEOPLE, ["Esimerkki", "Aatos", "huomenna", ""]]))
    before = everything()

    with pytest.raises(ValidationError, match="line 5"):
        store_list(by=made.anna, batch=batch)

    assert everything() == before


def test_failing_line_leaves_nothing_behind(made):
    """What the review cannot know: the third of three lines has a municipality whose code no client can have."""
    Municipality.objects.create(code="X03", name_fi="Keksilä", name_sv="", latitude=62, longitude=25, language_status="fi", source="made for tests")
    batch = mapped(made, csv_of([[*PEOPLE[0], ""], [*PEOPLE[1], ""], [*PEOPLE[2], "Keksilä"]], [*HEADER, "Kunta"]))
    before = everything()

    with pytest.raises(ValidationError, match=r"Line 4, Home municipality \(“Kunta” in the file\): "):
        store_list(by=made.anna, batch=batch)

    assert everything() == before
    assert ImportBatch.objects.get().state == ImportState.MAPPED
    assert AuditEvent.objects.filter(verb="pathway_opened").count() == 0
    assert states(batch) == dict.fromkeys((2, 3, 4), RowState.READY)


@pytest.mark.parametrize("table", ["guidance_client", "guidance_historicalclient", "guidance_pathway", "guidance_stageperiod", "guidance_participation", "guidance_nextstep", "guidance_event", "accounts_auditevent"])
def test_database_that_fails_midway_leaves_nothing_behind(made, table):
    """The disk is full at the rows of one table: all that was written before goes too, and the list is there to be stored again."""
    batch = mapped(made, csv_of())
    before = everything()

    def full(execute, sql, params, many, context):
        if sql.startswith(f'INSERT INTO "{table}"'):
            raise OperationalError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full), pytest.raises(OperationalError):
        store_list(by=made.anna, batch=batch)

    assert everything() == before
    assert (ImportBatch.objects.get().state, states(batch)) == (ImportState.MAPPED, dict.fromkeys((2, 3, 4), RowState.READY))
    assert len(store_list(by=made.anna, batch=batch)) == 3


def test_same_file_twice_adds_nothing(made):
    batch = mapped(made, csv_of())
    store_list(by=made.anna, batch=batch)
    before = everything()

    with pytest.raises(ValidationError, match="has been imported on"):
        upload(made, csv_of(), by=made.city_people[1])

    assert everything() == before
    assert ImportBatch.objects.count() == 1


def test_same_file_while_it_is_under_way_is_the_same_list(made):
    batch = mapped(made, csv_of())

    assert upload(made, csv_of(), by=made.city_people[1]) == batch
    assert ImportBatch.objects.count() == 1


def test_same_people_in_another_file_are_asked_about(made):
    store_list(by=made.anna, batch=mapped(made, csv_of()))

    assert states(mapped(made, csv_of(delimiter=","))) == dict.fromkeys((2, 3, 4), RowState.ASK)


def test_same_list_can_come_again_after_it_was_discarded(made):
    discard_list(by=made.anna, batch=mapped(made, csv_of()))

    assert states(mapped(made, csv_of())) == dict.fromkeys((2, 3, 4), RowState.READY)


# Likely the same person -------------------------------------------------------------------------


def test_line_like_a_client_of_the_organisation_is_asked_about(made):
    pathway = make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))

    batch = mapped(made, csv_of([["Aino", "Esimerkky", "3.2.1990", ""], PEOPLE[1]]))

    assert states(batch) == {2: RowState.ASK, 3: RowState.READY}
    assert (row_of(batch, 2).likely, row_of(batch, 2).duplicate_of) == ([pathway.pk], pathway)


def test_line_like_a_client_of_others_tells_nothing(made):
    make_pathway(make_partnership(), client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))

    batch = mapped(made, csv_of([PEOPLE[0]]))

    assert (row_of(batch, 2).state, row_of(batch, 2).likely, row_of(batch, 2).duplicate_of) == (RowState.READY, [], None)


def test_line_like_an_earlier_one_is_asked_about(made):
    batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[1], ["Aino", "Esimerkki", "3.3.1990", ""]]))

    assert states(batch) == {2: RowState.READY, 3: RowState.READY, 4: RowState.ASK}
    assert row_of(batch, 4).twin_line == 2


def test_line_is_free_when_its_twin_is_left_out(made):
    batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[0]]))

    decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.SKIP)
    assert states(batch) == {2: RowState.LEFT_OUT, 3: RowState.READY}

    decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.STORE)
    assert states(batch) == {2: RowState.READY, 3: RowState.ASK}


def test_another_person_is_said_of_those_who_were_seen(made):
    seen = make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    batch = mapped(made, csv_of([PEOPLE[0]]))

    with pytest.raises(ValidationError, match="looks like this person too"):
        decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.STORE, seen={"AAAA-AAAA"})
    decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.STORE, seen={seen.pseudonym})

    assert states(batch) == {2: RowState.READY}


def test_client_who_came_since_the_review_is_asked_about_before_storing(made):
    batch = mapped(made, csv_of([PEOPLE[0]]))
    make_pathway(made, client=new_client(family_name="Esimerkki", given_names="Aino", birth_date=date(1990, 2, 3)))
    before = everything()

    with pytest.raises(ValidationError, match="not settled"):
        store_list(by=made.anna, batch=batch)

    assert everything() == before


# The work on a list -----------------------------------------------------------------------------


def test_line_is_corrected_in_the_page(made):
    batch = mapped(made, csv_of([["Esimerkki", "Aino", "31.2.1990", ""]]))
    seen = row_of(batch, 2).values

    with pytest.raises(ValidationError) as refused:
        edit_row(by=made.anna, batch=batch, line=2, values={**seen, "birth_date": "huomenna", "email": "x"}, seen=seen)
    assert sorted(refused.value.error_dict) == ["birth_date", "email"]
    edit_row(by=made.anna, batch=batch, line=2, values={**seen, "birth_date": "28.2.1990"}, seen=seen)

    [pathway] = store_list(by=made.anna, batch=batch)
    assert pathway.client.birth_date == date(1990, 2, 28)


def test_line_that_a_colleague_has_changed_is_not_overwritten(made):
    batch = mapped(made, csv_of([PEOPLE[0]]))
    seen = row_of(batch, 2).values
    edit_row(by=made.city_people[1], batch=batch, line=2, values={**seen, "phone": "050 9"}, seen=seen)

    with pytest.raises(Conflict):
        edit_row(by=made.anna, batch=batch, line=2, values={**seen, "phone": "050 8"}, seen=seen)

    assert row_of(batch, 2).values["phone"] == "050 9"


def test_corrected_line_is_looked_at_for_twins_again(made):
    batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[1]]))
    seen = row_of(batch, 2).values

    edit_row(by=made.anna, batch=batch, line=2, values={"family_name": "Mallinen", "given_names": "Eino", "birth_date": "24.12.1985"}, seen=seen)

    assert states(batch) == {2: RowState.READY, 3: RowState.ASK}


def test_lines_in_a_state_are_left_out_together(made):
    batch = mapped(made, csv_of([PEOPLE[0], ["", "", "", "050"], ["x", "", "", ""]]))

    assert leave_out(by=made.anna, batch=batch, state=RowState.WRONG) == 2

    assert [one.client.family_name for one in store_list(by=made.anna, batch=batch)] == ["Esimerkki"]


def test_list_of_which_nothing_is_left_is_not_stored(made):
    batch = mapped(made, csv_of([PEOPLE[0]]))
    decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.SKIP)

    with pytest.raises(ValidationError, match="every line is left out"):
        store_list(by=made.anna, batch=batch)


def test_mapping_is_kept_for_the_organisation(made):
    header = ["Asiakas A", "Asiakas B", "Pvm", "Puhelin"]
    mapped(made, csv_of(header=header), columns={"family_name": 0, "given_names": 1, "birth_date": 2})

    kept = ColumnMapping.objects.get(organisation=made.city).columns
    assert suggested(Column, ["Puhelin", "PVM.", "Asiakas b", "asiakas a"], kept) == {"family_name": 3, "given_names": 2, "birth_date": 1, "phone": 0}


@pytest.mark.parametrize("columns", [{}, {"family_name": 0, "given_names": 1}, {"family_name": 0, "given_names": 0, "birth_date": 2}, {"family_name": 0, "given_names": 1, "birth_date": 4}, {"family_name": 0, "given_names": 1, "birth_date": 2, "other": 3}])
def test_columns_that_make_no_client_are_refused(made, columns):
    batch = upload(made, csv_of())

    with pytest.raises(ValidationError):
        map_columns(by=made.anna, batch=batch, columns=columns, first_step="Askel", first_due_on=days_from_now(1))

    assert ImportBatch.objects.get().state == ImportState.UPLOADED


def test_other_columns_read_the_lines_again_and_the_same_keep_what_was_done(made):
    batch = mapped(made, csv_of([PEOPLE[0]]))
    decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.SKIP)

    again = {"by": made.anna, "batch": batch, "first_step": "Toinen", "first_due_on": days_from_now(3)}
    map_columns(columns=ImportBatch.objects.get().columns, **again)
    assert states(batch) == {2: RowState.LEFT_OUT}

    map_columns(columns={"family_name": 1, "given_names": 0, "birth_date": 2}, **again)
    assert (row_of(batch, 2).state, row_of(batch, 2).values["family_name"]) == (RowState.READY, "Aino")


# Non-disclosure, identity codes, whose list it is, and when it goes ------------------------------


@pytest.mark.parametrize("header, cell", [("Turvakielto", "kyllä"), ("Turvakielto", "x"), ("Spärrmarkering", "ja"), ("Huomautus", "Henkilöllä on turvakielto"), ("Huomautus", "spärrmarkering")])
def test_line_under_non_disclosure_is_not_kept_from_the_first_moment_on(made, header, cell):
    batch = upload(made, csv_of([[*PEOPLE[0], cell], [*PEOPLE[1], ""]], [*HEADER, header]))

    row = row_of(batch, 2)
    assert (row.cells, row.values, row.state) == ([], {}, RowState.LEFT_OUT)
    assert row_of(batch, 3).cells[0] == "Mallinen"


def test_line_under_non_disclosure_by_a_column_that_is_named_later(made):
    batch = mapped(made, csv_of([[*PEOPLE[0], "K"], [*PEOPLE[1], "E"]], [*HEADER, "TK"]), columns={"family_name": 0, "given_names": 1, "birth_date": 2, "non_disclosure": 4})

    assert (row_of(batch, 2).cells, row_of(batch, 2).values, states(batch)) == ([], {}, {2: RowState.LEFT_OUT, 3: RowState.READY})
    for change in (lambda: decide_row(by=made.anna, batch=batch, line=2, decision=RowDecision.STORE), lambda: edit_row(by=made.anna, batch=batch, line=2, values={"family_name": "X"}, seen={})):
        with pytest.raises(ValidationError, match="by hand"):
            change()
    assert [one.client.family_name for one in store_list(by=made.anna, batch=batch)] == ["Mallinen"]


@pytest.mark.parametrize("cell", ["", "ei", "Ei", "nej", "0", "no", "-"])
def test_plain_no_to_non_disclosure_keeps_the_line(made, cell):
    assert states(mapped(made, csv_of([[*PEOPLE[0], cell]], [*HEADER, "Turvakielto"]))) == {2: RowState.READY}


def test_another_organisation_does_nothing_with_a_list(made):
    batch, other = mapped(made, csv_of()), make_partnership()

    for change in (
        lambda: store_list(by=other.anna, batch=batch),
        lambda: discard_list(by=other.anna, batch=batch),
        lambda: decide_row(by=made.ossi, batch=batch, line=2, decision=RowDecision.SKIP),
        lambda: upload(made, csv_of([PEOPLE[0]]), by=made.ossi),
    ):
        with pytest.raises(ValidationError):
            change()
    assert Pathway.objects.count() == 0


def test_list_of_a_partnership_that_is_not_open_is_refused(db):
    made = make_partnership(is_open=False)

    with pytest.raises(ValidationError, match="not open yet"):
        upload(made, csv_of())


def test_pressing_store_again_is_nothing_and_a_colleague_is_told(made):
    batch = mapped(made, csv_of())
    store_list(by=made.anna, batch=batch)

    assert store_list(by=made.anna, batch=batch) == []
    with pytest.raises(Conflict, match="stored this list"):
        store_list(by=made.city_people[1], batch=batch)
    assert Pathway.objects.count() == 3


def test_discarded_list_is_erased_and_stays_so(made):
    batch = mapped(made, csv_of())

    discard_list(by=made.anna, batch=batch)

    left = ImportBatch.objects.get()
    assert (left.state, left.file_name, left.sha256, left.header, ImportRow.objects.count()) == (ImportState.DROPPED, "", "", [], 0)
    with pytest.raises(Conflict, match="discarded"):
        store_list(by=made.anna, batch=batch)


def test_list_that_nobody_finishes_is_erased_after_fourteen_days(made):
    old, new = upload(made, csv_of()), mapped(made, csv_of([PEOPLE[0]]))
    stored = mapped(made, csv_of([PEOPLE[1]]))
    store_list(by=made.anna, batch=stored)
    now = timezone.now() + timedelta(days=14)
    ImportBatch.objects.filter(pk=new.pk).update(uploaded_at=now - timedelta(days=13))

    assert drop_old_lists(now + timedelta(minutes=1)) == 1
    assert drop_old_lists(now + timedelta(minutes=1)) == 0

    assert {one.pk: (one.state, one.rows.count()) for one in ImportBatch.objects.all()} == {
        old.pk: (ImportState.DROPPED, 0), new.pk: (ImportState.MAPPED, 1), stored.pk: (ImportState.STORED, 0),
    }


def test_demo_people_take_their_lists_along(made):
    kept = mapped(made, csv_of([PEOPLE[0]]), by=made.city_people[1])
    store_list(by=made.anna, batch=mapped(made, csv_of()))
    made.anna.user.is_demo = True
    made.anna.user.save()

    remove_caseload()

    assert list(ImportBatch.objects.all()) == [kept]
    assert Client.objects.count() == 0
