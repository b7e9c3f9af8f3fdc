from guidance.permissions import may_guide
from pilots.models import Membership, Organisation


def receivers(organisation: Organisation) -> list[Membership]:
    """Active counsellors of an organisation: who can receive a client."""
    active = Membership.objects.active().filter(organisation=organisation, user__is_active=True).select_related("user", "organisation").order_by("pk")
    return [membership for membership in active if may_guide(membership)]
