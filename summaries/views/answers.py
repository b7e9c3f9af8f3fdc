"""Figures as a file, whatever they are of."""
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from django.http import Http404, HttpResponse, StreamingHttpResponse

from services.tables.workbooks import XLSX
from services.tables.writing import csv_lines
from summaries.documents.pdf import PDF, as_pdf, is_available
from summaries.outline import Document


class FigureFile(Protocol):
    """What is written: its name without an ending, and its lines."""

    @property
    def file_name(self) -> str: ...

    def header(self) -> Sequence[Any]: ...

    def lines(self) -> Iterable[Sequence[Any]]: ...


File = TypeVar("File", bound=FigureFile)


def require_file(what: str) -> None:
    """PDF needs a library that an installation may not have; asked before anything is counted."""
    if what == "pdf" and not is_available():
        raise Http404


def file_answer(file: File, what: str, as_workbook: Callable[[File], bytes], as_document: Callable[[File], Document]) -> HttpResponse | StreamingHttpResponse:
    """As CSV (streamed), workbook or PDF: the same numbers in each."""
    response: HttpResponse | StreamingHttpResponse
    if what == "csv":
        response = StreamingHttpResponse(csv_lines(file.header(), file.lines()), content_type="text/csv; charset=utf-8")
    elif what == "xlsx":
        response = HttpResponse(as_workbook(file), content_type=XLSX)
    else:
        response = HttpResponse(as_pdf(as_document(file)), content_type=PDF)
    response["Content-Disposition"] = f'attachment; filename="{file.file_name}.{what}"'
    return response
