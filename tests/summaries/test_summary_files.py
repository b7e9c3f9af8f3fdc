"""Files of a summary hold the numbers of its page, typed, with what they mean and who asked."""
import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from summaries.choices import Part
from summaries.documents.figures import SummaryFile, as_document
from summaries.queries.figures import NETWORK
from summaries.queries.summary import of_area, read_summary
from summaries.views.places import EVERY_PART
from tests.services.web import sign_in
from tests.summaries.figured import make_figured_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return make_figured_network()


def shown_on_pages() -> dict[str, list[int]]:
    """area -> the numbers of all parts, as the pages show them."""
    found: dict[str, list[int]] = {}
    for part in Part:
        if part != Part.OVERVIEW:
            for row in Client().get(f"/en/summary/?part={part}").context["rows"]:
                found.setdefault(row.area.name, []).extend(cell.value for cell in row.cells)
    return found


def without_shares(header: list, row: list) -> list:
    return [value for name, value in zip(header[1:], row[1:], strict=True) if not name.endswith(", share")]


def test_csv_and_workbook_hold_the_numbers_of_the_page(made):
    book = load_workbook(BytesIO(sign_in(made.staff).get("/en/summary/figures.xlsx").content))
    lines = [[cell.value for cell in row] for row in book["Figures"].iter_rows()]
    text = b"".join(Client().get("/en/summary/figures.csv").streaming_content).decode("utf-8-sig")
    written = list(csv.reader(StringIO(text), delimiter=";"))

    header, by_name = lines[0], {row[0]: row for row in lines[1:]}
    shown = shown_on_pages()
    assert set(by_name) == {*shown, "The whole network"}
    for name, numbers in shown.items():
        # The page leaves out the kinds of member that nobody has.
        values = without_shares(header, by_name[name])
        assert all(isinstance(value, int) for value in values)
        assert [value for value in values if value] == [value for value in numbers if value]
    assert [[*map(str, without_shares(header, row))] for row in lines[1:]] == [without_shares(written[0], row) for row in written[1:]]
    assert sum(sum(numbers) for numbers in shown.values()) > 40


def test_workbook_tells_what_the_figures_mean_of_which_day_and_who_asked(made):
    book = load_workbook(BytesIO(sign_in(made.staff).get("/en/areas/yksi/summary.xlsx").content))

    about = {row[0].value: row[1].value for row in book["About"].iter_rows(min_row=2)}
    assert (about["Counted on"].date(), about["Asked for by"]) == (timezone.localdate(), f"{made.staff.user.name}, {made.staff.organisation.name}")
    assert book["What the figures mean"].max_row == 17
    visitors = load_workbook(BytesIO(Client().get("/en/areas/yksi/summary.xlsx").content))
    assert [row[1].value for row in visitors["About"].iter_rows()][-1] == "a visitor who has not signed in"


def test_paper_holds_the_numbers_of_the_page(made):
    summary = read_summary(EVERY_PART, None)
    document = as_document(SummaryFile("Keksitty", "keksitty", summary, [("Alue yksi", of_area(made.one)), ("Kaikki", NETWORK)], "network", "", date(2027, 1, 1)))

    rows = [row for section in document.sections for block in section.blocks if block.block == "table" for row in block.rows]
    told = [int(str(cell).split(" ")[0]) for row in rows if row[0] == "Alue yksi" for cell in row[1:]]
    assert told == [cell for part in EVERY_PART_SHOWN for cell in (summary.value(figure, of_area(made.one)) for figure in summary.of_part(part))]


EVERY_PART_SHOWN = [part for part in Part if part != Part.OVERVIEW]
