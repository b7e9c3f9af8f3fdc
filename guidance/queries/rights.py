"""The register as an organisation sees it: what was asked of it, what is late, and which of its own answers are open."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.choices import RightsKind, RightsOutcome
from guidance.models import RightsAnswer, RightsRequest
from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import Acting, may
from pilots.queries.roles import roles_with
from pilots.queries.waiting import Waiting


@dataclass(frozen=True)
class RequestRow:
    request: RightsRequest
    own: RightsAnswer
    is_open: bool
    is_late: bool
    # No data protection officer and no lead there.
    has_nobody: bool = False


def requests_of(organisation_id: int) -> QuerySet[RightsAnswer]:
    """The organisation's own answers: open ones first, by the day they are due."""
    waits = Case(When(answered_at=None, then=Value(0)), default=Value(1))
    return RightsAnswer.objects.filter(organisation=organisation_id).select_related("request__pathway").order_by(waits, "due_on", "-pk")


def row_of(answer: RightsAnswer, today: date) -> RequestRow:
    is_open = answer.answered_at is None
    return RequestRow(answer.request, answer, is_open, is_open and answer.due_on < today, is_open and not getattr(answer, "has_answerer", True))


def answers_of(request: RightsRequest) -> QuerySet[RightsAnswer]:
    """Of every organisation that was asked, with `has_answerer`: whether anybody there can answer."""
    return request.answers.select_related("organisation", "request").annotate(has_answerer=Exists(_answerers(OuterRef("organisation"))))


def _answerers(organisation: int | OuterRef) -> QuerySet[Membership]:
    return Membership.objects.active().filter(organisation=organisation, role__in=roles_with(Permission.ANSWER_RIGHTS), user__is_active=True)


def to_carry_out(answer: RightsAnswer) -> bool:
    """Granted, and not done yet: a restriction or an erasure is made by a press of its own."""
    return answer.request.kind in (RightsKind.ERASURE, RightsKind.RESTRICTION) and answer.outcome in (RightsOutcome.GRANTED, RightsOutcome.PARTLY) and answer.done_at is None and answer.request.pathway_id is not None


def rights_waiting(acting: Acting, now: datetime) -> list[Waiting]:
    """A row of the home page, in one query; none for those who answer nothing.

    Where nobody can answer, whoever manages the organisation's people is told so, by the number alone.
    """
    if may(acting, Permission.ANSWER_RIGHTS):
        undone = Q(request__kind__in=(RightsKind.ERASURE, RightsKind.RESTRICTION), request__pathway__isnull=False, outcome__in=(RightsOutcome.GRANTED, RightsOutcome.PARTLY), done_at=None)
        asked = RightsAnswer.objects.filter(Q(answered_at=None) | undone, organisation=acting.organisation_id)
    elif may(acting, Permission.MANAGE_PEOPLE):
        asked = RightsAnswer.objects.waiting().filter(~Exists(_answerers(acting.organisation_id)), organisation=acting.organisation_id)
    else:
        return []
    found = asked.aggregate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=timezone.localdate(now))), oldest=Min("asked_at"))
    if not found["count"]:
        return []
    if may(acting, Permission.ANSWER_RIGHTS):
        what = ngettext("%(count)d request of a client about their own data", "%(count)d requests of clients about their own data", found["count"])
        url, todo = reverse("guidance:rights_list"), _("Answer")
    else:
        what = ngettext(
            "%(count)d request of a client about their own data, and nobody here can answer: give somebody the role of data protection officer",
            "%(count)d requests of clients about their own data, and nobody here can answer: give somebody the role of data protection officer",
            found["count"],
        )
        url, todo = reverse("pilots:people_list"), _("Invite a person")
    return [Waiting(what % {"count": found["count"]}, found["count"], url, found["oldest"], todo, overdue=bool(found["late"]))]
