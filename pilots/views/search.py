"""Search over the network, on one page."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.queries.search import LONGEST_QUERY
from pilots.queries.search import search as find


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", " ").strip()
    found = find(text)
    context = {
        "text": text[:LONGEST_QUERY],
        "is_cut": len(text) > LONGEST_QUERY,
        "list_query": urlencode({"q": text[:LONGEST_QUERY]}),
        "found": found,
        "count_text": ngettext("%(count)s result", "%(count)s results", found.count) % {"count": found.count},
    }
    return render(request, "pilots/search.html", context)
