"""A summary as CSV, as a workbook or as PDF: the same numbers as on its page."""
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pilots.models import Municipality
from pilots.models.base import sort_field
from summaries.choices import ScopeKind
from summaries.documents.figures import SummaryFile, as_document, as_workbook
from summaries.queries.figures import NETWORK, Scope
from summaries.queries.summary import Summary, chosen_month, frozen_months, of_area, of_municipality, read_summary
from summaries.views.answers import file_answer, require_file
from summaries.views.places import EVERY_PART, area_among


@require_safe
def network_file(request: HttpRequest, what: str) -> HttpResponse | StreamingHttpResponse:
    summary = _summary(request)
    areas = sorted(summary.words.areas, key=lambda area: getattr(area, sort_field()))
    rows = [*((area.name, of_area(area)) for area in areas), (_("The whole network"), NETWORK)]
    return _answer(request, what, summary, _("Network summary"), "network", ScopeKind.NETWORK, rows)


@require_safe
def area_file(request: HttpRequest, slug: str, what: str) -> HttpResponse | StreamingHttpResponse:
    summary = _summary(request)
    area = area_among(summary, slug)
    return _answer(request, what, summary, _("%(name)s in figures") % {"name": area.name}, area.slug, ScopeKind.AREA, [(area.name, of_area(area)), (_("The whole network"), NETWORK)])


@require_safe
def municipality_file(request: HttpRequest, code: str, what: str) -> HttpResponse | StreamingHttpResponse:
    place = get_object_or_404(Municipality, code=code)
    summary = _summary(request, place)
    return _answer(request, what, summary, _("%(name)s in figures") % {"name": place.name}, place.code, ScopeKind.MUNICIPALITY, [(place.name, of_municipality(place))])


def _summary(request: HttpRequest, place: Municipality | None = None) -> Summary:
    return read_summary(EVERY_PART, chosen_month(request.GET.get("month", ""), frozen_months()), place=place)


def _answer(request: HttpRequest, what: str, summary: Summary, title: str, name: str, kind: str, rows: list[tuple[str, Scope]]) -> HttpResponse | StreamingHttpResponse:
    require_file(what)
    today = timezone.localdate()
    asked_by = ", ".join(filter(None, (request.user.name, request.acting.organisation.name if request.acting else ""))) if request.user.is_authenticated else ""
    file = SummaryFile(title, f"figures-{name}-{summary.month or today}", summary, rows, kind, asked_by, today)
    return file_answer(file, what, as_workbook, as_document)
