"""Documents of the network on the page, as PDF and as .docx. They are public and say the same to everyone."""
from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from summaries.documents.pdf import PDF, as_pdf, is_available
from summaries.outline import Document
from summaries.queries.area_report import area_report
from summaries.queries.board import board_pages

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def as_docx(document: Document) -> bytes:
    # Here: a worker that has made none has no need of its memory.
    from summaries.documents import docx

    return docx.as_docx(document)


WRITERS: dict[str, tuple[str, Callable[[Document], bytes]]] = {"pdf": (PDF, as_pdf), "docx": (DOCX, as_docx)}


@require_safe
def area_report_page(request: HttpRequest, slug: str) -> HttpResponse:
    document = _found(area_report(slug))
    breadcrumbs = [(_("Areas"), reverse("pilots:area_list")), (document.about, reverse("pilots:area_detail", args=[slug])), (_("Report"), None)]
    return _page(request, document, breadcrumbs, partial(reverse, "summaries:area_report_file"), {"slug": slug})


@require_safe
def area_report_file(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    return _file(_found(area_report(slug)), what)


@require_safe
def board_page(request: HttpRequest, code: str) -> HttpResponse:
    document = _found(board_pages(code))
    breadcrumbs = [(_("Municipalities"), reverse("pilots:municipality_list")), (document.about, reverse("pilots:municipality_detail", args=[code])), (_("Two pages for the board"), None)]
    return _page(request, document, breadcrumbs, partial(reverse, "summaries:board_pages_file"), {"code": code})


@require_safe
def board_file(request: HttpRequest, code: str, what: str) -> HttpResponse:
    return _file(_found(board_pages(code)), what)


def _found(document: Document | None) -> Document:
    if document is None:
        raise Http404
    return document


def _page(request: HttpRequest, document: Document, breadcrumbs: list, file_url: Callable, kwargs: dict) -> HttpResponse:
    urls = {f"{what}_url": file_url(kwargs=kwargs | {"what": what}) for what in WRITERS}
    return render(request, "summaries/document.html", {"breadcrumbs": breadcrumbs, "document": document, "has_pdf": is_available(), **urls})


def _file(document: Document, what: str) -> HttpResponse:
    if what == "pdf" and not is_available():
        raise Http404
    content_type, write = WRITERS[what]
    response = HttpResponse(write(document), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{document.file_name}.{what}"'
    return response
