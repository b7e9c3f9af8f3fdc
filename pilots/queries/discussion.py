"""Comments on a thing, and what readers have reported to be wrong in it."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Q, QuerySet
from django.http import Http404

from pilots.choices import Permission
from pilots.models import Comment, CooperationModel, FaultReport, Obstacle, Proposal
from pilots.permissions import Acting, may
from pilots.queries.cooperation import visible_models
from pilots.queries.obstacles import visible_obstacles, visible_proposals

# What can be commented on and reported, by the word in its addresses, with the rows of it that a reader may see.
KINDS: dict[str, tuple[type[Any], Callable[[Acting], QuerySet]]] = {
    "model": (CooperationModel, visible_models), "obstacle": (Obstacle, visible_obstacles), "proposal": (Proposal, visible_proposals),
}  # fmt: skip


@dataclass(frozen=True)
class Discussion:
    """For `pilots/_discussion.html`; `comments` is None for those who do not act for an organisation."""

    kind: str
    pk: int
    comments: list[Comment] | None
    may_moderate: bool


def get_target(acting: Acting, kind: str, pk: int) -> Any:
    """Raises Http404 for what there is not, and for what the reader may not see."""
    if kind not in KINDS:
        raise Http404
    thing = KINDS[kind][1](acting).filter(pk=pk).first()
    if thing is None:
        raise Http404
    return thing


def kind_of(thing: Any) -> str:
    return next(kind for kind, (model, _rows) in KINDS.items() if isinstance(thing, model))


def comments_on(thing: Any) -> QuerySet[Comment]:
    """Hidden ones too, the oldest first."""
    return Comment.objects.filter(target_type=ContentType.objects.get_for_model(thing), target_id=thing.pk).select_related("author__user", "author__organisation")


def kept_by(acting: Acting) -> Q:
    """Rows with `area` and `organisation` of those that `acting` keeps; the same as `permissions.may_keep`."""
    mine = Q(pk__in=[])
    if may(acting, Permission.EDIT_OWN_AREA):
        mine |= Q(area=acting.area_id) | Q(area=None, organisation=acting.organisation_id)
    if may(acting, Permission.MODERATE):
        mine |= Q(area=None)
    return mine


def faults_for(acting: Acting) -> QuerySet[FaultReport]:
    """Reports on what `acting` keeps, the oldest first."""
    return FaultReport.objects.filter(kept_by(acting)).select_related("area", "organisation", "handled_by")


def with_targets(rows: QuerySet[FaultReport]) -> QuerySet[FaultReport]:
    """A query for each kind of thing that they are about; a proposal is named by its obstacle."""
    return rows.prefetch_related(GenericPrefetch("target", [Proposal.objects.select_related("obstacle")]))
