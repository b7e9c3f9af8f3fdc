"""A document as .docx: headings, lists and tables of Word's own styles, so that whoever gets it can go on writing."""
from io import BytesIO

from django.utils.translation import gettext as _
from docx import Document as new_document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as DocxTable
from docx.text.paragraph import Paragraph as DocxParagraph

from accounts.templatetags.kopa import page_language
from summaries.outline import Block, Cell, Document, Facts, Items, Paragraph, Section, Table, Text

LOCALES = {"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}
# The measures of static/css/document.css, so that what fits two pages there fits two here; Calibri is narrower than its letters.
WIDTH, MARGIN = Mm(210), Mm(16)
BODY, SMALL = Pt(9.5), Pt(8.5)
# Of each style: its size, and the space before and after it.
STYLES = {"Title": (Pt(17), 0, Mm(1)), "Heading 1": (Pt(12.5), Mm(5), Mm(1.5)), "Heading 2": (Pt(10.5), Mm(3.5), Mm(1)), "Caption": (Pt(9), 0, Mm(0.8)), "List Bullet": (BODY, 0, Mm(0.6))}
LINE, BELOW_TABLE = 1.1, Mm(3)
# Of a column's longest cell at most so many letters count for its share of the width, and its two edges as so many more.
LONGEST_COUNTED, EDGES = 44, 6


def as_docx(document: Document) -> bytes:
    """The bytes of the file; its texts are those of the document, in the same order."""
    language = page_language()
    made = new_document()
    _set_up(made, document, language)
    made.add_heading(document.title, 0)
    made.add_paragraph(document.subtitle)
    for section in document.sections:
        _write_section(made, section)
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def _set_up(made, document: Document, language: str) -> None:
    """A4, the document's language for the reader's spelling check and screen reader, and its title."""
    page = made.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, WIDTH, Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    about = made.core_properties
    about.title, about.author, about.comments, about.language = document.title, "KOPA", "", LOCALES.get(language, language)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", BODY
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(4), LINE
    for name, (size, before, after) in STYLES.items():
        style = made.styles[name]
        style.font.size, style.paragraph_format.space_before, style.paragraph_format.space_after = size, before, after
    for given in made.styles.element.iter(qn("w:lang")):
        given.set(qn("w:val"), LOCALES.get(language, language))


def _write_section(made, section: Section) -> None:
    heading = made.add_heading(level=section.level - 1)
    heading.paragraph_format.page_break_before = True if section.on_new_page else None
    _write(heading, section.heading)
    for block in section.blocks:
        _write_block(made, block)


def _write_block(made, block: Block) -> None:
    if isinstance(block, Paragraph):
        for line in _lines(block.text):
            _write(made.add_paragraph(), line)
    elif isinstance(block, Items):
        for item in block.items:
            _write(made.add_paragraph(style="List Bullet"), item)
    elif isinstance(block, Facts):
        for label, fact in block.pairs:
            paragraph = made.add_paragraph()
            paragraph.add_run(_("%(label)s:") % {"label": label}).bold = True
            paragraph.add_run(" ")
            _write(paragraph, fact)
    elif isinstance(block, Table):
        _write_table(made, block)


def _lines(text: Cell) -> list[Cell]:
    """A long text is a paragraph for each of its own."""
    words = [line.strip() for line in str(text).splitlines() if line.strip()]
    return [Text(line, text.language) if isinstance(text, Text) else line for line in words]


def _write_table(made, block: Table) -> None:
    caption = made.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    _write(caption, block.caption)
    table = made.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    # A reader of the screen hears the headings; on the next page they stand again.
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for cell, (words, is_number) in zip(table.rows[0].cells, block.headings, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
        if is_number:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for row in block.rows:
        for number, (cell, words) in enumerate(zip(table.add_row().cells, row, strict=True)):
            _write(cell.paragraphs[0], words)
            if number in block.numbers:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for row in table.rows:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.space_after = Pt(1)
            for run in cell.paragraphs[0].runs:
                run.font.size = SMALL
    _share_width(table, block)
    below = made.add_paragraph().paragraph_format
    below.space_after, below.line_spacing = Pt(0), BELOW_TABLE


def _share_width(table: DocxTable, block: Table) -> None:
    """Among the columns by their longest cells: not every program does so by itself, and equal columns break most lines."""
    longest = [max(min(len(str(cell)), LONGEST_COUNTED) for cell in column) + EDGES for column in zip(block.columns, *block.rows, strict=True)]
    widths = [int((WIDTH - 2 * MARGIN) * share / sum(longest)) for share in longest]
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _write(paragraph: DocxParagraph, text: Cell) -> None:
    run = paragraph.add_run(_allowed(str(text)))
    if isinstance(text, Text) and text.language:
        marked = OxmlElement("w:lang")
        marked.set(qn("w:val"), LOCALES.get(text.language, text.language))
        run._r.get_or_add_rPr().append(marked)


def _allowed(words: str) -> str:
    """XML holds no control characters but the tabulator and the ends of lines."""
    return "".join(character for character in words if character >= " " or character in "\t\n")
