"""The register of what clients ask about their own data: received, given more time, answered by each organisation for its own rows.

Source: General Data Protection Regulation (EU) 2016/679, articles 12(3), 12(4) and 15 to 21. Who answers: docs/decisions/0024.
"""
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import User
from guidance.actions.locks import lock_pathway
from guidance.choices import ANSWER_MONTHS, ANSWERED_BY_PROCESS_OWNER, EXTENSION_MONTHS, REFUSALS, ExtensionReason, RightsKind, RightsOutcome
from guidance.choices.rights import months_after
from guidance.models import ClientAccount, Pathway, RightsAnswer, RightsRequest
from guidance.permissions import may_answer_rights, may_see_pathway
from guidance.queries.held import controllers_of
from pilots.models import Membership
from services.conflicts import Conflict


@transaction.atomic
def open_request(*, pathway: Pathway, kind: str, text: str, now: datetime, by_user: User | None = None, by: Membership | None = None, token=None) -> RightsRequest:
    """Write down what the client asks: by the client (`by_user`, with the account of this client) or for the client by a counsellor (`by`).

    Each organisation that answers for some of the data gets its part to answer. The same token twice is one request.
    """
    pathway = lock_pathway(pathway, open_only=False, while_restricted=True)
    if (by is None) == (by_user is None):
        raise ValueError("a request is the client's own or written down by somebody")
    if by is not None:
        # Of an ended one its owner, for most are asked then.
        if not may_see_pathway(by, pathway):
            raise ValidationError(_("Your organisation does not take part in this pathway."))
    elif not ClientAccount.objects.filter(user=by_user, client=pathway.client_id).exists():
        raise PermissionDenied
    if token and (known := RightsRequest.objects.filter(token=token, pathway=pathway).first()):
        return known
    if kind not in RightsKind.values:
        raise ValidationError({"kind": _("Choose what is asked.")})
    request = RightsRequest(pathway=pathway, pseudonym=pathway.pseudonym, kind=kind, text=text.strip(), by=by, received_at=now, **({"token": token} if token else {}))
    request.full_clean(exclude=["pathway", "by"])
    request.save()
    asked = set() if kind in ANSWERED_BY_PROCESS_OWNER else controllers_of(pathway.client)
    if pathway.process_owner_id:
        asked.add(pathway.process_owner_id)
    ask_organisations(request, asked, now)
    record_event(by=by.user if by else by_user, verb="rights.requested", target=request, organisation_id=by.organisation_id if by else None, detail={"pathway": pathway.pseudonym, "kind": kind})
    return request


def ask_organisations(request: RightsRequest, organisations: Collection[int], now: datetime) -> None:
    """Each has a month of its own from the day on which it is asked."""
    due_on = months_after(timezone.localdate(now), ANSWER_MONTHS)
    RightsAnswer.objects.bulk_create(RightsAnswer(request=request, organisation_id=one, asked_at=now, due_on=due_on) for one in sorted(organisations))


def lock_request(request: RightsRequest) -> RightsRequest:
    return RightsRequest.objects.select_for_update().get(pk=request.pk)


@transaction.atomic
def extend_request(*, by: Membership, request: RightsRequest, reason: str, now: datetime) -> RightsAnswer:
    """Two months more for the own organisation, once, and only while the first month runs: by then the client must have been told why."""
    own = own_answer(by, lock_request(request))
    if own.extended_at:
        raise ValidationError(_("More time has been taken already. The law gives it once."))
    if own.answered_at:
        raise ValidationError(_("Your organisation has answered already."))
    if timezone.localdate(now) > own.due_on:
        raise ValidationError(_("The first month has passed. The client must be told within it why more time is needed."))
    if reason not in ExtensionReason.values:
        raise ValidationError({"reason": _("Choose why more time is needed.")})
    own.extended_at, own.extended_by, own.extension_reason = now, by, reason
    own.due_on = months_after(timezone.localdate(own.asked_at), ANSWER_MONTHS + EXTENSION_MONTHS)
    own.save(update_fields=["extended_at", "extended_by", "extension_reason", "due_on"])
    record_event(by=by.user, verb="rights.extended", target=request, organisation_id=by.organisation_id, detail={"pathway": request.pseudonym, "reason": reason})
    return own


@transaction.atomic
def answer_request(*, by: Membership, request: RightsRequest, outcome: str, reason: str = "", now: datetime) -> RightsAnswer:
    """The organisation's own answer, once. A refusal, also in part, has a coded reason that exists in every language."""
    request = lock_request(request)
    answer = own_answer(by, request)
    if answer.answered_at:
        raise Conflict(answer, _("Your organisation has answered already. Look at the request as it is now."))
    if outcome not in RightsOutcome.values:
        raise ValidationError({"outcome": _("Choose the answer.")})
    if outcome == RightsOutcome.GRANTED:
        reason = ""
    elif reason not in REFUSALS[request.kind]:
        raise ValidationError({"reason": _("Choose why the request is not granted in full: the client must be told.")})
    answer.outcome, answer.reason, answer.answered_at, answer.answered_by = outcome, reason, now, by
    answer.save(update_fields=["outcome", "reason", "answered_at", "answered_by"])
    record_event(by=by.user, verb="rights.answered", target=request, organisation_id=by.organisation_id, detail={"pathway": request.pseudonym, "kind": request.kind, "outcome": outcome, "reason": reason})
    return answer


def own_answer(by: Membership, request: RightsRequest) -> RightsAnswer:
    """The part that the acting person's organisation answers; of a request that was not put to it there is none."""
    answer = request.answers.select_for_update().filter(organisation=by.organisation_id).first()
    if answer is None or not may_answer_rights(by, request):
        raise PermissionDenied
    return answer
