"""What waits for an answer, as a row of the home page."""
from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pilots.queries.waiting import Waiting
from services.permissions import may_offer
from services.queries.bookings import requests_to_answer


def requests_at_home(request: HttpRequest) -> list[Waiting]:
    """One query, for those who answer; the frame of the page need not count again."""
    if not may_offer(request.acting):
        return []
    found = requests_to_answer(request.acting).order_by().aggregate(count=Count("pk"), oldest=Min("requested_at"))
    request.waiting_count = count = found["count"]
    if not count:
        return []
    what = ngettext("%(count)d request waits for your organisation's answer", "%(count)d requests wait for your organisation's answer", count) % {"count": count}
    return [Waiting(what, count, reverse("services:booking_list"), found["oldest"], _("Answer"))]
