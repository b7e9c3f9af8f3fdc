"""Which services an organisation sees and may use."""
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value

from pilots.models import AreaMembership
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from services.choices import Audience, Publication
from services.models import SharedService

SHOWN_WITH = ("organisation", "unit", "place__municipality", "resource")


def may_use(acting: Acting) -> Q:
    """Condition on services: the acting organisation is one of those that the owner offers it to, or the owner itself.

    An organisation belongs to an area itself or by a unit of its own. Someone without an organisation may use nothing.
    """
    if acting is None:
        return Q(pk__in=[])
    organisation = acting.organisation_id
    of_areas = AreaMembership.objects.filter(shown_as_members(), Q(organisation=organisation) | Q(unit__owner=organisation)).values("area")
    by_area = SharedService.for_areas.through.objects.filter(sharedservice=OuterRef("pk"), pilotarea__in=of_areas)
    by_municipality = SharedService.for_municipalities.through.objects.filter(sharedservice=OuterRef("pk"), municipality__organisations=organisation)
    by_organisation = SharedService.for_organisations.through.objects.filter(sharedservice=OuterRef("pk"), organisation=organisation)
    chosen = Q(Exists(by_area)) | Q(Exists(by_municipality)) | Q(Exists(by_organisation))
    return Q(organisation=organisation) | Q(audience=Audience.NETWORK) | (Q(audience=Audience.CHOSEN) & chosen)


def visible_services(acting: Acting) -> QuerySet[SharedService]:
    """Public services that the reader may use or may know of; `usable` tells which. Drafts and archived ones are the owner's alone."""
    usable = ExpressionWrapper(may_use(acting), output_field=BooleanField()) if acting else Value(False, output_field=BooleanField())
    rows = SharedService.objects.annotate(usable=usable)
    own = Q(organisation=acting.organisation_id) if acting else Q(pk__in=[])
    return rows.filter(own | Q(state=Publication.PUBLIC) & (Q(usable=True) | Q(shown_outside=True)))
