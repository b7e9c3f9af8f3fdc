"""The names on a run of a course as a workbook. A text stays a text: nothing that somebody wrote becomes a formula."""
from collections.abc import Iterable
from io import BytesIO

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(title: str, rows: Iterable[Iterable[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    content = BytesIO()
    book.save(content)
    return content.getvalue()
