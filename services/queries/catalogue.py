"""Which services an organisation sees and may use."""
from collections.abc import Iterable
from functools import cache, reduce
from operator import or_

from django.db.models import BigIntegerField, BooleanField, DateField, Exists, ExpressionWrapper, Model, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from pilots.models import AreaMembership, Membership, Municipality
from pilots.models.base import sort_field
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from pilots.queries.prepared import Given, Prepared
from services.choices import Audience, Publication
from services.models import Booking, Enrolment, SharedService
from services.queries.fitting import line_km

SHOWN_WITH = ("organisation", "unit", "place__municipality", "resource", "photo")


def may_use(acting: Acting) -> Q:
    """Condition on services: the acting organisation is one of those that the owner offers it to, or the owner itself.

    An organisation belongs to an area itself or by a unit of its own. Someone without an organisation may use nothing.
    """
    return open_to(acting.organisation_id) if acting else Q(pk__in=[])


def open_to(organisation: int | Given, model: type[Model] = SharedService, today: Given | None = None) -> Q:
    """The same condition for an organisation, on services or on another model with `audience` and the three lists.

    The keys of what is offered to the chosen are read once, not for each service. A membership's end is looked at on the day `today`.
    """
    of_areas = AreaMembership.objects.filter(shown_as_members(today=today), Q(organisation=organisation) | Q(unit__owner=organisation)).values("area")
    named: dict[str, dict] = {"for_areas": {"pilotarea__in": of_areas}, "for_municipalities": {"municipality__organisations": organisation}, "for_organisations": {"organisation": organisation}}
    lists = [model._meta.get_field(name).remote_field.through.objects.filter(**who).values(str(model._meta.model_name)) for name, who in named.items()]
    chosen = reduce(or_, (Q(pk__in=rows) for rows in lists))
    return Q(organisation=organisation) | Q(audience=Audience.NETWORK) | (Q(audience=Audience.CHOSEN) & chosen)


def visible_services(acting: Acting) -> QuerySet[SharedService]:
    """Public services that the reader may use or may know of; `usable` tells which. Drafts and archived ones are the owner's alone."""
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    return _with_usable(acting).filter(own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True)))


def known_services(acting: Acting) -> QuerySet[SharedService]:
    """What is visible, and what the organisation has ever booked or had seats in: what one has borrowed keeps its page, whatever has become of it."""
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    seen = own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True))
    if acting:
        seen |= Exists(Booking.objects.filter(service=OuterRef("pk"), organisation=acting.organisation_id))
        seen |= Exists(Enrolment.objects.filter(run__service=OuterRef("pk"), organisation=acting.organisation_id))
    return _with_usable(acting).filter(seen)


def _with_usable(acting: Acting) -> QuerySet[SharedService]:
    usable = ExpressionWrapper(may_use(acting), output_field=BooleanField()) if acting else Value(False, output_field=BooleanField())
    return SharedService.objects.annotate(usable=usable)


def find_usable(acting: Membership, pk: int) -> SharedService | None:
    """A service of a resource that the organisation may use, with what its calendar shows; the owner's own in every state."""
    found = _usable_of_resource().ask(organisation=acting.organisation_id, today=timezone.localdate(), service=pk)
    return found[0] if found else None


@cache
def _usable_of_resource() -> Prepared:
    organisation, today, service = Given("organisation", BigIntegerField()), Given("today", DateField()), Given("service", BigIntegerField())
    rows = SharedService.objects.filter(open_to(organisation, today=today), Q(organisation=organisation) | Q(state=Publication.PUBLIC), pk=service, resource__isnull=False)
    shown = [f"resource__{path}{field}" for path in ("", "whole__") for field in ("id", "mode", "kind", "buffer_before", "buffer_after", "start_interval", "whole", "owner")]
    return Prepared(rows.select_related("resource__whole").only("name_fi", "name_sv", "state", "resource", *shown).order_by())


def municipalities_to_choose() -> QuerySet[Municipality]:
    """Today's municipalities by name, with what a distance is counted from."""
    return Municipality.objects.on(timezone.localdate()).order_by(sort_field()).only("code", "name_fi", "name_sv", "latitude", "longitude")


def municipalities_within(municipalities: Iterable[Municipality], code: str, km: int) -> list[str]:
    """Codes of the municipalities whose midpoints lie within that many kilometres of the named one's, itself among them."""
    midpoints = {one.code: (one.latitude, one.longitude) for one in municipalities if one.latitude is not None and one.longitude is not None}
    here = midpoints.get(code)
    return [other for other, there in midpoints.items() if line_km(here, there) <= km] if here and km else [code]
