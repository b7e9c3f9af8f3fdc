"""Whose work a page of what waits shows, and what its parts ask by."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils import timezone

from pilots.models import Membership
from pilots.queries.prepared import Given

SOON = timedelta(days=7)


@dataclass(frozen=True)
class Terms:
    """What the parts ask by: values, or places for them in a prepared query."""

    person: int | Given
    organisation: int | Given
    people: Sequence[int | Given] | QuerySet
    today: date | Given
    week_ends: date | Given
    # For partnerships with so many days to a stale pathway: since when nothing has happened in one.
    stale: Sequence[tuple[int | Given, datetime | Given]] = ()

    @property
    def is_stale(self) -> Q:
        return reduce(or_, (Q(partnership__stale_after=days, last_event_at__lt=since) for days, since in self.stale), Q(pk__in=[]))


@dataclass(frozen=True)
class Desk:
    """Whose work is on the table: the person's own, and that of those whom they stand in for today."""

    acting: Membership
    now: datetime
    people: list[int]
    # The names of those who are away, by id.
    absent: dict[int, str] = field(default_factory=dict)
    # Days without an event after which a pathway is stale, by partnership: of every one, for a client who was transferred
    # goes on in the partnership of the one who handed them over.
    stale_after: dict[int, int] = field(default_factory=dict)
    # For a list only: who works here, by id, and the number in the frame.
    colleagues: list[tuple[int, str]] = field(default_factory=list)
    waiting_count: int = 0
    # For a list only: whether the organisation opens pathways.
    opens: bool = False

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def terms(self) -> Terms:
        stale = [(days, self.now - timedelta(days=days)) for days in sorted(set(self.stale_after.values()))]
        return Terms(self.acting.pk, self.acting.organisation_id, self.people, self.today, self.today + SOON, stale)
