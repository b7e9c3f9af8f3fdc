"""Who can be named for a pathway: active counsellors of the organisations that take part now."""
from django.db.models import Q, QuerySet

from guidance.choices import ProgrammeKind
from guidance.models import Participation, Pathway, Programme
from pilots.choices import PERMISSIONS, Permission
from pilots.models import Membership, Organisation

GUIDING_ROLES = [role for role, permissions in PERMISSIONS.items() if Permission.GUIDE_CLIENTS in permissions]


def participating(pathway: Pathway) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=Participation.objects.filter(pathway=pathway, ends_at=None).values("organisation")).order_by("sort_key_fi")


def counsellors_of(pathway: Pathway, organisation_id: int | None = None) -> QuerySet[Membership]:
    """`organisation_id` narrows it to one of those that take part. An ended pathway is left to the one that owned the process."""
    here = Q(organisation__in=Participation.objects.filter(pathway=pathway, ends_at=None).values("organisation"))
    if pathway.closed_at:
        here = Q(organisation=pathway.process_owner_id)
    if organisation_id:
        here &= Q(organisation=organisation_id)
    return (
        Membership.objects.active()
        .filter(here, role__in=GUIDING_ROLES, user__is_active=True)
        .select_related("user", "organisation")
        .order_by("organisation__sort_key_fi", "user__name", "id")
    )


def measures_of(pathway: Pathway) -> QuerySet[Programme]:
    """Only what a client can take part in today: a measure that is still offered."""
    return Programme.objects.filter(partnership=pathway.partnership_id, kind=ProgrammeKind.MEASURE, is_historical=False)
