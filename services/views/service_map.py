"""The map of shared services beside its list: the same filters, the same links."""
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.models import Municipality
from services.filters import canonical_query, catalogue_choices, catalogue_filter
from services.map import service_map as draw
from services.queries.listed import listed_services, read_offered
from services.queries.service_map import spots_of


@dataclass(frozen=True)
class Row:
    municipality: Municipality
    number: int
    url: str
    words: str


@require_safe
def service_map(request: HttpRequest) -> HttpResponse:
    """As many queries as the list, however many services there are."""
    offered = read_offered(request.acting)
    filterset = catalogue_filter(request.acting, request.GET, listed_services(request.acting, offered.chosen), catalogue_choices(request.acting, offered))
    spots = spots_of(filterset.qs, filterset.municipalities)
    query = canonical_query(filterset)
    rows = [Row(one.municipality, one.count, _address(query, one.municipality), _counted(one.count)) for one in spots.rows]
    placed = [(row.municipality.latitude, row.municipality.longitude, row.number, row.url, f"{row.municipality.name}: {row.words}") for row in rows if row.municipality.latitude is not None]
    context = {
        "filter_form": filterset.form, "filter_fields": filterset.fields(), "chips": filterset.chips(), "clear_url": filterset.clear_url(),
        "rows": rows, "map": draw(placed) if placed else None, "nowhere": spots.nowhere, "query": query, "count_text": _counted(sum(row.number for row in rows) + spots.nowhere),
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Map"), None)],
    }  # fmt: skip
    return render(request, "services/service_map.html", context)


def _address(query: str, municipality: Municipality) -> str:
    """The list with the same filters, and in this municipality."""
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("at="))
    return f"{reverse('services:service_list')}?{f'{kept}&' if kept else ''}{urlencode({'at': municipality.code})}"


def _counted(number: int) -> str:
    return ngettext("%(count)s shared service", "%(count)s shared services", number) % {"count": number}
