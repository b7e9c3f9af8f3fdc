"""Skill needs as lists and pages read them."""
from django.http import Http404

from pilots.models import PilotArea, SkillNeed
from pilots.models.base import sort_field


def needs_of_area(area: PilotArea) -> list[SkillNeed]:
    return list(SkillNeed.objects.filter(ended_at=None, area=area).select_related("field").order_by("field__code", sort_field(), "pk"))


def get_skill_need(area: PilotArea, pk: int) -> SkillNeed:
    """One of this very area, an ended one too. Raises Http404."""
    need = SkillNeed.objects.filter(area=area, pk=pk).select_related("field").first()
    if need is None:
        raise Http404
    return need
