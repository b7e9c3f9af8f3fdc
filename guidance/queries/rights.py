"""The register as an organisation sees it: what was asked of it, what is late, and which of its own answers are open."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Min, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.choices import RightsKind, RightsOutcome
from guidance.models import RightsAnswer, RightsRequest
from pilots.choices import Permission
from pilots.permissions import Acting, may
from pilots.queries.waiting import Waiting


@dataclass(frozen=True)
class RequestRow:
    request: RightsRequest
    own: RightsAnswer
    is_open: bool
    is_late: bool


def requests_of(organisation_id: int) -> QuerySet[RightsAnswer]:
    """The organisation's own answers: open ones first, by the day they are due."""
    waits = Case(When(answered_at=None, then=Value(0)), default=Value(1))
    return RightsAnswer.objects.filter(organisation=organisation_id).select_related("request__pathway").order_by(waits, "request__due_on", "-pk")


def row_of(answer: RightsAnswer, today: date) -> RequestRow:
    is_open = answer.answered_at is None
    return RequestRow(answer.request, answer, is_open, is_open and answer.request.due_on < today)


def to_carry_out(answer: RightsAnswer) -> bool:
    """Granted, and not done yet: a restriction or an erasure is made by a press of its own."""
    return answer.request.kind in (RightsKind.ERASURE, RightsKind.RESTRICTION) and answer.outcome in (RightsOutcome.GRANTED, RightsOutcome.PARTLY) and answer.done_at is None and answer.request.pathway_id is not None


def rights_waiting(acting: Acting, now: datetime) -> list[Waiting]:
    """A row of the home page, in one query; none for those who answer nothing."""
    if not may(acting, Permission.ANSWER_RIGHTS):
        return []
    undone = Q(request__kind__in=(RightsKind.ERASURE, RightsKind.RESTRICTION), request__pathway__isnull=False, outcome__in=(RightsOutcome.GRANTED, RightsOutcome.PARTLY), done_at=None)
    open_answers = RightsAnswer.objects.filter(Q(answered_at=None) | undone, organisation=acting.organisation_id)
    found = open_answers.aggregate(count=Count("pk"), late=Count("pk", filter=Q(request__due_on__lt=timezone.localdate(now))), oldest=Min("request__received_at"))
    if not found["count"]:
        return []
    what = ngettext("%(count)d request of a client about their own data", "%(count)d requests of clients about their own data", found["count"]) % {"count": found["count"]}
    return [Waiting(what, found["count"], reverse("guidance:rights_list"), found["oldest"], _("Answer"), overdue=bool(found["late"]))]
