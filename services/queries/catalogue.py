"""Which services an organisation sees and may use."""
from collections.abc import Iterable

from django.db.models import BooleanField, Exists, ExpressionWrapper, Model, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from pilots.models import AreaMembership, Municipality
from pilots.models.base import sort_field
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from services.choices import Audience, Publication
from services.models import SharedService
from services.queries.fitting import line_km

SHOWN_WITH = ("organisation", "unit", "place__municipality", "resource")


def may_use(acting: Acting) -> Q:
    """Condition on services: the acting organisation is one of those that the owner offers it to, or the owner itself.

    An organisation belongs to an area itself or by a unit of its own. Someone without an organisation may use nothing.
    """
    if acting is None:
        return Q(pk__in=[])
    return open_to(acting.organisation_id)


def open_to(organisation: int, model: type[Model] = SharedService) -> Q:
    """The same condition for an organisation, on services or on another model with `audience` and the three lists."""
    of_areas = AreaMembership.objects.filter(shown_as_members(), Q(organisation=organisation) | Q(unit__owner=organisation)).values("area")
    here = {str(model._meta.model_name): OuterRef("pk")}
    by_area = model._meta.get_field("for_areas").remote_field.through.objects.filter(**here, pilotarea__in=of_areas)
    by_municipality = model._meta.get_field("for_municipalities").remote_field.through.objects.filter(**here, municipality__organisations=organisation)
    by_organisation = model._meta.get_field("for_organisations").remote_field.through.objects.filter(**here, organisation=organisation)
    chosen = Q(Exists(by_area)) | Q(Exists(by_municipality)) | Q(Exists(by_organisation))
    return Q(organisation=organisation) | Q(audience=Audience.NETWORK) | (Q(audience=Audience.CHOSEN) & chosen)


def visible_services(acting: Acting) -> QuerySet[SharedService]:
    """Public services that the reader may use or may know of; `usable` tells which. Drafts and archived ones are the owner's alone."""
    usable = ExpressionWrapper(may_use(acting), output_field=BooleanField()) if acting else Value(False, output_field=BooleanField())
    rows = SharedService.objects.annotate(usable=usable)
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    return rows.filter(own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True)))


def municipalities_to_choose() -> QuerySet[Municipality]:
    """Today's municipalities by name, with what a distance is counted from."""
    return Municipality.objects.on(timezone.localdate()).order_by(sort_field()).only("code", "name_fi", "name_sv", "latitude", "longitude")


def municipalities_within(municipalities: Iterable[Municipality], code: str, km: int) -> list[str]:
    """Codes of the municipalities whose midpoints lie within that many kilometres of the named one's, itself among them."""
    midpoints = {one.code: (one.latitude, one.longitude) for one in municipalities if one.latitude is not None and one.longitude is not None}
    here = midpoints.get(code)
    return [other for other, there in midpoints.items() if line_km(here, there) <= km] if here and km else [code]
