"""How long an owner takes to answer what is asked of a service."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from services.choices import BookingState
from services.models import Booking, SharedService

COUNTED = timedelta(days=365)
# The newest ones; more than that says nothing else.
MOST_COUNTED = 1000


@dataclass(frozen=True)
class AnswerTime:
    """Of the requests of the last year: the median time to an answer, how many were answered, and how many still are not."""

    median: timedelta | None
    answered: int
    unanswered: int

    @property
    def days(self) -> int | None:
        """Whole days begun; None when the median is within a day or nothing has been answered."""
        return None if self.median is None or self.median < timedelta(days=1) else -(-self.median // timedelta(days=1))


def answer_time(service: SharedService, now: datetime) -> AnswerTime:
    """A series counts once, at its first answer. What was confirmed at once was never asked, and what the borrower took back is no answer."""
    rows = Booking.objects.filter(service=service, requested_at__gt=now - COUNTED).exclude(state=BookingState.WITHDRAWN).exclude(answered_at__isnull=False, answered_by=None)
    waits: dict[tuple, timedelta | None] = {}
    for pk, series, requested_at, answered_at in rows.order_by("-requested_at", "-pk").values_list("pk", "series", "requested_at", "answered_at")[:MOST_COUNTED]:
        key, wait = ("series", series) if series else ("booking", pk), answered_at - requested_at if answered_at else None
        known = waits.get(key)
        waits[key] = known if wait is None else wait if known is None else min(known, wait)
    answered = [wait.total_seconds() for wait in waits.values() if wait is not None]
    return AnswerTime(timedelta(seconds=median(answered)) if answered else None, len(answered), len(waits) - len(answered))
