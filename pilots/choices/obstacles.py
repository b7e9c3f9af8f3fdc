"""Obstacles and proposals, and how they move."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ObstacleKind(models.TextChoices):
    LAW = "law", pgettext_lazy("obstacle", "law")
    FUNDING = "funding", pgettext_lazy("obstacle", "funding")
    PRACTICE = "practice", pgettext_lazy("obstacle", "practice")
    DISTANCE = "distance", pgettext_lazy("obstacle", "distance")
    AGREEMENTS = "agreements", pgettext_lazy("obstacle", "agreements")
    INFORMATION_SYSTEMS = "information_systems", pgettext_lazy("obstacle", "information systems")
    ATTITUDES = "attitudes", pgettext_lazy("obstacle", "attitudes")


class Remover(models.TextChoices):
    """Who can remove an obstacle, and to whom a proposal goes."""

    MUNICIPALITY = "municipality", _("municipality")
    PROVIDER = "provider", _("education provider")
    KUNTALIITTO = "kuntaliitto", _("Kuntaliitto")
    MINISTRY = "ministry", _("ministry")
    LEGISLATOR = "legislator", _("legislator")


class ObstacleStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("obstacle", "open")
    PROPOSED = "proposed", pgettext_lazy("obstacle", "a proposal has been made")
    IN_PROGRESS = "in_progress", pgettext_lazy("obstacle", "in progress")
    REMOVED = "removed", pgettext_lazy("obstacle", "removed")
    NOT_PURSUED = "not_pursued", pgettext_lazy("obstacle", "not pursued")


class ProposalStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("proposal", "draft")
    MADE = "made", pgettext_lazy("proposal", "made")
    HANDED_OVER = "handed_over", pgettext_lazy("proposal", "handed over")
    ANSWERED = "answered", pgettext_lazy("proposal", "answered")
    ACCEPTED = "accepted", pgettext_lazy("proposal", "accepted")
    REJECTED = "rejected", pgettext_lazy("proposal", "rejected")


# From -> to; all by whoever has the right to MODERATE.
OBSTACLE_MOVES: dict[str, tuple[ObstacleStatus, ...]] = {
    ObstacleStatus.OPEN: (ObstacleStatus.PROPOSED, ObstacleStatus.IN_PROGRESS, ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED),
    ObstacleStatus.PROPOSED: (ObstacleStatus.OPEN, ObstacleStatus.IN_PROGRESS, ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED),
    ObstacleStatus.IN_PROGRESS: (ObstacleStatus.OPEN, ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED),
    ObstacleStatus.REMOVED: (ObstacleStatus.OPEN,),
    ObstacleStatus.NOT_PURSUED: (ObstacleStatus.OPEN,),
}
# The first one, from a draft, by the area that wrote it; the others by whoever has the right to MODERATE.
PROPOSAL_MOVES: dict[str, tuple[ProposalStatus, ...]] = {
    ProposalStatus.DRAFT: (ProposalStatus.MADE,),
    ProposalStatus.MADE: (ProposalStatus.HANDED_OVER, ProposalStatus.REJECTED),
    ProposalStatus.HANDED_OVER: (ProposalStatus.ANSWERED, ProposalStatus.ACCEPTED, ProposalStatus.REJECTED),
    ProposalStatus.ANSWERED: (ProposalStatus.ACCEPTED, ProposalStatus.REJECTED),
    ProposalStatus.ACCEPTED: (),
    ProposalStatus.REJECTED: (),
}


class ObstacleAct(models.TextChoices):
    """What a line of an obstacle's history tells."""

    WRITTEN = "written", _("Draft written")
    REPORTED = "reported", _("Obstacle reported")
    EDITED = "edited", _("Obstacle edited")
    MOVED = "moved", _("Status changed")
    ANSWERED = "answered", _("Answered")
    WEIGHT_ADDED = "weight_added", _("Weight added")
    WEIGHT_TAKEN_BACK = "weight_taken_back", _("Weight taken back")
    MERGED = "merged", _("Duplicate merged into this")
    PROPOSAL_WRITTEN = "proposal_written", _("Draft of a proposal written")
    PROPOSAL_EDITED = "proposal_edited", _("Proposal edited")
    PROPOSAL_MOVED = "proposal_moved", _("Status of a proposal changed")
