"""What is copied, printed and exported: everything that is written once can be used where work is done."""
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guidance.choices import LogAction, Visibility
from guidance.documents.layout import Document
from guidance.documents.pathway_data import pathway_data
from guidance.documents.pathway_text import appointment_document, handoff_document, pathway_document
from guidance.models import Event, Handoff, NextStep, Pathway
from guidance.queries.event_words import in_words
from guidance.queries.timeline import EVENTS_ON_PAGE, events_for
from guidance.reading import client_page, get_pathway_for
from guidance.views.pathways import breadcrumbs, get_of, page_of

STEPS = NextStep.objects.select_related("responsible__user", "responsible__organisation")
HANDOFFS = Handoff.objects.select_related("from_person__user", "from_person__organisation", "to_organisation", "to_person__user")


def events_on_paper(request: HttpRequest, pathway: Pathway) -> QuerySet[Event]:
    """What was taken back is left out, and what only the own organisation reads unless it is asked for (?own=1): paper is passed on."""
    events = events_for(request.acting, pathway).counted()
    return events if with_own(request) else events.exclude(visibility=Visibility.OWN)


def with_own(request: HttpRequest) -> bool:
    return request.GET.get("own") == "1"


def answer(request: HttpRequest, pathway, document: Document, shape: str, *, asks_own: bool = False) -> HttpResponse:
    """`text`: a readable field to copy from, `plain`: the bare text, `print`: for paper. Each is logged as printed or copied."""
    request.reading.show([pathway], action=LogAction.PRINT)
    if shape == "plain":
        return HttpResponse(document.as_text(), content_type="text/plain; charset=utf-8")
    template = {"text": "guidance/pathway_text.html", "print": "guidance/pathway_print.html"}[shape]
    label = _("Copy as text") if shape == "text" else _("Print")
    context = {"pathway": pathway, "document": document, "text": document.as_text(), "asks_own": asks_own, "with_own": with_own(request), "export_url": "", "breadcrumbs": breadcrumbs(pathway, (label, ""))}
    return render(request, template, context)


@require_safe
@client_page
def pathway_document_page(request: HttpRequest, pseudonym: str, shape: str) -> HttpResponse:
    """The pathway with its latest events."""
    page = page_of(request, pseudonym)
    events = [in_words(event) for event in events_on_paper(request, page.pathway)[:EVENTS_ON_PAGE]]
    return answer(request, page.pathway, pathway_document(page, events), shape, asks_own=True)


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
    """The whole path as JSON, with what was taken back, marked; what only the own organisation reads is in it when asked for (?own=1)."""
    page = page_of(request, pseudonym)
    request.reading.show([page.pathway], action=LogAction.EXPORT)
    events = events_for(request.acting, page.pathway)
    data = pathway_data(page, events if with_own(request) else events.exclude(visibility=Visibility.OWN), timezone.now())
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{pseudonym}.json"'
    return response


@require_safe
@client_page
def pathway_export_print(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The whole path on paper."""
    page = page_of(request, pseudonym)
    events = [in_words(event) for event in events_on_paper(request, page.pathway)]
    document = pathway_document(page, events)
    request.reading.show([page.pathway], action=LogAction.EXPORT)
    context = {"pathway": page.pathway, "document": document, "asks_own": True, "with_own": with_own(request), "breadcrumbs": breadcrumbs(page.pathway, (_("The whole path"), ""))}
    return render(request, "guidance/pathway_print.html", context | {"export_url": reverse("guidance:pathway_export", args=[pseudonym])})
