"""Which roles and areas may be given, by whom and where."""
from django.db.models import Q, QuerySet

from pilots.choices import CLIENT_ROLES, KUNTALIITTO_ROLES, NO_PERMISSION, PERMISSIONS, Permission, Role
from pilots.models import Organisation, PilotArea
from pilots.models.base import sort_field
from pilots.permissions import Acting, may, may_manage_people

# The one organisation whose people look after the whole network.
KUNTALIITTO = "kuntaliitto"


def roles_with(permission: Permission) -> list[str]:
    return [role for role, permissions in PERMISSIONS.items() if permission in permissions]


def rights_of(role: Role) -> list[str]:
    """What the role may do, a sentence for each permission."""
    return [str(permission.label) for permission in Permission if permission in PERMISSIONS[role]] or [str(NO_PERMISSION)]


def roles_at(organisation: Organisation) -> list[Role]:
    """The roles that people of this organisation can have: Kuntaliitto's own only at Kuntaliitto, where nobody sees clients."""
    left_out = CLIENT_ROLES if organisation.slug == KUNTALIITTO else KUNTALIITTO_ROLES
    return [role for role in Role if role not in left_out]


def manageable_roles(acting: Acting, organisation: Organisation) -> list[Role]:
    """The roles whose invitations `acting` may withdraw there; rights over every organisation are managed only by one who has them."""
    if not may_manage_people(acting, organisation):
        return []
    everywhere = roles_with(Permission.MANAGE_ALL_PEOPLE)
    return [role for role in roles_at(organisation) if role not in everywhere or may(acting, Permission.MANAGE_ALL_PEOPLE)]


def assignable_roles(acting: Acting, organisation: Organisation) -> list[Role]:
    """The roles that `acting` may give there: one that sees clients only in the own organisation, whoever looks after all of them."""
    return [role for role in manageable_roles(acting, organisation) if role not in CLIENT_ROLES or (acting and acting.organisation_id == organisation.pk)]


def areas_of(organisation: Organisation) -> QuerySet[PilotArea]:
    """The areas that the organisation takes or took part in, itself or by a unit; Kuntaliitto's people may coordinate any."""
    areas = PilotArea.objects.order_by(sort_field())
    if organisation.slug == KUNTALIITTO:
        return areas
    takes_part = Q(memberships__organisation=organisation) | Q(memberships__unit__owner=organisation) | Q(memberships__unit__co_hosts=organisation)
    return areas.filter(pk__in=PilotArea.objects.filter(takes_part).values("pk"))


def assignable_areas(acting: Acting, organisation: Organisation) -> QuerySet[PilotArea]:
    """The areas whose coordinator `acting` may name there; the portal's administrator names one for any area."""
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        return PilotArea.objects.order_by(sort_field())
    return areas_of(organisation)
