from guidance.queries.pathway_people import GUIDING_ROLES
from pilots.models import Membership
from pilots.sorting import natural_key


def colleagues_of(acting: Membership) -> list[Membership]:
    """Active counsellors of one's own organisation, oneself among them, as people read names."""
    rows = Membership.objects.active().filter(organisation=acting.organisation_id, role__in=GUIDING_ROLES, user__is_active=True).select_related("user", "organisation").order_by("pk")
    return sorted(rows, key=lambda one: natural_key(one.user.name))
