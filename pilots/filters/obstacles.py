"""Filters of obstacles, proposals and publications."""
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pilots.choices import ObstacleKind, ObstacleStatus, ProposalStatus, PublicationKind, Remover
from pilots.filters import ListFilterSet, choice_filter, word_filter
from pilots.models import Obstacle, Proposal, Publication
from pilots.models.publication import LANGUAGES
from pilots.words import matching
from pilots.words.indexed import holding

DRAFT, TOLD = "draft", "told"


class ObstacleFilterSet(ListFilterSet):
    q = word_filter(_("Words of the obstacle"))
    kind = choice_filter(_("Kind"), ObstacleKind.choices)
    status = choice_filter(_("Status"), [*ObstacleStatus.choices, (TOLD, _("told, in any status")), (DRAFT, _("own draft"))], method="by_status")
    remover = choice_filter(_("Who can remove it"), Remover.choices, method="by_remover")
    area = choice_filter(_("Pilot area"), method="by_area")
    form = choice_filter(_("Form of education"), field_name="education_forms__code")
    goal = choice_filter(_("Goal"), field_name="goals__number")

    class Meta:
        model = Obstacle
        fields: list[str] = []

    def by_word(self, obstacles: QuerySet, name: str, value: str) -> QuerySet:
        return obstacles.filter(holding(value))

    def by_status(self, obstacles: QuerySet, name: str, value: str) -> QuerySet:
        if value == DRAFT:
            return obstacles.filter(published_at=None)
        told = obstacles.filter(published_at__isnull=False)
        return told if value == TOLD else told.filter(status=value)

    def by_remover(self, obstacles: QuerySet, name: str, value: str) -> QuerySet:
        return obstacles.filter(**{f"by_{value}": True})

    def by_area(self, obstacles: QuerySet, name: str, value: str) -> QuerySet:
        """What the area has reported, supports, or is bitten by."""
        rows = (Obstacle.objects.filter(condition).values("pk") for condition in (Q(reported_by__slug=value), Q(supports__area__slug=value), Q(areas__slug=value)))
        reported, supported, bitten = rows
        return obstacles.filter(Q(pk__in=reported) | Q(pk__in=supported) | Q(pk__in=bitten))


class ProposalFilterSet(ListFilterSet):
    q = word_filter(_("Words of the obstacle or proposal"))
    addressee = choice_filter(_("To whom"), Remover.choices)
    status = choice_filter(_("Status"), [*ProposalStatus.choices, (TOLD, _("made, in any status"))], method="by_status")
    kind = choice_filter(_("Kind of obstacle"), ObstacleKind.choices, field_name="obstacle__kind")
    area = choice_filter(_("Pilot area"), method="by_area")
    goal = choice_filter(_("Goal"), field_name="obstacle__goals__number")

    class Meta:
        model = Proposal
        fields: list[str] = []

    def by_word(self, proposals: QuerySet, name: str, value: str) -> QuerySet:
        return proposals.filter(matching(value, "obstacle__search_words") | Q(text_fi__icontains=value) | Q(text_sv__icontains=value))

    def by_status(self, proposals: QuerySet, name: str, value: str) -> QuerySet:
        return proposals.exclude(status=ProposalStatus.DRAFT) if value == TOLD else proposals.filter(status=value)

    def by_area(self, proposals: QuerySet, name: str, value: str) -> QuerySet:
        """What the area wrote, and what stands on an obstacle that it reported or supports."""
        behind = Obstacle.objects.filter(Q(reported_by__slug=value) | Q(supports__area__slug=value)).values("pk")
        return proposals.filter(Q(area__slug=value) | Q(obstacle__in=behind))


class PublicationFilterSet(ListFilterSet):
    ARCHIVED = "archived"

    q = word_filter(_("Title, author or words of the summary"))
    kind = choice_filter(_("Kind"), PublicationKind.choices)
    language = choice_filter(_("Language"), LANGUAGES)
    state = choice_filter(pgettext_lazy("noun", "Archive"), [(ARCHIVED, _("archived"))], method="by_state")

    class Meta:
        model = Publication
        fields: list[str] = []

    def by_word(self, publications: QuerySet, name: str, value: str) -> QuerySet:
        return publications.filter(holding(value))

    def by_state(self, publications: QuerySet, name: str, value: str) -> QuerySet:
        return publications.filter(archived_at__isnull=False)
