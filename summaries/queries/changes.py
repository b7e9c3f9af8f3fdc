"""What has changed in the network, as everybody may know it: areas, cooperation models, obstacles, shared services and publications."""
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pilots.choices import ProposalStatus, PublicationState
from pilots.models import AreaMembership, CooperationModel, PilotArea, Publication
from pilots.queries.network import areas_in_order, shown_as_members
from pilots.queries.obstacles import visible_obstacles
from services.queries.catalogue import visible_services

MOST = 50


@dataclass(frozen=True)
class Changed:
    """A thing and when it last changed; `kind` names what it is, in the feed's identifiers too."""

    kind: str
    label: str | Promise
    thing: Any
    at: datetime


def recent_changes(area: PilotArea | None = None) -> list[Changed]:
    """The last ones, newest first, each thing once; of an area what is its own. Five queries at most."""
    found = [Changed(kind, label, thing, thing.changed_at) for kind, label, rows in _sources(area) for thing in rows.order_by("-changed_at", "-pk")[:MOST] if thing.changed_at]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _sources(area: PilotArea | None) -> list[tuple[str, Promise, QuerySet]]:
    areas = PilotArea.objects.filter(pk=area.pk) if area else PilotArea.objects.filter(pk__in=areas_in_order().values("pk"))
    models = CooperationModel.objects.filter(state=PublicationState.PUBLIC)
    obstacles, services = visible_obstacles(None), visible_services(None)
    if area:
        members = AreaMembership.objects.filter(shown_as_members(), area=area)
        offering = Q(organisation__in=members.filter(unit=None).values("organisation")) | Q(organisation__in=members.filter(organisation=None).values("unit__owner"))
        models, obstacles, services = models.filter(area=area), obstacles.filter(reported_by=area), services.filter(offering)
    sources: list[tuple[str, Any, QuerySet]] = [
        ("area", _("Pilot area"), areas.annotate(changed_at=Subquery(_last_written(PilotArea)))),
        # Its history before it was published is nobody else's.
        ("model", _("Cooperation model"), models.annotate(changed_at=Greatest("published_at", Coalesce(Subquery(_last_written(CooperationModel)), "published_at")))),
        # That a proposal is being drafted is known to those who write it.
        ("obstacle", _("Obstacle"), obstacles.annotate(changed_at=Greatest("published_at", Coalesce(Max("events__at", filter=~Q(events__proposal__status=ProposalStatus.DRAFT)), "published_at")))),
        # What is changed inside it is known to those only to whom it is offered.
        ("service", _("Shared service"), services.annotate(changed_at=Max("published_at"))),
    ]
    if area is None:
        sources.append(("publication", _("Publication"), Publication.objects.filter(archived_at=None).annotate(changed_at=Max("updated_at"))))
    return sources


def _last_written(model: Any) -> QuerySet:
    history = model.history.model
    return history.objects.filter(id=OuterRef("pk")).order_by("-history_date").values("history_date")[:1]
