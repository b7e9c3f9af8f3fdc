"""Needs as pages and actions read them."""
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from pilots.permissions import Acting
from services.choices import NeedState
from services.models import Need, NeedAnswer
from services.permissions import may_offer
from services.queries.catalogue import open_to

READ_WITH = ("organisation__municipality", "municipality", "education_form", "booking__service", "booking__resource", "created_by__user", "ended_by__user")


def standing() -> Q:
    """Condition on needs: others see it. What nobody has looked at in time, and what is over, they do not."""
    today = timezone.localdate()
    return Q(state=NeedState.OPEN, last_day__gte=today, check_by__gte=today)


def own_needs(acting: Acting) -> QuerySet[Need]:
    return Need.objects.filter(organisation=acting.organisation_id) if may_offer(acting) else Need.objects.none()


def needs_of_others(acting: Acting) -> QuerySet[Need]:
    if not may_offer(acting):
        return Need.objects.none()
    return Need.objects.filter(standing(), open_to(acting.organisation_id, Need)).exclude(organisation=acting.organisation_id)


def get_need(acting: Acting, pk: int) -> Need:
    """The own organisation's, those that it may see, and those that it has answered, whatever came of them. Http404 for every other one."""
    need = None
    if may_offer(acting):
        answered = Exists(NeedAnswer.objects.filter(need=OuterRef("pk"), organisation=acting.organisation_id))
        seen = Q(organisation=acting.organisation_id) | standing() & open_to(acting.organisation_id, Need) | Q(answered)
        need = Need.objects.filter(seen, pk=pk).select_related(*READ_WITH).first()
    if need is None:
        raise Http404
    return need


def get_own_need(acting: Acting, pk: int) -> Need:
    need = own_needs(acting).filter(pk=pk).select_related(*READ_WITH).first()
    if need is None:
        raise Http404
    return need


def answers_to(acting: Acting, need: Need) -> list[NeedAnswer]:
    """All of them for who asked; an organisation that answered sees its own."""
    rows = need.answers.select_related("organisation", "service", "answered_by__user")
    return list(rows[:200] if need.organisation_id == acting.organisation_id else rows.filter(organisation=acting.organisation_id)) if acting else []
