"""What is copied, printed and exported: everything that is written once can be used where work is done."""
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guidance.choices import LogAction
from guidance.documents.layout import Document
from guidance.documents.pathway_data import pathway_data
from guidance.documents.pathway_text import appointment_document, handoff_document, pathway_document
from guidance.models import Handoff, NextStep
from guidance.queries.timeline import EVENTS_ON_PAGE, events_for, in_words
from guidance.reading import client_page, get_pathway_for
from guidance.views.pathways import breadcrumbs, get_of, page_of

STEPS = NextStep.objects.select_related("responsible__user", "responsible__organisation")
HANDOFFS = Handoff.objects.select_related("from_person__user", "from_person__organisation", "to_organisation", "to_person__user")


def answer(request: HttpRequest, pathway, document: Document, shape: str) -> HttpResponse:
    """`text`: a readable field to copy from, `plain`: the bare text, `print`: for paper. Each is logged as printed or copied."""
    request.reading.show([pathway], action=LogAction.PRINT)
    if shape == "plain":
        return HttpResponse(document.as_text(), content_type="text/plain; charset=utf-8")
    template = {"text": "guidance/pathway_text.html", "print": "guidance/pathway_print.html"}[shape]
    label = _("Copy as text") if shape == "text" else _("Print")
    return render(request, template, {"pathway": pathway, "document": document, "text": document.as_text(), "breadcrumbs": breadcrumbs(pathway, (label, ""))})


@require_safe
@client_page
def pathway_document_page(request: HttpRequest, pseudonym: str, shape: str) -> HttpResponse:
    """The pathway with its latest events."""
    page = page_of(request, pseudonym)
    events = [in_words(event) for event in events_for(request.acting, page.pathway)[:EVENTS_ON_PAGE]]
    return answer(request, page.pathway, pathway_document(page, events), shape)


@require_safe
@client_page
def step_document_page(request: HttpRequest, pseudonym: str, pk: int, shape: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    return answer(request, pathway, appointment_document(pathway, get_of(pathway, STEPS, pk), request.acting), shape)


@require_safe
@client_page
def handoff_document_page(request: HttpRequest, pseudonym: str, pk: int, shape: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    return answer(request, pathway, handoff_document(pathway, get_of(pathway, HANDOFFS, pk), request.acting), shape)


@require_safe
@client_page
def pathway_export(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The whole path as JSON."""
    page = page_of(request, pseudonym)
    request.reading.show([page.pathway], action=LogAction.EXPORT)
    data = pathway_data(page, events_for(request.acting, page.pathway), timezone.now())
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{pseudonym}.json"'
    return response


@require_safe
@client_page
def pathway_export_print(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The whole path on paper."""
    page = page_of(request, pseudonym)
    events = [in_words(event) for event in events_for(request.acting, page.pathway)]
    document = pathway_document(page, events)
    request.reading.show([page.pathway], action=LogAction.EXPORT)
    return render(request, "guidance/pathway_print.html", {"pathway": page.pathway, "document": document, "breadcrumbs": breadcrumbs(page.pathway, (_("The whole path"), ""))})
