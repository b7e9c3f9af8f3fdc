"""Whom to call: the contact people of all areas, organisations and units, by task and language."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.filters import ContactFilterSet, named
from pilots.queries import contacts, network
from pilots.views.listing import list_context

# A row here says much: 15 of them weigh as much as 25 elsewhere.
CARDS_A_PAGE = 15


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    filterset = ContactFilterSet(request.GET, contacts.current(), area=named(network.areas_in_order(), "slug"))
    context = list_context(request, filterset.qs, filterset, per_page=CARDS_A_PAGE)
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)s contact person", "%(count)s contact people", count) % {"count": count},
    }
    return render(request, "pilots/contact_list.html", context)
