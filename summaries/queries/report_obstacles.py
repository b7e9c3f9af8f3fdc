"""What obstacles and proposals say in a document: those that an area has told of or given its weight to, as everyone sees them."""
from collections.abc import Sequence

from django.db.models import Prefetch, Q
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.templatetags.kopa import short_date
from pilots.choices import ObstacleKind, ObstacleStatus, ProposalStatus, Remover
from pilots.markdown import plain
from pilots.models import Obstacle, PilotArea, Proposal
from pilots.queries.obstacles import proposals_seen_by, seen_by, support_count
from summaries.outline import Cell, Paragraph, Section, Table, Text, named, said


def public_obstacles(condition: Q) -> list[Obstacle]:
    """With `support_count`, those with the most areas behind them first, and the proposals that have been made."""
    found = Obstacle.objects.filter(seen_by(None), condition).annotate(support_count=support_count())
    made = Prefetch("proposals", Proposal.objects.filter(proposals_seen_by(None)).order_by("made_on", "pk"), to_attr="made_proposals")
    return list(found.prefetch_related(made).order_by("-support_count", "-published_at", "pk"))


def of_areas(areas: Sequence[PilotArea | int]) -> Q:
    """Reported by one of them, met there, or given weight by it."""
    table = Obstacle.objects.filter(Q(reported_by__in=areas) | Q(areas__in=areas) | Q(supports__area__in=areas))
    return Q(pk__in=table.values("pk"))


def proposals_of(obstacles: Sequence[Obstacle]) -> list[tuple[Obstacle, Proposal]]:
    return [(obstacle, proposal) for obstacle in obstacles for proposal in obstacle.made_proposals]  # type: ignore[attr-defined]


def obstacles_section(obstacles: Sequence[Obstacle]) -> Section:
    section = Section("obstacles", _("Obstacles"))
    if not obstacles:
        section.blocks.append(Paragraph(_("The area has told of no obstacle, and given its weight to none."), is_soft=True))
        return section
    rows: list[list[Cell]] = [
        [named(one), capfirst(str(ObstacleKind(one.kind).label)), ", ".join(one.remover_labels), number_format(one.support_count + 1), capfirst(str(ObstacleStatus(one.status).label)), short_date(localdate(one.published_at))]  # type: ignore[attr-defined]
        for one in obstacles
    ]
    section.blocks.append(Table(_("Obstacles to cooperation, and how many areas stand behind each"), [_("Obstacle"), _("Kind"), _("Who can remove it"), _("Areas"), _("Status"), _("Told on")], rows, frozenset({3})))
    return section


def proposals_section(obstacles: Sequence[Obstacle]) -> Section:
    section = Section("proposals", _("Proposals"))
    found = proposals_of(obstacles)
    if not found:
        section.blocks.append(Paragraph(_("No proposals have been made yet."), is_soft=True))
        return section
    rows: list[list[Cell]] = [
        [_text(proposal), capfirst(str(Remover(proposal.addressee).label)), said(obstacle, "name"), capfirst(str(ProposalStatus(proposal.status).label)), short_date(proposal.answered_on or proposal.handed_over_on or proposal.made_on)]
        for obstacle, proposal in found
    ]
    section.blocks.append(Table(_("Proposals to remove them"), [_("Proposal"), _("To whom"), _("Obstacle"), _("Status"), _("On the day")], rows))
    return section


def _text(proposal: Proposal) -> Text:
    text = said(proposal, "text")
    return Text(plain(text.words), text.language)
