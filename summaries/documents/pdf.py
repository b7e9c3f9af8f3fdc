"""A document as tagged PDF, written by WeasyPrint from the same page; an extra that a server may lack."""
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string

from summaries.outline import Document

PDF = "application/pdf"
STYLE = settings.BASE_DIR / "static" / "css" / "document.css"


@cache
def is_available() -> bool:
    """WeasyPrint may be missing, or the libraries of the system that it needs (then it is an OSError)."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def as_pdf(document: Document) -> bytes:
    return _pages(document).write_pdf(pdf_variant="pdf/ua-1")


def page_count(document: Document) -> int:
    return len(_pages(document).pages)


def _pages(document: Document):
    from weasyprint import CSS, HTML

    html = render_to_string("summaries/document_paper.html", {"document": document})
    return HTML(string=html, url_fetcher=_nothing).render(stylesheets=[CSS(filename=str(STYLE), url_fetcher=_nothing)], pdf_variant="pdf/ua-1")


def _nothing(url: str, *args, **kwargs):
    """Nothing is fetched for a document: neither a file of the server nor an address elsewhere that a text may name."""
    raise ValueError(url)
