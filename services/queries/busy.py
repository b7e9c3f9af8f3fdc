"""Times from the owner's own booking system, as its people see them."""
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404

from pilots.permissions import Acting
from services.choices import HOLDING
from services.models import Booking, BusySource, BusyTime, Resource
from services.permissions import may_manage_resource
from services.queries.bookings import LISTED_WITH

MOST_CLASHES = 100


@dataclass(frozen=True)
class ShownSource:
    source: BusySource
    server: str
    times: int
    is_old: bool


def get_own_bookable(acting: Acting, pk: int) -> Resource:
    """A whole or a part of the own organisation; anything else is as if it were missing."""
    resource = Resource.objects.select_related("owner", "whole").filter(pk=pk).first()
    if resource is None or not may_manage_resource(acting, resource):
        raise Http404
    return resource


def sources_of(resource: Resource, now: datetime) -> list[ShownSource]:
    rows = resource.busy_sources.annotate(count=Count("times")).order_by("pk")
    return [ShownSource(row, urlsplit(row.url).hostname or "", row.count, row.good_until <= now) for row in rows]


def clashes_of(resource: Resource, now: datetime) -> list[Booking]:
    """Bookings to come, of the resource, its whole and its parts, that run into a time of the owner's own system."""
    of_the_same = Q(resource=OuterRef("resource")) | Q(resource=OuterRef("resource__whole")) | Q(resource__whole=OuterRef("resource"))
    busy = BusyTime.objects.filter(of_the_same, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    family = Q(resource=resource.root_id) | Q(resource__whole=resource.root_id)
    rows = Booking.objects.filter(family, Exists(busy), state__in=HOLDING, ends_at__gt=now)
    return list(rows.select_related(*LISTED_WITH).order_by("starts_at", "pk")[:MOST_CLASHES])
