"""How often the API answers: counted in the database, so that it holds over all workers."""
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request

from pilots.queries.tokens import Reader, count_request


class TooMany(exceptions.APIException):
    status_code = 429

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


def count_question(request: Request, reader: Reader | None) -> None:
    """By organisation with a key, else by network address, of IPv6 its network; raises TooMany. Once, also when the view is asked again (kopa_portal/replica.py)."""
    asked = request._request
    if getattr(asked, "is_counted", False):
        return
    asked.is_counted = True
    who, most = (f"organisation {reader.organisation_id}", settings.API_MOST_WITH_KEY) if reader else (f"address {get_ip(request)}", settings.API_MOST_WITHOUT_KEY)
    count, wait = count_request(who, timezone.now())
    if count > most:
        raise TooMany(wait)
