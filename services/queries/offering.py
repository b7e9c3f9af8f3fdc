"""What an organisation offers, as its own people see it, and what they can choose among."""
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from pilots.choices import PublicationState
from pilots.models import AreaMembership, Contact, CooperationModel, Membership, ModelPartner, Municipality, Organisation, Unit
from pilots.models.base import sort_field
from pilots.queries.network import shown_as_members
from services.choices import Publication, ResourceKind, ServiceKind
from services.models import Need, Place, Resource, SharedService

# What the owner's own people have looked through, as the history tells it.
CONFIRMING = ("confirm_service", "publish_service")


@dataclass(frozen=True)
class Waiting:
    drafts: int
    stale: int


@dataclass(frozen=True)
class Confirmed:
    at: datetime
    by: str


def own_services(by: Membership) -> QuerySet[SharedService]:
    return SharedService.objects.filter(organisation=by.organisation_id)


def waiting_services(by: Membership) -> Waiting:
    stale = Q(state=Publication.PUBLIC, check_by__lt=timezone.localdate())
    return Waiting(**own_services(by).aggregate(drafts=Count("pk", filter=Q(state=Publication.DRAFT)), stale=Count("pk", filter=stale)))


def last_confirmed(service: SharedService) -> Confirmed | None:
    """When the owner last said that all of it is right, and who did."""
    reasons = Q(*(("history_change_reason__startswith", f"{verb}:") for verb in CONFIRMING), _connector=Q.OR)
    row = service.history.filter(reasons).select_related("history_user").first()
    return Confirmed(row.history_date, row.history_user.name if row.history_user else "") if row else None


def own_units(organisation: Organisation) -> QuerySet[Unit]:
    return Unit.objects.filter(Q(owner=organisation) | Q(co_hosts=organisation)).distinct().order_by(sort_field())


def own_contacts(organisation: Organisation) -> QuerySet[Contact]:
    return Contact.objects.filter(Q(organisation=organisation) | Q(unit__owner=organisation), ended_on=None).order_by("name", "pk")


def own_places(organisation: Organisation) -> QuerySet[Place]:
    return Place.objects.filter(owner=organisation).select_related("municipality").order_by(sort_field(), "pk")


def own_resources(organisation: Organisation, kind: str) -> QuerySet[Resource]:
    """What a service of the kind can offer: whole spaces for a facility, people and posts for staff."""
    rows = Resource.objects.filter(not_ended(), owner=organisation, whole=None)
    return rows.filter(Q(kind=ResourceKind.SPACE) if kind == ServiceKind.FACILITY else ~Q(kind=ResourceKind.SPACE)).order_by(sort_field(), "pk")


def parts_of(resource: Resource) -> QuerySet[Resource]:
    return Resource.objects.filter(not_ended(), whole=resource).order_by(sort_field(), "pk")


def not_ended() -> Q:
    return Q(ended_on=None) | Q(ended_on__gt=timezone.localdate())


def municipalities_of_network(chosen: SharedService | Need) -> QuerySet[Municipality]:
    """Those with a member in an area of the network, and those that were chosen before."""
    members = AreaMembership.objects.filter(shown_as_members(), organisation__municipality=OuterRef("pk"))
    return Municipality.objects.filter(Q(Exists(members)) | Q(pk__in=chosen.for_municipalities.values("pk") if chosen.pk else [])).order_by(sort_field())


def models_near(service: SharedService) -> QuerySet[CooperationModel]:
    """Public cooperation models of the owner's areas, those in which it is a partner, and those that were chosen before."""
    own = Q(organisation=service.organisation_id) | Q(unit__owner=service.organisation_id)
    areas = AreaMembership.objects.filter(shown_as_members(), own).values("area")
    partners = ModelPartner.objects.filter(own).values("model")
    near = Q(area__in=areas) | Q(pk__in=partners) | Q(organisation=service.organisation_id)
    chosen = Q(pk__in=service.cooperation_models.values("pk")) if service.pk else Q(pk__in=[])
    return CooperationModel.objects.filter(Q(state=PublicationState.PUBLIC) & near | chosen).order_by(sort_field(), "pk")


def organisations_of_network(chosen: SharedService | Need) -> QuerySet[Organisation]:
    """Members of an area, themselves or by a unit, those with people in the portal, and those that were chosen before; not the owner."""
    members = AreaMembership.objects.filter(shown_as_members(), Q(organisation=OuterRef("pk")) | Q(unit__owner=OuterRef("pk")))
    people = Membership.objects.active().filter(organisation=OuterRef("pk"))
    rows = Organisation.objects.filter(Q(Exists(members)) | Q(Exists(people)) | Q(pk__in=chosen.for_organisations.values("pk") if chosen.pk else []))
    return rows.exclude(pk=chosen.organisation_id).order_by(sort_field())
