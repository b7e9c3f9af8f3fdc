"""The pathway summary as a file: the tables of its page, what they mean, and how they were narrowed."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags.kopa import short_date
from services.tables.workbooks import Sheet, workbook
from summaries.documents.pathway_tables import PathwayTable
from summaries.outline import Document, Paragraph, Section, Table


@dataclass(frozen=True)
class PathwayFile:
    """`about`: what stands above the figures, in pairs: whose they are, of which day, how they were narrowed, and who asked."""

    title: str
    file_name: str
    tables: Sequence[PathwayTable]
    about: Sequence[tuple[str, str | date]]
    asked_on: date

    def header(self) -> list[str]:
        return [_("Table"), _("Row"), _("Column"), _("Value")]

    def lines(self) -> list[list[Any]]:
        """One line for each number, so that all tables are one: a spreadsheet turns it as it is needed."""
        found: list[list[Any]] = [[pgettext("file", "About"), label, "", value] for label, value in self.about]
        for table in self.tables:
            for row in table.rows:
                found += [[table.title, table.name_of(row), column, cell.value] for column, cell in list(zip(table.columns, row, strict=True))[table.words :]]
        return found

    def meanings(self) -> list[list[str]]:
        rows = [[str(table.meaning.title), str(table.meaning.counted), str(table.meaning.not_counted)] for table in self.tables]
        return [[_("Figure"), _("What is counted"), _("What is not counted")], *rows]


def as_workbook(file: PathwayFile) -> bytes:
    sheets = [Sheet(table.title, [list(table.columns), *([cell.value for cell in row] for row in table.rows)]) for table in file.tables]
    return workbook([Sheet(pgettext("file", "About"), [[file.title], *([label, value] for label, value in file.about)]), *sheets, Sheet(_("What the figures mean"), file.meanings())])


def as_document(file: PathwayFile) -> Document:
    document = Document(about=file.title, title=file.title, subtitle=_("Counted on %(day)s.") % {"day": short_date(file.asked_on)}, made_on=file.asked_on, file_name=file.file_name)
    document.sections.append(Section("about", pgettext("file", "About"), [Paragraph(" ".join(f"{label}: {short_date(value) if isinstance(value, date) else value}." for label, value in file.about), is_soft=True)]))
    for table in file.tables:
        section = Section(table.meaning.code, table.title)
        if table.rows:
            rows = [[cell.text for cell in row] for row in table.rows]
            section.blocks.append(Table(table.title, table.columns, rows, frozenset(range(table.words, len(table.columns)))))
        else:
            section.blocks.append(Paragraph(_("Nothing to count.")))
        section.blocks.append(Paragraph(_("Counted: %(counted)s Not counted: %(left_out)s") % {"counted": table.meaning.counted, "left_out": table.meaning.not_counted}, is_soft=True))
        document.sections.append(section)
    return document
