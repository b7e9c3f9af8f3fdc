"""What waits for an answer, as rows of the home page."""
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pilots.queries.waiting import Waiting
from services.permissions import may_offer
from services.queries.waiting import AGREEMENTS, REQUESTS, SETTLEMENTS, waiting_things


def answers_at_home(request: HttpRequest) -> list[Waiting]:
    """One query, for those who answer; the frame of the page need not count again."""
    if not may_offer(request.acting):
        return []
    found = waiting_things(request.acting)
    request.waiting_count = sum(count for _kind, count, _oldest in found)
    return [_row(kind, count, oldest) for kind, count, oldest in found]


def _row(kind: str, count: int, oldest) -> Waiting:
    number = {"count": count}
    what, url, action = {
        REQUESTS: (
            ngettext("%(count)d request waits for your organisation's answer", "%(count)d requests wait for your organisation's answer", count) % number, reverse("services:booking_list"), _("Answer"),
        ),
        AGREEMENTS: (
            ngettext("%(count)d agreement waits for your organisation's decision", "%(count)d agreements wait for your organisation's decision", count) % number, reverse("services:agreement_list"), _("Decide"),
        ),
        SETTLEMENTS: (
            ngettext("%(count)d settlement waits for your organisation's acceptance", "%(count)d settlements wait for your organisation's acceptance", count) % number, reverse("services:agreement_list"), _("Look through"),
        ),
    }[kind]  # fmt: skip
    return Waiting(what, count, url, oldest, action)
