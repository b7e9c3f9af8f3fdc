"""Files as they come: every way to save a list is read alike, and what would harm is refused before it is read."""
import io
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from guidance.tables.columns import IN_TEMPLATE, Column
from services.tables.files import Table, read_table
from services.tables.headers import suggested
from services.tables.limits import LARGEST, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from tests.guidance.lists import HEADER, PEOPLE, csv_of, many, xlsx_of

LIST = Table(HEADER, [(2, PEOPLE[0]), (3, PEOPLE[1]), (4, PEOPLE[2])])


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        read_table(content)
    return refused.value.code


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with other parts in it: part__name for part/name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        replaced = {name.replace("__", "/") + ".xml": data for name, data in parts.items()}
        for name in source.namelist():
            if name not in replaced:
                target.writestr(name, source.read(name))
        for name, data in replaced.items():
            target.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_every_way_it_is_saved(encoding, delimiter):
    assert read_table(csv_of(encoding=encoding, delimiter=delimiter)) == LIST


def test_csv_of_a_spreadsheet_names_its_own_delimiter():
    assert read_table(b"sep=,\r\n" + csv_of(delimiter=",")).rows == [(3, PEOPLE[0]), (4, PEOPLE[1]), (5, PEOPLE[2])]


def test_csv_tells_the_line_on_which_a_record_begins():
    content = b'Sukunimi;Etunimet;Huom\n"Esimerkki";Aino;"yksi\nkaksi"\n\n;;\nMallinen;Eino;\n'

    assert read_table(content).rows == [(2, ["Esimerkki", "Aino", "yksi kaksi"]), (6, ["Mallinen", "Eino", ""])]


def test_csv_with_an_open_quotation_mark_names_its_line():
    with pytest.raises(ValidationError, match="line 3"):
        read_table(b'Sukunimi;Etunimet\nA;B\n"C;D\nE;F\n')


def test_workbook_is_read_as_people_write():
    rows = [["Esimerkki", "Aino", date(1990, 2, 3), 501234567], ["Mallinen", "Eino", datetime(1985, 12, 24, 0, 0), 1.5], [None, None, None, None], ["Näytelä", "Öivind", "29.2.1988", True]]

    assert read_table(xlsx_of(rows)).rows == [
        (2, ["Esimerkki", "Aino", "3.2.1990", "501234567"]), (3, ["Mallinen", "Eino", "24.12.1985", "1.5"]), (5, ["Näytelä", "Öivind", "29.2.1988", "1"]),
    ]


def test_formulas_are_their_own_text():
    assert read_table(xlsx_of([["=1+1", '=HYPERLINK("http://x")', "3.2.1990", ""]])).rows == [(2, ["=1+1", '=HYPERLINK("http://x")', "3.2.1990", ""])]
    assert read_table(csv_of([["=1+1", "@x", "3.2.1990", ""]])).rows[0][1][:2] == ["=1+1", "@x"]


def test_only_the_first_sheet_is_read():
    workbook = Workbook()
    for row in [HEADER, PEOPLE[0]]:
        workbook.active.append(row)
    workbook.create_sheet("Toinen").append(["Muuta", "Tietoa"])
    content = io.BytesIO()
    workbook.save(content)

    assert read_table(content.getvalue()).rows == [(2, PEOPLE[0])]


def test_identity_codes_are_left_out():
    table = read_table(csv_of([["Esimerkki 999999-999X", "Aino", "3.2.1990", "999999A999X"]]))

    assert (table.rows, table.codes_left_out) == ([(2, ["Esimerkki", "Aino", "3.2.1990", ""])], 2)


def test_control_characters_are_left_out():
    assert read_table(csv_of([["Esi\x07merkki", "Ai\u200bno\u2028B", "3.2.1990", "\u00a0050\u00a01"]])).rows == [(2, ["Esimerkki", "Aino B", "3.2.1990", "050 1"])]


def test_long_cells_are_cut():
    assert len(read_table(csv_of([["E" * 5_000, "Aino", "", ""]])).rows[0][1][0]) == LONGEST_CELL


