"""Which services an organisation sees and may use."""
from collections.abc import Iterable
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.utils import timezone

from pilots.models import AreaMembership, Membership, Municipality
from pilots.models.base import sort_field
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from pilots.queries.prepared import Given, Prepared
from services.choices import Audience, Publication
from services.models import Booking, Enrolment, SharedService
from services.queries.fitting import line_km

LISTED = ("name_fi", "name_sv", "kind", "delivery", "languages", "check_by", "is_demo", "photo__service", "photo__stored_as", "photo__alt_fi", "photo__alt_sv")
NAMES = {"provider_fi": "organisation__name_fi", "provider_sv": "organisation__name_sv", "provider_en": "organisation__name_en", "where_fi": "place__municipality__name_fi", "where_sv": "place__municipality__name_sv"}
SHOWN_WITH = ("organisation", "unit", "place__municipality", "resource", "photo")



# A degree of latitude is never shorter on the globe that distances are reckoned on.
KM_A_DEGREE = 111.0


def may_use(acting: Acting) -> Q:
    """Condition on services: the acting organisation is one of those that the owner offers it to, or the owner itself.

    An organisation belongs to an area itself or by a unit of its own. Someone without an organisation may use nothing.
    """
    return open_to(acting.organisation_id) if acting else Q(pk__in=[])


def open_to(organisation: int | Given, model: type[Model] = SharedService, today: Given | None = None) -> Q:
    """The same condition for an organisation, on services or on another model with `audience` and the three lists.

    The keys of what is offered to the chosen are read once, not for each service. A membership's end is looked at on the day `today`.
    """
    chosen = reduce(or_, (Q(pk__in=rows) for rows in chosen_keys(organisation, model, today)))
    return Q(organisation=organisation) | Q(audience=Audience.NETWORK) | (Q(audience=Audience.CHOSEN) & chosen)


def chosen_keys(organisation: int | Given, model: type[Model] = SharedService, today: Given | None = None) -> list[QuerySet]:
    """Keys of the rows in whose lists the organisation is: by its areas, its municipality, and by itself."""
    of_areas = AreaMembership.objects.filter(shown_as_members(today=today), Q(organisation=organisation) | Q(unit__owner=organisation)).values("area")
    named: dict[str, dict] = {"for_areas": {"pilotarea__in": of_areas}, "for_municipalities": {"municipality__organisations": organisation}, "for_organisations": {"organisation": organisation}}
    return [model._meta.get_field(name).remote_field.through.objects.filter(**who).values(str(model._meta.model_name)) for name, who in named.items()]


def visible_services(acting: Acting) -> QuerySet[SharedService]:
    """Public services that the reader may use or may know of; `usable` tells which. Drafts and archived ones are the owner's alone."""
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    return with_usable(acting).filter(own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True)))


def known_services(acting: Acting) -> QuerySet[SharedService]:
    """What is visible, and what the organisation has ever booked or had seats in: what one has borrowed keeps its page, whatever has become of it."""
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    seen: Any = own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True))
    if acting:
        seen |= Exists(Booking.objects.filter(service=OuterRef("pk"), organisation=acting.organisation_id))
        seen |= Exists(Enrolment.objects.filter(run__service=OuterRef("pk"), organisation=acting.organisation_id))
    return with_usable(acting).filter(seen)


def with_usable(acting: Acting, usable_ones: Q | None = None) -> QuerySet[SharedService]:
    """Annotates `usable`. `usable_ones`: what `may_use` says, when it has been read already."""
    usable = ExpressionWrapper(usable_ones or may_use(acting), output_field=BooleanField()) if acting else Value(False, output_field=BooleanField())
    return SharedService.objects.annotate(usable=usable)


def as_rows(services: QuerySet[SharedService]) -> QuerySet[SharedService]:
    """Only what a row of a list shows: the photo, and names of the provider and the municipality."""
    return services.select_related("photo").annotate(**{name: F(path) for name, path in NAMES.items()}).only(*LISTED)


def find_visible(acting: Membership, pk: int) -> SharedService | None:
    """One of `visible_services` to book of, with `usable`, its resource and the places of both: read at every press of a form."""
    found = _visible_one().ask(organisation=acting.organisation_id, today=timezone.localdate(), service=pk)
    return found[0] if found else None


@cache
def _visible_one() -> Prepared:
    organisation, today = Given("organisation", BigIntegerField()), Given("today", DateField())
    rows = SharedService.objects.annotate(usable=ExpressionWrapper(open_to(organisation, today=today), BooleanField()))
    seen = Q(organisation=organisation) | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True))
    shown = rows.filter(seen, pk=Given("service", BigIntegerField())).select_related("organisation", "place__municipality", "resource__whole__place", "resource__place", "resource__owner")
    return Prepared(shown.order_by())


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


def municipalities_within(municipalities: Iterable[Any], code: str, km: int) -> list[str]:
    """Codes of the municipalities whose midpoints lie within that many kilometres of the named one's, itself among them."""
    midpoints = {one.code: (one.latitude, one.longitude) for one in municipalities if one.latitude is not None and one.longitude is not None}
    here = midpoints.get(code)
    if not here or not km:
        return [code]
    # Farther to the north or south than that is out of reach without reckoning.
    return [other for other, there in midpoints.items() if abs(there[0] - here[0]) * KM_A_DEGREE <= km and line_km(here, there) <= km]
