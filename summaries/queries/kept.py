"""Figures of the network and its areas as they were counted ahead, a moment ago; none is kept of a municipality."""
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from summaries.choices import ScopeKind
from summaries.queries.counting import Counts
from summaries.queries.figures import Scope

KEY = "summaries:counts"
# Where the clock has stopped they are counted for each reader again.
LASTS = timedelta(minutes=5)


def keep(counts: Counts, at: datetime) -> None:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for (figure, scope), number in counts.items():
        if scope.kind != ScopeKind.MUNICIPALITY:
            found.setdefault((scope.kind, scope.code), {})[figure] = number
    cache.set(KEY, (at, found), LASTS.total_seconds())


def kept() -> tuple[Counts, datetime] | None:
    """Of today, and when they were counted. One query."""
    at, found = cache.get(KEY, (None, {}))
    if at is None or timezone.localdate(at) != timezone.localdate():
        return None
    scopes = {pair: Scope(*pair) for pair in found}
    return Counts({(figure, scopes[pair]): number for pair, numbers in found.items() for figure, number in numbers.items()}), at
