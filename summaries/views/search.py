"""The search over everything, on one page. What is found comes from the sources of `pilots.registries.search_sources`."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.queries.search import LONGEST_QUERY
from summaries.queries.search import search_everything


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", " ").strip()
    groups = search_everything(text[:LONGEST_QUERY], request.acting)
    count = sum(group.count for group in groups)
    words = ngettext("%(count)s result", "%(count)s results", count)
    context = {
        "text": text[:LONGEST_QUERY],
        "is_cut": len(text) > LONGEST_QUERY,
        "groups": groups,
        "count_text": (_("More than %(count)s results") if any(group.count_is_least for group in groups) else words) % {"count": count},
    }
    return render(request, "summaries/search.html", context)
