"""Filters of the cooperation models."""
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from pilots.choices import ModelStatus
from pilots.filters import ListFilterSet, choice_filter, place_filter, word_filter
from pilots.models import CooperationModel, ModelGoal, ModelStatusPeriod, Municipality
from pilots.queries.cooperation import touching
from pilots.words.indexed import holding


class CooperationFilterSet(ListFilterSet):
    q = word_filter(_("Word in the name or the texts"))
    goal = choice_filter(_("Goal"), method="by_goal")
    status = choice_filter(_("Status"), ModelStatus.choices, method="by_status")
    form = choice_filter(_("Form of education"), field_name="education_forms__code")
    area = choice_filter(_("Pilot area"), field_name="area__slug")
    # Where a figure of a municipality leads; nobody is asked for it.
    place = place_filter()

    class Meta:
        model = CooperationModel
        fields: list[str] = []

    def by_word(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(holding(value))

    def by_goal(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Exists(ModelGoal.objects.filter(model=OuterRef("pk"), goal__number=value)))

    def by_status(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Exists(ModelStatusPeriod.objects.filter(model=OuterRef("pk"), status=value, ends_on=None)))

    def by_place(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(touching(Municipality.objects.filter(code=value)))
