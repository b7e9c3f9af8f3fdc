"""The register as an organisation sees it: what was asked of it, what is late, and which of its own answers are open."""
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.choices import RightsKind, RightsOutcome
from guidance.models import RightsAnswer, RightsRequest
from pilots.choices import Permission
from pilots.models import Membership
from pilots.queries.roles import roles_with
from pilots.registries import Waited, Waiting, WaitingKind, WaitingTerms


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


def _answerers(organisation: Any) -> QuerySet[Membership]:
    return Membership.objects.active().filter(organisation=organisation, role__in=roles_with(Permission.ANSWER_RIGHTS), user__is_active=True)


def to_carry_out(answer: RightsAnswer) -> bool:
    """Granted, and not done yet: a restriction or an erasure is made by a press of its own."""
    return answer.request.kind in (RightsKind.ERASURE, RightsKind.RESTRICTION) and answer.outcome in (RightsOutcome.GRANTED, RightsOutcome.PARTLY) and answer.done_at is None and answer.request.pathway_id is not None


def answers_asked(organisation: Any) -> QuerySet[RightsAnswer]:
    """What an organisation has to answer, and what it has granted and not done yet."""
    undone = Q(request__kind__in=(RightsKind.ERASURE, RightsKind.RESTRICTION), request__pathway__isnull=False, outcome__in=(RightsOutcome.GRANTED, RightsOutcome.PARTLY), done_at=None)
    return RightsAnswer.objects.filter(Q(answered_at=None) | undone, organisation=organisation)


def _unanswerable(organisation: Any) -> QuerySet[RightsAnswer]:
    """What an organisation has to answer, and nobody there can."""
    return RightsAnswer.objects.waiting().filter(~Exists(_answerers(organisation)), organisation=organisation)


def _late(terms: WaitingTerms) -> Q:
    return Q(due_on__lt=terms.today)


def _asked(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d request of a client about their own data", "%(count)d requests of clients about their own data", found.count)
    return Waiting(what % {"count": found.count}, found.count, reverse("guidance:rights_list"), found.since, _("Answer"), overdue=bool(found.late))


def _nobody_answers(acting: Membership, found: Waited) -> Waiting:
    what = ngettext(
        "%(count)d request of a client about their own data, and nobody here can answer: give somebody the role of data protection officer",
        "%(count)d requests of clients about their own data, and nobody here can answer: give somebody the role of data protection officer",
        found.count,
    )
    return Waiting(what % {"count": found.count}, found.count, reverse("pilots:people_list"), found.since, _("Invite a person"), overdue=bool(found.late))


# A lead has these requests on the page of what waits, with the rest of the work. Where nobody can answer, whoever manages the
# organisation's people is told so, by the number alone.
KINDS = [
    WaitingKind(
        "rights", lambda acting: acting.may(Permission.ANSWER_RIGHTS) and not acting.may(Permission.GUIDE_CLIENTS), lambda terms: [answers_asked(terms.acting.organisation_id)], _asked, "asked_at", _late,
    ),
    WaitingKind(
        "unanswerable", lambda acting: acting.may(Permission.MANAGE_PEOPLE) and not acting.may(Permission.ANSWER_RIGHTS), lambda terms: [_unanswerable(terms.acting.organisation_id)], _nobody_answers, "asked_at", _late,
    ),
]  # fmt: skip
