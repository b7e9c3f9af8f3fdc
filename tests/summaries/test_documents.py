"""Documents: what they count is what the lists hold, and each writer says all of it."""
import re
import zlib
from datetime import date
from io import BytesIO

import pytest
from django.utils import translation
from docx import Document as open_docx

from pilots.choices import Participation
from summaries.documents import pdf
from summaries.documents.docx import as_docx
from summaries.outline import Document, Facts, Items, Paragraph, Section, Table, Text
from summaries.queries.area_report import area_report
from tests.pilots.factories import make_area, make_goal, make_member, make_municipal_organisation, make_municipality, make_organisation, make_unit
from tests.pilots.pages import page

pytestmark = pytest.mark.django_db


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def docx_words(content: bytes) -> str:
    """Every text of the file, paragraphs and cells in their order."""
    body = open_docx(BytesIO(content)).element.body
    return " ".join(" ".join(node.text or "" for node in body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")).split())


def unpacked(content: bytes) -> bytes:
    found = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def every_block() -> Document:
    table = Table("Keksitty taulukko", ["Mitä", "Luku"], [[Text("Kunta", "", "/municipalities/001/"), "12"], [Text("Skola", "sv"), "3"]], frozenset({1}))
    blocks = [Paragraph("Ensimmäinen kappale.\n\nToinen kappale."), Paragraph(Text("På svenska.", "sv"), is_soft=True), Items(["Yksi", Text("Två", "sv")]), Facts([("Nimi", "Keksitty")]), table]
    return Document("Keksitty alue", "Keksitty asiakirja", "Alaotsikko", date(2026, 11, 22), "keksitty", [Section("one", "Luku yksi", blocks), Section("two", "Luku kaksi", [Paragraph("<script>alert(1)</script> & \x07")], level=3, on_new_page=True)])


@pytest.fixture
def area():
    area = make_area("Keksitty alue", slug="keksitty", description_fi="Alue tekee yhteistyötä.\n\nToinen kappale.")
    make_goal(1)
    for name in ("Alakylä", "Ylikylä"):
        make_member(area, make_municipal_organisation(make_municipality(name)))
    make_member(area, make_unit("Keksitty opisto", owner=make_organisation("Keksitty ky")))
    make_member(area, make_organisation("Lähtenyt ky"), ends_on=date(2020, 6, 1))
    return area


def test_docx_says_all_that_the_document_does_in_its_order(every_block):
    words, at = docx_words(as_docx(every_block)), 0

    for text in every_block.texts():
        at = words.index(flat(text.replace("\x07", "")), at)


def test_docx_has_headings_a_repeated_table_head_and_the_languages(every_block):
    with translation.override("fi"):
        made = open_docx(BytesIO(as_docx(every_block)))
    xml = made.element.body.xml

    assert [one.style.name for one in made.paragraphs if one.style.name.startswith(("Title", "Heading"))] == ["Title", "Heading 1", "Heading 2"]
    assert made.core_properties.title == "Keksitty asiakirja"
    assert (xml.count("w:tblHeader"), xml.count('w:val="sv-FI"'), xml.count("pageBreakBefore")) == (1, 3, 1)


def test_docx_shares_the_width_among_columns_by_their_cells():
    """A program that does not do so by itself broke most lines, and two pages became four."""
    table = Table("Taulukko", ["Lyhyt", "Pitkä"], [["1", "Hyvin pitkä solu, joka ei mahdu kapeaan"]])

    made = open_docx(BytesIO(as_docx(Document("a", "b", "c", date(2026, 1, 1), "d", [Section("e", "f", [table])]))))
    narrow, wide = (column.width for column in made.tables[0].columns)
    page = made.sections[0]

    assert wide > 3 * narrow
    assert [cell.width for cell in made.tables[0].rows[1].cells] == [narrow, wide]
    assert 0 <= page.page_width - page.left_margin - page.right_margin - narrow - wide < 10_000


def test_pdf_is_tagged_has_title_and_language_and_fetches_nothing(every_block):
    every_block.sections[0].blocks.append(Paragraph("https://example.org/kuva.png"))
    with translation.override("sv"):
        content = unpacked(pdf.as_pdf(every_block))

    assert content.startswith(b"%PDF-")
    for part in (b"StructTreeRoot", b"/H1", b"/TH", b"/LI", b"pdfuaid", b"/Lang"):
        assert part in content, part
    with pytest.raises(ValueError, match="file:"):
        pdf._nothing("file:///etc/passwd")


def test_page_says_all_that_the_document_does(client, area):
    text = words_of(page(client, "/en/areas/keksitty/report/"))

    with translation.override("en"):
        document = area_report("keksitty")
        assert document is not None
        missing = [said for said in document.texts() if flat(said) not in text]
        docx = docx_words(as_docx(document))

    assert missing == []
    assert [said for said in document.texts() if flat(said) not in docx] == []


def test_report_numbers_equal_the_lists(area):
    with translation.override("en"):
        document = area_report("keksitty")
    assert document is not None
    sections = {section.id: section for section in document.sections}
    figures = {str(row[0]): row[1] for row in sections["figures"].blocks[0].rows}
    members = sections["members"].blocks[0].rows

    assert [str(row[0]) for row in members] == ["Alakylä", "Ylikylä", "Keksitty opisto"]
    assert (figures["Municipalities that take part"], figures["Other members"]) == ("2", "1")
    assert all(row[2] and row[3] for row in sections["figures"].blocks[0].rows)


def test_report_says_through_whom_a_member_takes_part(area):
    channel = make_organisation("Kanava ky")
    make_member(area, make_municipal_organisation(make_municipality("Sivukylä")), participation=Participation.THROUGH, through=channel)

    with translation.override("en"):
        document = area_report("keksitty")

    assert "Through Kanava ky" in list(document.texts())


@pytest.mark.parametrize("what, begins", [("pdf", b"%PDF"), ("docx", b"PK")])
def test_report_is_downloaded_in_the_language_of_its_address(client, area, what, begins):
    answer = client.get(f"/sv/areas/keksitty/report.{what}")

    assert (answer.status_code, answer.content[: len(begins)]) == (200, begins)
    assert re.fullmatch(rf'attachment; filename="report-keksitty-\d{{4}}-\d\d-\d\d\.{what}"', answer["Content-Disposition"])


def test_report_says_so_where_no_pdf_can_be_made(client, area, monkeypatch):
    monkeypatch.setattr("summaries.views.documents.is_available", lambda: False)

    text = page(client, "/en/areas/keksitty/report/")

    assert "This server makes no PDF" in text
    assert "report.pdf" not in text
    assert client.get("/en/areas/keksitty/report.pdf").status_code == 404


def test_area_page_leads_to_its_report(client, area):
    assert 'href="/en/areas/keksitty/report/"' in page(client, "/en/areas/keksitty/")
