"""My path: the client's own page."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guidance.own import own_page


@require_safe
@own_page
def own_path(request: HttpRequest) -> HttpResponse:
    return render(request, "guidance/own_path.html", {"pathways": request.own_pathways})
