"""Obstacles and proposals as lists, pages and actions read them."""
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from pilots.choices import Permission, ProposalStatus
from pilots.models import Obstacle, ObstacleEvent, ObstacleSupport, PilotArea, Proposal
from pilots.permissions import Acting, may, may_edit_obstacle

OBSTACLE_FIELDS = (
    *("name_fi", "name_sv", "kind", "description_fi", "description_sv", "evidence_fi", "evidence_sv", "evidence_links"),
    *("removers", "areas", "education_forms", "goals", "check_by"),
)
# Kept beside the row, as lists of keys.
SETS = ("areas", "education_forms", "goals")
PROPOSAL_FIELDS = ("text_fi", "text_sv", "addressee")
AREA_NAMES = ("slug", "number", "name_fi", "name_sv")
LONG = ("description_fi", "description_sv", "evidence_fi", "evidence_sv", "evidence_links", "answer_fi", "answer_sv", "search_words")


def seen_by(acting: Acting) -> Q:
    """Condition on obstacles: published ones, and the drafts of one's own area; merged ones are found at what they were merged into."""
    own = Q(reported_by=acting.area_id) if may(acting, Permission.EDIT_OWN_AREA) else Q(pk__in=[])
    return Q(merged_into=None) & (Q(published_at__isnull=False) | own)


def visible_obstacles(acting: Acting) -> QuerySet[Obstacle]:
    return Obstacle.objects.filter(seen_by(acting))


def proposals_seen_by(acting: Acting) -> Q:
    """Condition on proposals: those that have been made; drafts by the area that writes them and by Kuntaliitto's staff."""
    if may(acting, Permission.MODERATE):
        return Q()
    own = Q(area=acting.area_id) if may(acting, Permission.EDIT_OWN_AREA) else Q(pk__in=[])
    return ~Q(status=ProposalStatus.DRAFT) | own


def visible_proposals(acting: Acting) -> QuerySet[Proposal]:
    return Proposal.objects.filter(proposals_seen_by(acting)).select_related("obstacle__reported_by", "area")


def support_count() -> Coalesce:
    """How many areas are behind an obstacle beside the one that reported it."""
    rows = ObstacleSupport.objects.filter(obstacle=OuterRef("pk")).order_by().values("obstacle").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def obstacles_in_list(acting: Acting) -> QuerySet[Obstacle]:
    """With the number of supporting areas as `support_count`; long texts are read when asked for."""
    rows = Obstacle.objects.filter(seen_by(acting)).select_related("reported_by")
    return rows.defer(*LONG, *(f"reported_by__{field.name}" for field in PilotArea._meta.concrete_fields if field.name not in ("id", *AREA_NAMES))).annotate(support_count=support_count())


def get_obstacle(acting: Acting, pk: int) -> Obstacle:
    """One that the reader may see, or a merged one, whose `merged_into` the caller leads to. Raises Http404."""
    obstacle = Obstacle.objects.select_related("reported_by", "created_by", "answered_by").filter(pk=pk).first()
    if obstacle is None or (obstacle.is_draft and not may_edit_obstacle(acting, obstacle)):
        raise Http404
    return obstacle


def get_proposal(acting: Acting, pk: int) -> Proposal:
    """Raises Http404 for a draft of another area as for none."""
    proposal = visible_proposals(acting).filter(pk=pk).first()
    if proposal is None:
        raise Http404
    return proposal


@dataclass(frozen=True)
class ObstacleFacts:
    """Everything that an obstacle's page shows, in six queries."""

    areas: list
    education_forms: list
    goals: list
    supports: list[ObstacleSupport]
    proposals: list[Proposal]
    moves: list[ObstacleEvent]

    def support_of(self, area_id: int | None) -> ObstacleSupport | None:
        return next((support for support in self.supports if support.area_id == area_id), None)


def facts_of(obstacle: Obstacle, acting: Acting) -> ObstacleFacts:
    events = events_of(obstacle).exclude(from_status="", to_status="").filter(proposal=None)
    return ObstacleFacts(
        areas=list(obstacle.areas.order_by("number")),
        education_forms=list(obstacle.education_forms.order_by("position")),
        goals=list(obstacle.goals.order_by("number")),
        supports=list(obstacle.supports.select_related("area")),
        proposals=list(obstacle.proposals.filter(proposals_seen_by(acting)).select_related("area").order_by("pk")),
        moves=list(events[:20]),
    )


def events_of(obstacle: Obstacle) -> QuerySet[ObstacleEvent]:
    """The obstacle's history with that of every duplicate merged into it, the newest first."""
    rows = ObstacleEvent.objects.filter(Q(obstacle=obstacle) | Q(obstacle__merged_into=obstacle))
    return rows.select_related("by", "organisation", "area", "obstacle").order_by("-at", "-pk")


def proposals_in_list(acting: Acting) -> QuerySet[Proposal]:
    """Each with its obstacle and the areas behind that, in a fixed number of queries."""
    supports = Prefetch("obstacle__supports", ObstacleSupport.objects.select_related("area"))
    rows = Proposal.objects.filter(proposals_seen_by(acting), obstacle__in=Obstacle.objects.filter(seen_by(acting)))
    return rows.select_related("obstacle__reported_by", "area").prefetch_related(supports)


def values_of(obstacle: Obstacle) -> dict[str, Any]:
    """What the form shows, sets as sorted lists."""
    return {name: sorted(getattr(obstacle, name).values_list("pk", flat=True)) if name in SETS else getattr(obstacle, name) for name in OBSTACLE_FIELDS}


def values_before(current: dict[str, Any], events: list[ObstacleEvent]) -> dict[str, Any]:
    """The state that somebody began from: the edits since then (the newest first) undone."""
    found = dict(current)
    for event in events:
        for change in event.changes:
            if change["field"] in found:
                found[change["field"]] = change["before"]
    return found


def edits_since(obstacle: Obstacle, version: int, proposal: Proposal | None = None) -> list[ObstacleEvent]:
    rows = ObstacleEvent.objects.filter(obstacle=obstacle) if proposal is None else ObstacleEvent.objects.filter(proposal=proposal)
    return list(rows.filter(version__gt=version).exclude(changes=[]).filter(proposal=proposal).select_related("by").order_by("-version", "-pk"))


def merge_candidates(obstacle: Obstacle) -> QuerySet[Obstacle]:
    """What a duplicate can be merged into: everything published that is not merged itself."""
    return Obstacle.objects.filter(merged_into=None, published_at__isnull=False).exclude(pk=obstacle.pk).select_related("reported_by").annotate(support_count=support_count())