REFUSED = {
    "empty": (b"", "empty"),
    "nothing but lines": (b"\n\n;;\n", "empty"),
    "header alone": (csv_of([]), "no_rows"),
    "one column": (b"Nimi\nAino\n", "one_column"),
    "no header": (csv_of(PEOPLE[1:], PEOPLE[0]), "no_header"),
    "too large": (b"a" * (LARGEST + 1), "too_large"),
    "too many rows": (csv_of(many(MOST_ROWS + 1)), "rows"),
    "too many columns": (csv_of([], ["Nimi"] * (MOST_COLUMNS + 1)), "columns"),
    "NUL": (csv_of() + b"\x00", "wrong_type"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "wrong_type"),
    "UTF-16": (csv_of(encoding="utf-16"), "encoding"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "old_excel"),
    "letters of no kind": (csv_of()[:-2] + b"\x81\x8d;\n", "encoding"),
    "quotes": (b'a;b\n"x"y;z\n', "quotes"),
    "zip that is cut": (xlsx_of(PEOPLE)[:-200], "broken"),
    "too many rows in a sheet": (xlsx_of(many(MOST_ROWS + 1)), "rows"),
    "too many columns in a sheet": (xlsx_of([], ["Nimi"] * (MOST_COLUMNS + 1)), "columns"),
}


@pytest.mark.parametrize("content, code", REFUSED.values(), ids=REFUSED)
def test_useless_file_is_refused(content, code):
    assert refusal(content) == code


def test_zip_that_is_no_workbook_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr("content.xml", "<x/>")

    assert refusal(packed.getvalue()) == "wrong_type"


def test_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = repacked(xlsx_of(PEOPLE), xl__worksheets__sheet1=b" " * 300_000_000)
    assert len(bomb) < 400_000
    tracemalloc.start()

    code = refusal(bomb)

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code == "bomb"
    assert most < 5_000_000


def test_bomb_of_many_parts_is_refused():
    assert refusal(repacked(xlsx_of(PEOPLE), **{f"xl__part{number}": b"x" for number in range(400)})) == "bomb"


def test_bomb_that_lies_about_its_size_unpacks_no_further_than_it_says():
    bomb = bytearray(repacked(xlsx_of(PEOPLE), xl__worksheets__sheet1=b"<x>" + b" " * 20_000_000))
    at = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(b"xl/worksheets/sheet1.xml"))
    bomb[at + 24 : at + 28] = (1_000).to_bytes(4, "little")
    tracemalloc.start()

    code = refusal(bytes(bomb))

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code == "broken"
    assert most < 10_000_000


def test_entities_in_a_workbook_are_refused():
    entities = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = entities + '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'

    assert refusal(repacked(xlsx_of(PEOPLE), xl__worksheets__sheet1=sheet.encode())) == "broken"


def test_sheet_with_a_line_far_below_is_not_followed_for_ever():
    rows = "".join(f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>a</t></is></c><c r="B{number}" t="inlineStr"><is><t>b</t></is></c></row>' for number in (1, 900_000_000))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'

    assert refusal(repacked(xlsx_of(PEOPLE), xl__worksheets__sheet1=sheet.encode())) == "rows"


# Columns ----------------------------------------------------------------------------------------


HEADERS = {
    "fi": ["Sukunimi", "Etunimet", "Synt.aika", "Puh.", "Sähköposti", "Kotikunta", "Turvakielto"],
    "sv": ["Efternamn", "Förnamn", "Födelsedatum", "Telefon", "E-post", "Hemkommun", "Spärrmarkering"],
    "en": ["SURNAME", "First names", "Date of birth", "Phone", "E-mail", "Municipality", "Non-disclosure"],
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_columns_are_known_in_three_languages(header):
    assert suggested(Column, header, {}) == {"family_name": 0, "given_names": 1, "birth_date": 2, "phone": 3, "email": 4, "municipality": 5, "non_disclosure": 6}


def test_columns_of_the_template_lead_back_to_themselves():
    assert suggested(Column, [str(column.label) for column in IN_TEMPLATE], {}) == {column.value: place for place, column in enumerate(IN_TEMPLATE)}


def test_column_that_comes_twice_is_taken_once():
    assert suggested(Column, ["Puhelin", "Telefon", "Muu"], {}) == {"phone": 0}
