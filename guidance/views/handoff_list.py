"""The hand-offs of the organisation acted for; each number above the list is the filter that made it."""
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from guidance.choices import LogAction, Purpose
from guidance.queries.handoff_page import ANSWER, ENDED, UNANSWERED, UNMET, count_narrowed, list_rows
from guidance.reading import client_page

ON_PAGE = 25


@dataclass(frozen=True)
class Tab:
    code: str
    label: str
    count: int
    url: str
    current: bool


@require_http_methods(["GET", "HEAD"])
@client_page(purpose=Purpose.HANDOFF)
def handoff_list(request: HttpRequest) -> HttpResponse:
    labels = {ANSWER: _("To answer"), UNANSWERED: _("Sent, not answered"), UNMET: _("Accepted, not met"), ENDED: pgettext("hand-offs", "Ended")}
    code = request.GET.get("show", ANSWER)
    code = code if code in labels else ANSWER
    counts = count_narrowed(request.acting)
    paginator = Paginator(list_rows(request.acting, code), ON_PAGE)
    paginator.count = counts[code]
    page = paginator.get_page(request.GET.get("page"))
    rows = list(page.object_list)
    page.object_list = rows
    request.reading.show([row.pathway for row in rows], action=LogAction.LIST, purpose=Purpose.HANDOFF)
    here = reverse("guidance:handoff_list")
    context = {
        "tabs": [Tab(each, label, counts[each], f"{here}?show={each}", each == code) for each, label in labels.items()],
        "show": code,
        "page_obj": page,
        "count_text": ngettext("%(count)d hand-off", "%(count)d hand-offs", counts[code]) % {"count": counts[code]},
        "breadcrumbs": [(_("Waiting for me"), reverse("guidance:waiting")), (_("Hand-offs"), "")],
    }
    return render(request, "guidance/handoff_list.html", context)
