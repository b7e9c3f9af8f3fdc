"""Two pages for the board of a municipality: exactly two, whatever is known."""
from datetime import date

import pytest
from django.utils import translation

from pilots.models import Municipality, Provision
from summaries.documents.docx import as_docx
from summaries.documents.pdf import page_count
from summaries.outline import Document
from summaries.queries.board import MEASURES, MODELS, OBSTACLES, board_pages
from tests.pilots.factories import (
    make_area,
    make_education_form,
    make_figure,
    make_measure,
    make_member,
    make_model,
    make_municipal_organisation,
    make_municipality,
    make_organisation,
)
from tests.pilots.obstacles import make_coordinator, make_obstacle
from tests.pilots.pages import page
from tests.summaries.test_documents import docx_words, flat, words_of

pytestmark = pytest.mark.django_db
LONG = "Hyvin pitkä nimi jollekin, jonka nimeä kukaan ei ole lyhentänyt, vaikka olisi voinut, sillä se ei pääty koskaan "


def board(code: str, language: str = "en") -> Document:
    with translation.override(language):
        document = board_pages(code)
    assert document is not None
    return document


def table(document: Document, code: str, number: int = 0):
    return next(one for one in document.sections if one.id == code).blocks[number]


@pytest.fixture
def place():
    """All of it longer and more than fits."""
    form, *others = (make_education_form(name_fi=LONG[:90], name_sv=LONG[:90], name_en=LONG[:90], position=number) for number in range(8))
    places = [make_municipality(f"Kylä {number} {LONG[:40]}", code=f"90{number}", latitude=62 + number / 10, longitude=25.0) for number in range(5)]
    for number, one in enumerate(places):
        area = make_area(f"{number} {LONG}"[:150], slug=f"alue-{number}")
        make_member(area, make_municipal_organisation(one))
        for turn in range(4):
            make_model(area, name_fi=f"{turn} {LONG}").education_forms.add(form)
        own = make_coordinator(area)
        for studied in (form, form, *others):
            Provision.objects.create(area=area, municipality=one, form=studied, way="other_municipality", provider=make_organisation(LONG), place=LONG, place_in=places[4], in_finnish=True, in_swedish=True, source="testi")
        for turn in range(OBSTACLES + 3):
            make_obstacle(own, f"{turn} {LONG}")
        for position, code in enumerate(MEASURES, 1):
            make_measure(code, position=position)
            for year in (2015, 2020, 2024):
                make_figure(one, year, 1_000_000 + 100 * number + year, code, borders_year=2024, source=f"{code} {LONG}{LONG}"[:300], retrieved_on=date(2026, 1, 1))
            make_figure(one, 2035, 900_000, code, vintage=2024, borders_year=2024, source=f"{code} {LONG}{LONG}"[:300], retrieved_on=date(2026, 1, 1))
    return places[0]


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_board_pages_are_exactly_two_whatever_is_known(place, language):
    make_municipality("Tyhjä", code="999")

    assert [page_count(board(code, language)) for code in (place.code, "999")] == [2, 2]


def test_board_pages_tell_figures_with_year_change_and_projection_apart(place):
    document = board(place.code)
    _name, latest, change, projected, source = table(document, "figures").rows[0]

    assert (latest, change) == ("1,002,024 (2024)", "+4 since 2020")
    assert projected == "900,000 (2035; made in 2024)"
    assert str(next(one for one in document.sections if one.id == "sources").blocks[0].items[int(source) - 1]).startswith(f"{source}. population")


def test_board_pages_tell_what_can_be_studied_what_is_missing_and_what_nobody_has_told(place):
    one = make_municipality("Kuulumaton", code="990")
    lacking, known, _told_by_nobody = (make_education_form(name_fi=name, name_en=name, position=number) for number, name in enumerate(("puuttuva", "tiedetty", "kertomaton"), 20))
    Provision.objects.create(area=make_area(), municipality=one, form=lacking, way="missing", source="testi")
    make_municipal_organisation(one).education_forms.add(known)

    told, left = table(board(place.code), "availability"), dict(table(board("990"), "availability").pairs)

    assert [(str(row[0])[:10], "and 1 more way" in str(row[1]), "km" in str(row[2])) for row in told.rows][:2] == [(LONG[:10], True, True), (LONG[:10], False, True)]
    assert left["Missing, as the areas have told"] == "puuttuva"
    assert left["Given here as far as is known, and not told by an area"] == "tiedetty"
    assert left["Not told by anybody"].endswith("kertomaton")


def test_board_pages_say_missing_and_never_nought():
    make_measure("births", name_en="births")
    make_measure(name_en="population")
    place = make_municipality("Tyhjä", code="999")
    for year, value in ((2019, 1602), (2020, 1561)):
        make_figure(place, year, value)

    known, missing = next(one for one in board("999").sections if one.id == "figures").blocks

    assert [row[1:4] for row in known.rows] == [["1,561 (2020)", "\N{MINUS SIGN}41 since 2019", "none loaded"]]
    assert [tuple(pair) for pair in missing.pairs] == [("Missing: not loaded into the portal", "births")]


def test_board_pages_compare_three_and_tell_what_they_do(place):
    document = board(place.code)
    rows = table(document, "comparable").rows
    models = table(document, "models")

    assert [str(row[0])[:6] for row in rows] == ["Kylä 1", "Kylä 2", "Kylä 3"]
    assert (len(models.rows), models.caption) == (MODELS, "Of the municipalities above; 6 more in the portal")
    # As many of each, though the list is by name.
    assert sorted(str(row[1])[:6] for row in models.rows) == ["Kylä 1", "Kylä 1", "Kylä 2", "Kylä 2", "Kylä 3", "Kylä 3"]
    assert len(table(document, "obstacles").rows) == OBSTACLES


def test_board_pages_show_a_model_of_several_once_and_say_whose():
    for number in range(3):
        make_municipality(f"Kylä {number}", code=f"90{number}", latitude=62 + number / 10, longitude=25.0, population=1000)
    area = make_area()
    for one in Municipality.objects.exclude(code="900"):
        make_member(area, make_municipal_organisation(one))
    make_model(area, name_fi="Yhteinen")

    blocks = next(one for one in board("900").sections if one.id == "models").blocks

    assert [[str(cell) for cell in row[:2]] for row in blocks[0].rows] == [["Yhteinen", "Kylä 1, Kylä 2"]]
    assert len(blocks) == 1


def test_board_pages_hide_drafts(place):
    area = make_area("Luonnosalue")
    make_member(area, make_municipal_organisation(make_municipality("Luonnoskylä", code="980", latitude=62.05, longitude=25.0, population=1_002_024)))
    make_model(area, name_fi="Pelkkä luonnos", state="draft", published_at=None)

    assert "Pelkkä luonnos" not in " ".join(board(place.code).texts())


def test_board_pages_say_the_same_on_the_page_and_in_docx(client, place):
    text, document = words_of(page(client, f"/sv/municipalities/{place.code}/board/")), board(place.code, "sv")
    with translation.override("sv"):
        docx = docx_words(as_docx(document))

    assert [said for said in document.texts() if flat(said) not in text or flat(said) not in docx] == []


def test_municipality_page_leads_to_its_two_pages(client):
    make_municipality("Kylä", code="901")

    assert 'href="/en/municipalities/901/board/"' in page(client, "/en/municipalities/901/")
