"""A resource as its owner's people keep it."""
from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone

from pilots.permissions import Acting
from services.models import OpeningException, OpeningHours, Place, Resource, SharedService, TermPeriod
from services.permissions import may_manage_resource, may_offer
from services.queries.fitting import has_future
from services.queries.offering import parts_of


@dataclass(frozen=True)
class ResourcePage:
    resource: Resource
    parts: list[Resource]
    hours: list[OpeningHours]
    exceptions: list[OpeningException]
    services: list[SharedService]
    is_held: bool


def get_own_resource(acting: Acting, pk: int) -> Resource:
    """A whole of the own organisation; anything else is as if it were missing."""
    resource = Resource.objects.select_related("owner", "place__municipality").filter(pk=pk, whole=None).first()
    if resource is None or not may_manage_resource(acting, resource):
        raise Http404
    return resource


def get_own_place(acting: Acting, pk: int) -> Place:
    place = Place.objects.select_related("municipality").filter(pk=pk).first()
    if place is None or not may_offer(acting) or place.owner_id != acting.organisation_id:
        raise Http404
    return place


def resource_page(resource: Resource) -> ResourcePage:
    """Five queries; exceptions that are over are not shown."""
    return ResourcePage(
        resource=resource,
        parts=list(parts_of(resource)),
        hours=list(resource.opening_hours.all()),
        exceptions=list(resource.opening_exceptions.filter(last_day__gte=timezone.localdate())),
        services=list(resource.services.order_by("pk")[:10]),
        is_held=has_future(resource),
    )


def resource_version(resource: Resource) -> int:
    """What guards it against two people saving over each other: the number of its newest row of history."""
    return resource.history.values_list("history_id", flat=True).first() or 0


def periods_of(acting: Acting) -> list[TermPeriod]:
    """The own school year, what is over left out."""
    if not may_offer(acting):
        return []
    return list(TermPeriod.objects.filter(organisation=acting.organisation_id, last_day__gte=timezone.localdate()))
